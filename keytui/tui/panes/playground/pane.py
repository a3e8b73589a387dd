"""The playground: a conversation, its draft, and what both take and cost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from keytui.tui.messages import SetupWanted
from keytui.tui.panes.playground.comparing import ComparingPane
from keytui.tui.panes.playground.words import HELP, welcome
from keytui.tui.widgets.composer import Composer
from keytui.tui.widgets.facts_panel import FactsPanel
from keytui.tui.widgets.meter_line import MeterLine
from keytui.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from keytui.domain.keys import KeyRecord

FILE_WORD = "/file "
"""What a draft begins with that is the path of a file to be read."""

SIDE_PANEL_FROM = 100
"""Columns from which there is a side panel (as ``KeytuiApp.HORIZONTAL_BREAKPOINTS`` has it)."""


class PlaygroundPane(ComparingPane):
    """Transcript above, draft below, figures beside (or under) them."""

    HELP = HELP
    WHY = "tokens"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "stop", tooltip="Stop the answer; what has arrived is kept.", id="stop"),
        Binding("escape", "leave_draft", "panes", tooltip="Leave the draft: number keys switch panes.", id="leave"),
        Binding("f9", "probe", "check the route", tooltip="Check the route, stage by stage.", id="check-route"),
        Binding("f5", "edit_elsewhere", "editor", tooltip="Edit the draft in your editor.", show=False, id="editor"),
        Binding("i,enter", "write", "write", key_display="i", tooltip="Go back to the draft.", id="write"),
    ]

    # -- what is seen -------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """The talk, and the figures beside it."""
        with Vertical(id="talk"):
            yield Transcript(remote=self.keytui.remote)
            yield Composer(placeholder="Write a message")
            yield MeterLine()
        yield FactsPanel()

    def on_mount(self) -> None:
        """Welcome the user; the counter comes with the engine."""
        super().on_mount()
        self._welcome()

    def on_resize(self, event: events.Resize) -> None:
        """Where the side panel does not fit, the line below the draft says the most important of it."""
        self.query_one(MeterLine).folded = event.size.width < SIDE_PANEL_FROM

    def _welcome(self) -> None:
        first_time = self.keytui.settings.setup == "open"
        practice = self.services.practice
        self.query_one(Transcript).empty = welcome(key=self.key, practice=practice, first_time=first_time)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Stopping is possible only while an answer comes, and leaving the draft only while in it."""
        writing = isinstance(self.screen.focused, Composer)
        match action:
            case "stop":
                return self.busy
            case "leave_draft":
                return writing and not self.busy
            case "write":
                return not writing
            case "probe":
                return self.lost
        return True

    def watch_key(self, key: KeyRecord | None) -> None:
        """The welcome names the key."""
        if self.is_mounted:
            self._welcome()
        super().watch_key(key)

    # -- sending -------------------------------------------------------------------------------

    @on(Composer.Submitted)
    def _submitted(self, message: Composer.Submitted) -> None:
        if message.text.startswith(FILE_WORD):
            from keytui.tui.panes.playground import interop

            message.composer.load_text("")
            self.run_worker(interop.take_file(self, message.text.removeprefix(FILE_WORD).strip()), group="interop")
        elif message.text.strip():
            self.send(message.text)
        elif self.keytui.settings.setup == "open" and self.thread.untouched:
            self.post_message(SetupWanted())

    async def action_probe(self) -> None:
        """Walk the route to the server, over the conversation; offered here after an answer was lost on its way."""
        await self.run_action("screen.probe")

    def action_edit_elsewhere(self) -> None:
        """Edit the draft in the user's own editor."""
        from keytui.tui.panes.playground import interop

        interop.run(self, interop.edit_elsewhere)

    def action_leave_draft(self) -> None:
        """Give the focus to the conversation: there, number keys switch panes and arrows scroll."""
        self.focus_talk()

    def action_write(self) -> None:
        """Go back to the draft."""
        self.query_one(Composer).focus()

    def commands(self) -> Iterable[SystemCommand]:
        """The palette's commands of this pane."""
        from keytui.tui.panes.playground import interop

        yield from super().commands()
        yield from interop.commands(self)
