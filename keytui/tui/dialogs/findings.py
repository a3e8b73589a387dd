"""Everything that can be wrong on this machine: what ``keytui doctor`` says, inside the app."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from keytui.domain.findings import Finding, State
from keytui.tui.dialogs.dialog import Dialog
from keytui.tui.private.clipboard import copy
from keytui.tui.services import Services
from keytui.tui.widgets.finding_list import FindingList

_ORDER = {State.BAD: 0, State.NOTED: 1, State.GOOD: 2, State.SKIPPED: 3}


class FindingsDialog(Dialog[None]):
    """What is wrong stands first. Nothing is changed, and nothing in it is secret."""

    WHY = "proxies"
    HELP = """
    # This machine, examined

    What `keytui doctor` finds: files, keys, vaults, the network, the clock and the terminal. `✗` is wrong, `!` is worth
    knowing; below each stands what to do. Nothing is changed.
    """
    CSS_PATH = ["dialogs.tcss", "network.tcss"]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "close", "close", key_display="esc", id="close"),
        Binding("r", "again", "again", tooltip="Look at everything once more.", id="again"),
        Binding("c", "copy", "copy", tooltip="Copy all of it; no secret is in it.", id="copy-findings"),
    ]

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services

    def compose(self) -> ComposeResult:
        """The title, the findings, what there is to press."""
        with Vertical(id="dialog"):
            yield Static("This machine, examined", id="title", markup=False)
            with VerticalScroll(id="findings"):
                yield FindingList()
            yield Static("", id="note", markup=False)

    def on_mount(self) -> None:
        """Look at once."""
        self.query_one("#findings").focus()
        self._examine()

    @work(group="examine", exclusive=True, description="examine this machine")
    async def _examine(self) -> None:
        note = self.query_one("#note", Static)
        note.update("Looking at everything; at most five seconds, whatever hangs …")
        findings = await (await self._services.network()).examine()
        self.query_one(FindingList).findings = tuple(sorted(findings, key=lambda finding: _ORDER[finding.state]))
        note.update(f"{self._summary(findings)}   esc closes · c copies · r looks again")

    @staticmethod
    def _summary(findings: list[Finding]) -> str:
        bad = sum(finding.state is State.BAD for finding in findings)
        noted = sum(finding.state is State.NOTED for finding in findings)
        if not bad and not noted:
            return "Nothing is wrong."
        if not bad:
            return f"Nothing is wrong; {noted} to know."
        return f"{bad} wrong, {noted} to know."

    def action_again(self) -> None:
        """Look once more."""
        self._examine()

    async def action_copy(self) -> None:
        """Copy what was found."""
        text = "\n".join(
            f"{finding.state.value}: {finding.name}: {finding.detail} {finding.remedy}".rstrip()
            for finding in self.query_one(FindingList).findings
        )
        self.notify((await copy(self.app, text)).words, markup=False, timeout=5)

    def action_close(self) -> None:
        """Back to where it was asked."""
        self.dismiss(None)
