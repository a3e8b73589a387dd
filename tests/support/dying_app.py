"""keytui, killed at the n-th note that applying a plan writes: ``python -m tests.support.dying_app N setup …``."""

from __future__ import annotations

import os
import signal
import sys

from keytui.adapters.apply_journal import ApplyJournal
from keytui.cli import main
from keytui.domain.apply.journal import Journal


def die_at(note: int) -> None:
    """Let the process end at once when this note is on the disk."""
    save, written = ApplyJournal.save, [0]

    def fatal(self: ApplyJournal, journal: Journal) -> None:
        save(self, journal)
        written[0] += 1
        if written[0] == note:
            os.kill(os.getpid(), signal.SIGKILL)

    ApplyJournal.save = fatal  # type: ignore[method-assign]


if __name__ == "__main__":
    die_at(int(sys.argv.pop(1)))
    sys.exit(main())
