"""The route to a server, walked stage by stage: offered wherever a connection failed."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from keytui.domain.addresses import host_of
from keytui.domain.probe import Verdict
from keytui.tui.dialogs.dialog import Dialog
from keytui.tui.services import Services
from keytui.tui.widgets.stages import Stages


class ProbeDialog(Dialog[None]):
    """Begins at once; sends no key and costs nothing."""

    WHY = "proxies"
    HELP = """
    # The route to the server

    A request passes these stages in this order: the name is looked up, the connection made, a proxy passed, the
    certificate checked, and an API answers. Where it stops stands why, and what to do. No key is sent.
    """
    CSS_PATH = ["dialogs.tcss", "network.tcss"]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "close", "close", key_display="esc", id="close"),
        Binding("p,r", "again", "again", tooltip="Check the route once more.", id="again"),
    ]

    def __init__(self, services: Services, base_url: str) -> None:
        super().__init__()
        self._services, self._base_url = services, base_url

    def compose(self) -> ComposeResult:
        """The title, the stages, what came of it."""
        with Vertical(id="dialog"):
            yield Static(f"The route to {host_of(self._base_url)}", id="title", markup=False)
            with VerticalScroll(id="stages"):
                yield Stages()
            yield Static("", id="note", markup=False)

    def on_mount(self) -> None:
        """Walk at once."""
        self.query_one("#stages").focus()
        self._walk()

    @work(group="probe", exclusive=True, description="probe the route")
    async def _walk(self) -> None:
        note, stages = self.query_one("#note", Static), self.query_one(Stages)
        if self._services.offline:
            note.update("keytui was started with --offline. Start it without to check the route.   esc closes")
            return
        note.update("esc closes")
        stages.restart()
        try:
            prober = await self._services.prober()
            async for result in prober.route(self._base_url):
                stages.add(result)
        finally:
            stages.running = False
        failed = any(result.verdict is Verdict.FAILED for result in stages.results)
        outcome = "It stops here." if failed else "The route is open: send again."
        note.update(f"{outcome}   esc closes · r checks it again")

    def action_again(self) -> None:
        """Walk once more."""
        self._walk()

    def action_close(self) -> None:
        """Back to where it was asked."""
        self.dismiss(None)
