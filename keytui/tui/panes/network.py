"""How requests reach the API, and where the route is broken when it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.widgets import Static

from keytui.domain.addresses import is_loopback, is_openai
from keytui.domain.endpoints import described
from keytui.domain.keys import OPENAI_BASE_URL, KeyRecord, VaultTrouble
from keytui.domain.route import Route
from keytui.domain.secrets import Secret
from keytui.tui.panes.metering_part import MeteringPart
from keytui.tui.panes.pane import Pane
from keytui.tui.widgets.sheet import Line, Sheet
from keytui.tui.widgets.stages import Stages

HELP = """\
# Network

The **route** is how a request travels from this machine: to which address, through which proxy, trusting which
certificates.

- A **proxy** is a server between this machine and the API. Programs find it in variables such as `HTTPS_PROXY`;
  your own (**e**) goes before those, and changes nothing for other programs.
- Passwords in addresses are masked here and everywhere. Yours is kept in the vault.
- **Certificates** of your company are trusted beside the system's. Verification is never switched off.
- **p** checks the route stage by stage: name, connection, proxy, certificate, answer, key, model; each with its time.
  Where it stops, it says why and what to do. The key is sent only after an API has answered without it.
- **x** looks at everything that can be wrong on this machine, as `keytui doctor` does.

The probe costs nothing.

- **o** turns the metering proxy on and off. Programs on this machine then use your key without having it: they get the
  proxy's address and a local key (**c** copies it, **l** a line for the shell). Each request is booked and kept within
  your caps. `keytui proxy --add-program NAME` makes a local key whose requests are booked under that name.
- It puts in the key that is in use here, and ends with keytui; `keytui proxy` runs one without the app.
"""


class NetworkPane(Pane):
    """The route as it would be taken now, and a probe of each stage."""

    HELP = HELP
    WHY = "proxies"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "probe", "probe", tooltip="Check the route, stage by stage.", id="probe"),
        Binding("e", "edit", "own proxy", tooltip="Your own proxy and certificates.", id="own-proxy"),
        Binding("x", "examine", "examine", tooltip="Look for what is wrong on this machine.", id="examine"),
        Binding(
            "o", "metering", "metering", tooltip="Turn the metering proxy for other programs on or off.", id="metering"
        ),
        Binding("c", "copy_local_key", "local key", tooltip="Copy the local key.", id="copy-local-key"),
        Binding("l", "copy_line", "line", tooltip="Copy address and local key as a line.", id="copy-line"),
    ]

    def compose(self) -> ComposeResult:
        """The route and the server; the probe beside them, or below where there is no room; then what programs do."""
        with VerticalScroll(can_focus=True):
            with Container(id="columns"):
                with Vertical(id="about"):
                    yield Static("The route to the API", classes="head", markup=False)
                    yield Sheet(id="route")
                    yield Static("The server", classes="head", markup=False)
                    yield Sheet(id="server")
                with Vertical(id="walk"):
                    yield Static("Probe", classes="head", markup=False)
                    yield Stages()
                    yield Static(
                        "Press p to check the route, stage by stage.", id="invite", classes="dim", markup=False
                    )
            yield MeteringPart(self.services)

    @property
    def base_url(self) -> str:
        """Where requests go now."""
        return self.key.base_url if self.key else self.keytui.settings.base_url or OPENAI_BASE_URL

    def shown(self) -> None:
        """Describe the route as it is now."""
        self.query_one(VerticalScroll).focus()
        self._describe()

    def watch_key(self, key: KeyRecord | None) -> None:
        """Another key may take another route."""
        if self.is_mounted:
            self.query_one(Stages).results = ()
            self._describe()
            self.query_one(MeteringPart).follow(key)

    @work(group="route", exclusive=True, description="describe the route")
    async def _describe(self) -> None:
        base_url = self.base_url
        network = await self.services.network()
        route = await self.services.route(base_url)
        lines = [
            Line("route", kind_of_route(route)),
            Line("address", route.base_url),
            Line("named by", route.base_url_source if self.key else "the settings; there is no key yet"),
            Line("proxy", words_for_proxy(route)),
            Line("trusts", route.certificates),
        ]
        if self.keytui.remote:
            lines.append(Line("screen", 'far away: drawn 5 times a second; line = "fast" in config.toml changes that'))
        lines += [Line("note", warning, "$warning") for warning in route.warnings]
        if self.services.offline:
            lines.append(Line("note", "keytui was started with --offline: nothing is sent.", "$warning"))
        self.query_one("#route", Sheet).lines = tuple(lines)
        known = described(await network.capabilities(base_url))
        server = [Line(name, meaning, "" if lacking else "$dim") for name, meaning, lacking in known]
        unknown = Line("", "Nothing is known of it yet; it is found out while you use it.", "$dim")
        self.query_one("#server", Sheet).lines = tuple(server) or (unknown,)

    @work(group="probe", exclusive=True, description="probe the route")
    async def action_probe(self) -> None:
        """Walk the route to the address, stage by stage."""
        if self.services.offline:
            self.notify("keytui was started with --offline. Start it without to check the route.", timeout=5)
            return
        self.query_one("#invite").display = False
        stages = self.query_one(Stages)
        stages.restart()
        stages.scroll_visible(animate=False)
        try:
            prober = await self.services.prober()
            secret = await self._secret()
            results = prober.key(secret, self.base_url, model=self.model) if secret else prober.route(self.base_url)
            async for result in results:
                stages.add(result)
                self.call_after_refresh(stages.scroll_visible, animate=False)
        finally:
            stages.running = False
        # What the server has was found out on the way.
        self._describe()

    async def _secret(self) -> Secret | None:
        """The key in use; None when there is none, or when it cannot be read: then the route alone is walked."""
        if self.key is None:
            return None
        try:
            return await self.services.keys.secret(self.key)
        except VaultTrouble as trouble:
            self.notify(f"{trouble} The route is checked without the key.", severity="warning", markup=False, timeout=8)
            return None

    @work(group="edit", exclusive=True, description="edit the own proxy")
    async def action_edit(self) -> None:
        """Let the user choose an own proxy and certificates; they hold from the next request on."""
        from keytui.tui.dialogs.own_route import choose_own_route

        if await choose_own_route(self.keytui, self.base_url):
            self.query_one(Stages).results = ()
            self._describe()

    def action_examine(self) -> None:
        """Show everything that can be wrong on this machine."""
        from keytui.tui.dialogs.findings import FindingsDialog

        self.app.push_screen(FindingsDialog(self.services))

    # -- the metering proxy ---------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is something to copy while the metering proxy is on."""
        return action not in ("copy_local_key", "copy_line") or self.services.metering.handshake is not None

    def action_metering(self) -> None:
        """Turn the metering proxy on for the key in use, or off."""
        self.query_one(MeteringPart).turn(self.key)

    async def action_copy_local_key(self) -> None:
        """Copy the local key; the real one never leaves keytui."""
        await self.query_one(MeteringPart).copy_local_key()

    async def action_copy_line(self) -> None:
        """Copy what stands before a command in a shell, so that it asks through the proxy."""
        await self.query_one(MeteringPart).copy_line()

    def save(self) -> None:
        """The terminal is gone: what programs have under way is broken off soon, and booked."""
        self.services.metering.stop()

    def commands(self) -> Iterable[SystemCommand]:
        """The palette's commands of this pane."""
        yield SystemCommand("Probe the network", "Check the route to the API, stage by stage", self.action_probe)
        yield SystemCommand("Own proxy and certificates", "Enter, try and keep them", self.action_edit)
        yield SystemCommand("Metering proxy", "Turn it on or off for other programs", self.action_metering)


def kind_of_route(route: Route) -> str:
    """The route in a few words, its end included."""
    if is_loopback(route.base_url):
        end = "to a server on this machine"
    else:
        end = "to OpenAI" if is_openai(route.base_url) else "to a gateway or a compatible server"
    if route.proxy is None:
        return f"direct, {end}"
    return f"through {'your own proxy' if route.proxy_source.startswith('your own') else 'a proxy'}, {end}"


def words_for_proxy(route: Route) -> str:
    """The proxy and who named it, or why there is none."""
    if route.proxy is not None:
        return f"{route.proxy} ({route.proxy_source})"
    return "none" if route.proxy_source == "direct" else f"none: {route.proxy_source}"
