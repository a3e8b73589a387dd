"""``keytui`` alone: the full-screen app. Nothing heavy is imported before its first frame."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from keytui.domain.troubles import Exit

if TYPE_CHECKING:
    from keytui.tui.private.environment import Readiness

PANES = ("keys", "playground", "costs", "network")


def run(arguments: Sequence[str]) -> int:
    """Open the app; the exit status is 0 unless it could not start or crashed."""
    options = _options(arguments)
    if isinstance(options, int):
        return options
    practice, offline, pane, mouse = options
    return start(practice=practice, offline=offline, pane=pane, mouse=mouse)


def _ready(*, practice: bool) -> Readiness:
    """Make the environment fit for the app, by the user's settings; before Textual is imported."""
    from keytui.adapters import paths
    from keytui.adapters.settings import SettingsFile
    from keytui.tui.private.environment import prepare

    settings = SettingsFile(paths.find(practice=practice).settings_file).load()
    return prepare(os.environ, line=settings.line, animations=settings.animations)


def start(
    *, practice: bool, offline: bool = False, pane: str = "playground", mouse: bool = True, setup: bool = False
) -> int:
    """Run the app until the user leaves it; what it asks for on leaving (practice instead, say) is done.

    The exit status is 0 unless it could not start or crashed.
    """
    ready = _ready(practice=practice)
    if ready.refusal is not None:
        sys.stderr.write(f"keytui: {ready.refusal}\n")
        return Exit.FAILED
    import gc

    # Nothing made during start is garbage: collecting in the middle of it only delays the first frame.
    gc.disable()
    from keytui.cli.backstage import Backstage
    from keytui.tui.app import KeytuiApp

    services = Backstage(practice=practice, offline=offline)
    app = KeytuiApp(services, pane=pane, ascii_only=ready.ascii_only, remote=ready.remote, setup=setup)  # type: ignore[arg-type]
    result = app.run(mouse=mouse)
    services.end()
    if result in ("practice", "real"):
        chosen = {"--practice": result == "practice", "--offline": offline, "--no-mouse": not mouse}
        command = [sys.executable, "-m", "keytui", *(option for option, on in chosen.items() if on)]
        os.execv(sys.executable, command)
    return app.return_code or 0


def _options(arguments: Sequence[str]) -> tuple[bool, bool, str, bool] | int:
    """(practice, offline, pane, mouse), or an exit status. Four options by hand: argparse would cost a frame's time."""
    practice = offline = False
    pane, mouse = "playground", True
    words = list(arguments)
    while words:
        word = words.pop(0)
        if word == "--practice":
            practice = True
        elif word == "--offline":
            offline = True
        elif word == "--no-mouse":
            mouse = False
        elif word == "--pane" or word.startswith("--pane="):
            pane = word.partition("=")[2] or (words.pop(0) if words else "")
            if pane not in PANES:
                sys.stderr.write(f"keytui: --pane takes one of {', '.join(PANES)}.\n")
                return Exit.USAGE
        else:
            sys.stderr.write(f"keytui: there is no option “{word}”. “keytui --help” lists them.\n")
            return Exit.USAGE
    return practice, offline, pane, mouse
