"""The user's own proxy and certificates: entered, tried, then kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Label, Static

from keytui.domain.addresses import is_loopback
from keytui.domain.keys import OPENAI_BASE_URL, StoreUnreadable, VaultTrouble
from keytui.domain.network import Network
from keytui.domain.own_route import LOOPBACK_TOO, OwnRoute, SignIn, assembled, split_sign_in
from keytui.domain.probe import Verdict
from keytui.domain.settings import TABLES
from keytui.tui.dialogs.dialog import Dialog
from keytui.tui.widgets.secret_input import SecretInput
from keytui.tui.widgets.stages import Stages

if TYPE_CHECKING:
    from keytui.tui.app import KeytuiApp

FIRST_NOTE = "enter tries this route, and keeps it when an API answers. The password goes to the vault."


class OwnRouteDialog(Dialog[OwnRoute | None]):
    """Answers the route to keep, or None to leave all as it is. One that does not work can be kept all the same."""

    WHY = "proxies"
    HELP = """
    # Your own proxy

    A **proxy** is a server between this machine and the API, as many companies have one. Programs find it in variables
    such as `HTTPS_PROXY`; what you enter here goes before those, for keytui alone.

    - **Not for**: hosts that are reached without it, as `localhost, .company.example`.
    - **Extra CA file**: your company's certificate, a `.pem` file. It is trusted beside the system's own.

    Your IT department knows both.
    """
    CSS_PATH = ["dialogs.tcss", "network.tcss"]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", id="leave"),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, network: Network, own: OwnRoute, try_at: str | None, *, force: str = "") -> None:
        """Make the dialog.

        Args:
            network: What tries a route.
            own: The route as it is now.
            try_at: The base URL to try the route with; None when nothing may be sent.
            force: Put into the exceptions while trying, so that the proxy is tried also for an address it is not for.
        """
        super().__init__()
        self._network, self._own, self._try_at, self._force = network, own, try_at, force
        self._failed: OwnRoute | None = None
        """The route that was tried last and does not work."""

    def compose(self) -> ComposeResult:
        """The fields, the stages of the trial, what there is to say, three buttons."""
        sign_in = self._own.sign_in
        with Vertical(id="dialog"):
            yield Static("Your own proxy and certificates", id="title", markup=False)
            for label, line in (
                ("Proxy", Input(self._own.proxy or "", placeholder="none; http://host:3128, socks5://…", id="proxy")),
                ("User", Input(sign_in.user if sign_in else "", placeholder="none", id="user")),
                ("Password", SecretInput(placeholder="none", id="password")),
                ("Not for", Input(self._own.no_proxy, placeholder="hosts, with commas between them", id="no-proxy")),
                ("Extra CA file", Input(self._own.certificates or "", placeholder="none", id="certificates")),
            ):
                with Horizontal(classes="field"):
                    yield Label(label, markup=False)
                    line.cursor_blink = False
                    line.add_class("-textual-compact")
                    yield line
            with VerticalScroll(id="stages"):
                yield Stages()
            yield Static(FIRST_NOTE, id="note", markup=False)
            with Horizontal(classes="actions"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Button("Use none", id="none", compact=True)
                yield Button("Try and keep", id="go", variant="primary", compact=True)

    def on_mount(self) -> None:
        """The address takes the keys."""
        if self._own.sign_in is not None:
            self.query_one(SecretInput).load(self._own.sign_in.password)
        self.query_one("#stages").can_focus = False
        self.query_one("#stages").display = False
        self.query_one("#proxy").focus()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.input.id == "proxy" and (split := split_sign_in(event.value)) is not None:
            # A password that came with a pasted address does not stay where it can be read.
            rest, sign_in = split
            event.input.value = rest
            self.query_one("#user", Input).value = sign_in.user
            self.query_one(SecretInput).load(sign_in.password)
        if self._failed is not None:
            self._failed = None
            self._propose("Try and keep")
            self.query_one("#note", Static).update(FIRST_NOTE)

    @property
    def entered(self) -> OwnRoute:
        """The route as it stands in the fields. Raises ``ValueError``."""
        user, certificates = self.query_one("#user", Input).value.strip(), self.query_one("#certificates", Input).value
        if certificates.strip() and not PurePath(certificates.strip()).is_absolute():
            raise ValueError("Give the whole path of the file with the extra certificates, from / on.")
        return assembled(
            self.query_one("#proxy", Input).value,
            SignIn(user, self.query_one(SecretInput).secret),
            self.query_one("#no-proxy", Input).value,
            certificates,
        )

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._take()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "cancel":
            self.dismiss(None)
        elif event.button.id == "none":
            self.dismiss(OwnRoute())
        elif self._failed is not None:
            self.dismiss(self._failed)
        else:
            self._take()

    def _take(self) -> None:
        try:
            own = self.entered
        except ValueError as refusal:
            self._say(str(refusal), "$error")
            return
        if own == OwnRoute() or self._try_at is None:
            self.dismiss(own)
        else:
            self._try(own, self._try_at)

    @work(group="try", exclusive=True, description="try a route to the API")
    async def _try(self, own: OwnRoute, base_url: str) -> None:
        stages = self.query_one(Stages)
        self.query_one("#stages").display = True
        self._say("Trying …")
        stages.restart()
        tried = OwnRoute(own.proxy, self._force or own.no_proxy, own.certificates, own.sign_in)
        try:
            async for result in self._network.trial(tried).route(base_url):
                stages.add(result)
                self.call_after_refresh(self.query_one("#stages", VerticalScroll).scroll_end, animate=False)
        finally:
            stages.running = False
        if not any(result.verdict is Verdict.FAILED for result in stages.results):
            self.dismiss(own)
            return
        self._failed = own
        self._propose("Keep it anyway")
        self._say("This route does not work yet. Correct it and press enter, or keep it anyway.", "$warning")

    def _propose(self, words: str) -> None:
        button = self.query_one("#go", Button)
        button.label = words
        # Textual does not measure it anew.
        button.refresh(layout=True)

    def _say(self, sentence: str, style: str = "") -> None:
        self.query_one("#note", Static).update(Content.styled(sentence, style) if style else Content(sentence))

    def action_leave(self) -> None:
        """Leave things as they are."""
        self.dismiss(None)


async def choose_own_route(app: KeytuiApp, base_url: str) -> bool:
    """Let the user choose an own proxy and certificates, tried at an address; they hold from the next request on.

    Answers whether something was kept, and has said what. Call it from a worker.
    """
    network = await app.services.network()
    # A trial at an address of this machine would say nothing about a proxy; in practice there is no other.
    local, practice = is_loopback(base_url), app.services.practice
    try_at = OPENAI_BASE_URL if local and not practice else base_url
    dialog = OwnRouteDialog(
        network,
        await network.own(),
        None if app.services.offline else try_at,
        force=LOOPBACK_TOO if local and practice else "",
    )
    own = await app.push_screen_wait(dialog)
    if own is None:
        return False
    try:
        settings, where = await network.keep(own)
    except (VaultTrouble, StoreUnreadable) as trouble:
        app.notify(str(trouble), severity="error", markup=False, timeout=10)
        return False
    kept = {name: getattr(settings, name) for name in TABLES}
    app.settings = replace(app.settings, **kept)
    said = "The environment decides again." if own == OwnRoute() else "The next request takes this route."
    if own.proxy and local:
        said = "Kept. Requests to this machine itself, as now, go without a proxy."
    app.notify(f"{said} The password is kept in {where}." if where else said, markup=False, timeout=6)
    return True
