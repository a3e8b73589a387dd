"""``keytui setup``: the walk to a key."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from keytui.domain.troubles import Exit

HELP = """\
usage: keytui setup [--practice]

Opens the app at the walk to a key: account, credit, project, key, first message, use elsewhere. It goes on where it
was left. With --practice everything happens on the practice service and nothing real is touched.
"""


def run(arguments: Sequence[str]) -> int:
    """Open the walk."""
    words = list(arguments)
    if any(word in ("-h", "--help") for word in words):
        sys.stdout.write(HELP)
        return Exit.DONE
    if unknown := [word for word in words if word != "--practice"]:
        sys.stderr.write(f"keytui setup: there is no option “{unknown[0]}”. “keytui setup --help” lists them.\n")
        return Exit.USAGE
    from keytui.cli.app import start
    from keytui.tui.private.environment import prepare

    readiness = prepare(os.environ)
    if readiness.refusal is not None:
        sys.stderr.write(f"keytui: {readiness.refusal}\n")
        return Exit.FAILED
    practice = "--practice" in words
    return start(
        practice=practice,
        offline=False,
        pane="playground",
        mouse=True,
        ascii_only=readiness.ascii_only,
        setup=True,
    )
