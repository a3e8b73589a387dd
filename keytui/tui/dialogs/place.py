"""Choosing where the characters of a key are kept."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widgets import Static

from keytui.domain.keys import FileState, Place, PlaceReport
from keytui.tui.dialogs.choose import Choice, ChooseDialog

PLACES = {
    Place.KEYRING: "the system's keyring",
    Place.FILE: "the encrypted file",
    Place.SESSION: "this session only",
    Place.ENVIRONMENT: "the environment",
    Place.DOTENV: ".env",
    Place.COMMAND: "a command",
}
"""Places in the user's words."""

_FILE = {
    FileState.MISSING: "a passphrase is chosen first",
    FileState.LOCKED: "locked; its passphrase is asked for",
    FileState.OPEN: "open",
}


class PlaceDialog(ChooseDialog[Place]):
    """The places that work here; why the others do not stands below them."""

    def __init__(
        self,
        title: str,
        reports: Sequence[PlaceReport],
        file_state: FileState,
        *,
        current: Place | None = None,
        stay: Place | None = None,
    ) -> None:
        """``current`` is left out: the key is there already. ``stay`` is a read-only place it can be read from."""
        choices = [Choice(stay, f"read it where it is: {PLACES[stay]}", "nothing is copied")] if stay else []
        for report in reports:
            if report.place is current or not (report.usable or report.place is Place.FILE):
                continue
            detail = _FILE[file_state] if report.place is Place.FILE else _DETAILS[report.place]
            choices.append(Choice(report.place, PLACES[report.place], detail))
        super().__init__(choices)
        self._title_words = title
        away = (report for report in reports if not report.usable and report.place is not Place.FILE)
        self._note = " ".join(report.reason for report in away)

    def on_mount(self) -> None:
        """Say what is asked."""
        super().on_mount()
        self.query_one("#title", Static).update(self._title_words)


_DETAILS = {Place.KEYRING: "locked with your session", Place.SESSION: "gone when keytui ends"}
