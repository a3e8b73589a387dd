"""The main screen: the status line, the four panes, the footer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, cast, get_args

from textual import on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.reactive import var
from textual.screen import Screen

from keytui.domain.keys import OPENAI_BASE_URL, KeyRecord, StoreUnreadable
from keytui.tui.background import in_background
from keytui.tui.memory import settle_memory
from keytui.tui.messages import ConversationWanted, EntryBooked, KeysChanged, ModelChosen, SetupWanted
from keytui.tui.panes.pane import A_MOMENT, Pane
from keytui.tui.widgets.key_bar import KeyBar
from keytui.tui.widgets.status_line import Status, StatusLine
from keytui.tui.widgets.tab_bar import TabBar
from keytui.tui.widgets.transcript import warm

if TYPE_CHECKING:
    from keytui.domain.setup import SetupResult
    from keytui.tui.app import KeytuiApp
    from keytui.tui.services import Services

PaneName = Literal["keys", "playground", "costs", "network"]
PANE_NAMES: tuple[PaneName, ...] = get_args(PaneName)
PANES = Path(__file__).parents[1] / "panes"
"""Where a stylesheet lies beside each pane; it is read when the pane is mounted."""
BUTTONS = Path(__file__).parents[1] / "buttons.tcss"
"""How buttons look. No pane has one, so that it is read after the first frame."""


class MainScreen(Screen[None]):
    """Owns what all panes share: the active key, the model, the month's spend."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(
                f"{number},alt+{number}",
                f"pane('{name}')",
                name.capitalize(),
                show=False,
                tooltip=f"To the {name.capitalize()} pane.",
                id=f"pane-{name}",
            )
            for number, name in enumerate(PANE_NAMES, 1)
        ),
        Binding("f2", "setup", "set-up", tooltip="Set-up: to a key, step by step.", show=False, id="setup"),
        Binding("f9", "probe", "probe", tooltip="Check the route, stage by stage.", show=False, id="probe-route"),
    ]

    key: var[KeyRecord | None] = var(None, init=False)
    model: var[str] = var("", init=False)
    status: var[Status] = var(Status())

    _half_made = ""
    """What was said of a plan that was left half made."""

    def __init__(self, services: Services, first: PaneName, *, setup: bool = False) -> None:
        super().__init__()
        self.services = services
        self._begin_with_setup = setup
        self._first = first
        self._panes: dict[PaneName, Pane] = {}
        self._services_started = False
        self._started: set[Pane] = set()

    @property
    def keytui(self) -> KeytuiApp:
        """The app, by its own type."""
        return cast("KeytuiApp", self.app)

    def compose(self) -> ComposeResult:
        """Lines above and below; a pane is mounted between them when it is first shown."""
        yield StatusLine().data_bind(MainScreen.status)
        yield TabBar([(name, name.capitalize()) for name in PANE_NAMES])
        yield KeyBar()

    async def on_mount(self) -> None:
        """Show the first pane; all that takes time begins after the first frame."""
        self.model = self.keytui.settings.default_model
        modes = [word for word, on in (("practice", self.services.practice), ("offline", self.services.offline)) if on]
        self.status = Status(model=self.model, mode=" ".join(modes))
        self.services.keys.when_locked = self._open_file
        self._read_keys()
        await self.show_pane(self._first)
        self.call_after_refresh(self.set_timer, A_MOMENT, self._begin)

    def _read_keys(self) -> None:
        try:
            self.key = self.services.keys.active()
        except StoreUnreadable as trouble:
            self.notify(str(trouble), severity="error", markup=False, timeout=20)

    async def _open_file(self) -> bool:
        """Ask for the passphrase of the encrypted file, whoever needs a key out of it."""
        from keytui.tui.dialogs.passphrase import open_file

        return await open_file(self.app, self.services.keys)

    @work(description="start what comes after the first frame")
    async def _begin(self) -> None:
        if self.keytui.read_styles(BUTTONS) and len(self.app.screen_stack) > 1:
            # A quick user has opened something already; its buttons are drawn anew.
            self.app.stylesheet.update(self.app)
        if problem := self.services.settings.problem:
            self.notify(problem, severity="warning", markup=False, timeout=20)
        if self._begin_with_setup:
            self.action_setup()
        await self.services.start()
        self._read_keys()
        from keytui.tui.screens import news

        await news.heal_keys(self)
        await news.book_left_behind(self)
        if not self._begin_with_setup:
            # Set-up says so itself.
            self._half_made = await news.half_made(self)
        news.remind(self)
        self._services_started = True
        for pane in self._panes.values():
            self._tell_started(pane)
        await self._sum_up()
        await in_background(warm)
        settle_memory()

    def _tell_started(self, pane: Pane) -> None:
        """Tell a pane once that the services are there, whichever of both came first."""
        if self._services_started and pane.is_mounted and pane not in self._started:
            self._started.add(pane)
            pane.services_started()

    # -- panes ------------------------------------------------------------------------

    async def show_pane(self, name: PaneName) -> Pane:
        """Bring a pane to the front, mounting it the first time."""
        pane = self._panes.get(name)
        if pane is None:
            module = import_module(f"keytui.tui.panes.{name}")
            self.keytui.read_styles(PANES / f"{name}.tcss")
            pane = cast("Pane", getattr(module, f"{name.capitalize()}Pane")(self.services))
            pane.add_class("pane")
            pane.key, pane.model = self.key, self.model
            self._panes[name] = pane
            await self.mount(pane, before=self.query_one(KeyBar))
            self._tell_started(pane)
        for other in self._panes.values():
            other.display = other is pane
        self.query_one(TabBar).active = name
        pane.shown()
        return pane

    async def action_pane(self, name: PaneName) -> None:
        """Switch to a pane."""
        await self.show_pane(name)

    @on(TabBar.Chosen)
    async def _tab_chosen(self, message: TabBar.Chosen) -> None:
        await self.show_pane(cast("PaneName", message.name))

    def commands(self) -> Iterable[SystemCommand]:
        """What the palette offers here."""
        from keytui.domain.explanations import TEXTS

        for number, name in enumerate(PANE_NAMES, 1):
            title, what = f"Pane: {name.capitalize()}", f"Open this pane ({number})"
            yield SystemCommand(title, what, partial(self.run_pane, name))
        yield SystemCommand("Set-up", "The walk to a key, step by step", self.action_setup)
        if self.services.practice:
            words = "keytui starts again on your own keys"
            yield SystemCommand("Leave practice", words, partial(self.keytui.leave, "real"))
        yield SystemCommand("Probe", "Check the route to the server, stage by stage (f9)", self.action_probe)
        yield SystemCommand("Doctor", "Look for everything that can be wrong on this machine", self.action_doctor)
        for topic, why in TEXTS.items():
            yield SystemCommand(f"Why: {why.title}", "Explained in a few sentences", partial(self.action_why, topic))
        for pane in self._panes.values():
            if pane.display:
                yield from pane.commands()

    def action_why(self, topic: str) -> None:
        """Explain something, over whatever pane is in front."""
        from keytui.tui.screens.why.screen import WhyScreen

        self.app.push_screen(WhyScreen(self.services, topic))

    def action_probe(self) -> None:
        """Walk the route to the server of the key in use, over whatever pane is in front."""
        from keytui.tui.dialogs.probe import ProbeDialog

        base_url = self.key.base_url if self.key else self.keytui.settings.base_url or OPENAI_BASE_URL
        self.app.push_screen(ProbeDialog(self.services, base_url))

    def action_doctor(self) -> None:
        """Show what “keytui doctor” would say."""
        from keytui.tui.dialogs.findings import FindingsDialog

        self.app.push_screen(FindingsDialog(self.services))

    def run_pane(self, name: PaneName) -> None:
        """Switch to a pane from where waiting is not possible."""
        self.call_later(self.show_pane, name)

    def save(self) -> None:
        """Keep what would be lost; called by another thread when the terminal is gone."""
        for pane in self._panes.values():
            pane.save()

    # -- what panes tell ----------------------------------------------------------------

    @on(KeysChanged)
    def _keys_changed(self, message: KeysChanged) -> None:
        self.key = message.active
        self._sum_up_again()
        for pane in self._panes.values():
            pane.keys_changed()

    @on(ModelChosen)
    def _model_chosen(self, message: ModelChosen) -> None:
        self.model = message.model

    @on(EntryBooked)
    def _entry_booked(self, message: EntryBooked) -> None:
        self._sum_up_again()
        for pane in self._panes.values():
            pane.entry_booked(message.entry)

    @on(SetupWanted)
    def _setup_wanted(self, message: SetupWanted) -> None:
        self.action_setup(message.at)

    @on(ConversationWanted)
    async def _conversation_wanted(self, message: ConversationWanted) -> None:
        pane = await self.show_pane("playground")
        pane.open_conversation(message.head)

    # -- what all panes share -------------------------------------------------------------

    def watch_key(self, key: KeyRecord | None) -> None:
        """Another key: its own model, and every pane is told."""
        if key is not None and key.default_model:
            self.model = key.default_model
        self.status = replace(self.status, key_name=key.name if key else None, last4=key.last4 if key else "")
        for pane in self._panes.values():
            pane.key = key

    def watch_model(self, model: str) -> None:
        """Another model: every pane is told."""
        self.status = replace(self.status, model=model)
        for pane in self._panes.values():
            pane.model = model

    @work(group="sums", exclusive=True, description="sum up the month")
    async def _sum_up_again(self) -> None:
        await self._sum_up()

    async def _sum_up(self) -> None:
        ledger = await self.services.ledger()
        today = self.services.now().astimezone().date()
        day = await in_background(ledger.total, since=today, until=today)
        month = await in_background(ledger.total, since=today.replace(day=1), until=today)
        cap = self.key.monthly_cap if self.key and self.key.monthly_cap else self.keytui.settings.monthly_cap
        self.status = replace(self.status, today=day.cost, month=month.cost, cap=cap, unpriced=bool(month.unpriced))

    # -- set-up -----------------------------------------------------------------------------

    def action_setup(self, at: str | None = None) -> None:
        """Open the walk to a key, where it was left or at a named step."""
        from keytui.tui.screens.setup.screen import SetupScreen

        self.keytui.withdraw(self._half_made)
        self.app.push_screen(SetupScreen(self.services, start_at=at), self._setup_done)

    def _setup_done(self, result: SetupResult | None) -> None:
        if result is not None and result.relaunch is not None:
            self.call_later(self.keytui.leave, result.relaunch)
            return
        self._read_keys()
        self._sum_up_again()
        for pane in self._panes.values():
            pane.keys_changed()
            pane.setup_done()
