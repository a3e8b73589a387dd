"""How requests reach the API, and where the way is broken when it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from keytui.domain.keys import OPENAI_BASE_URL, KeyRecord
from keytui.domain.routes import Route
from keytui.tui.panes.pane import Pane
from keytui.tui.services import Services
from keytui.tui.widgets.sheet import Line, Sheet
from keytui.tui.widgets.stages import Stages

HELP = """\
# Network

How a request travels from this machine: to which address, through which proxy, trusting which certificates.

- A **proxy** is a server between this machine and the API. Programs find it in variables such as `HTTPS_PROXY`.
- Passwords in addresses are masked here and everywhere.
- **p** walks the way stage by stage: name, proxy, connection, certificate, answer; each with its time.
  Where it stops, it says why and what to do.

The probe sends no key and costs nothing.
"""


class NetworkPane(Pane):
    """The route as it would be taken now, and a probe of each stage."""

    HELP = HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "probe", "probe", tooltip="Walk the way stage by stage.", id="probe"),
    ]

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._route: Route | None = None

    def compose(self) -> ComposeResult:
        """The route above, the probe below."""
        with VerticalScroll(can_focus=True):
            yield Static("The way to the API", classes="head", markup=False)
            yield Sheet(id="route")
            yield Static("Probe", classes="head", markup=False)
            yield Stages()
            yield Static("Press p to walk the way stage by stage.", id="invite", classes="dim", markup=False)

    @property
    def base_url(self) -> str:
        """Where requests go now."""
        return self.key.base_url if self.key else self.keytui.settings.base_url or OPENAI_BASE_URL

    def shown(self) -> None:
        """Describe the route as it is now."""
        self.query_one(VerticalScroll).focus()
        self._describe()

    def watch_key(self, key: KeyRecord | None) -> None:
        """Another key may go another way."""
        if self.is_mounted:
            self.query_one(Stages).results = ()
            self._describe()

    @work(group="route", exclusive=True, description="describe the route")
    async def _describe(self) -> None:
        route = await self.services.route(self.base_url)
        lines = [
            Line("address", route.base_url),
            Line("said by", route.base_url_source),
            Line("proxy", route.proxy or "none, the way is direct"),
            Line("said by", route.proxy_source),
            Line("trusts", route.certificates),
        ]
        lines += [Line("note", warning, "$warning") for warning in route.warnings]
        if self.services.offline:
            lines.append(Line("note", "keytui was started with --offline: nothing is sent.", "$warning"))
        self.query_one("#route", Sheet).lines = tuple(lines)

    @work(group="probe", exclusive=True, description="probe the route")
    async def action_probe(self) -> None:
        """Walk the way to the address, stage by stage."""
        if self.services.offline:
            self.notify("keytui was started with --offline. Start it without to probe the way.", timeout=5)
            return
        self.query_one("#invite").display = False
        stages = self.query_one(Stages)
        stages.restart()
        try:
            prober = await self.services.prober()
            async for result in prober.route(self.base_url):
                stages.add(result)
        finally:
            stages.running = False

    def commands(self) -> Iterable[SystemCommand]:
        """The palette's commands of this pane."""
        yield SystemCommand("Probe the network", "Walk the way to the API stage by stage", self.action_probe)
