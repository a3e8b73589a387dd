"""The screen of the walk: title, rail, one step at a time, footer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import Button, Input, Static

from keytui.domain.keys import StoreUnreadable
from keytui.domain.setup import OWN, Progress, SetupResult, Step, ways
from keytui.tui.background import in_background
from keytui.tui.half_made import half_made_plan
from keytui.tui.screens.setup.rail import Rail
from keytui.tui.screens.setup.step import GOES_ON, StepButton, StepView
from keytui.tui.services import Services
from keytui.tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from keytui.domain.apply.unfinished import Unfinished
    from keytui.tui.app import KeytuiApp

VIEWS: Mapping[Step, tuple[str, str]] = {
    Step.YOU: ("you", "YouStep"),
    Step.ACCOUNT: ("account", "AccountStep"),
    Step.PROJECT: ("project", "ProjectStep"),
    Step.KEY: ("key", "KeyStep"),
    Step.MESSAGE: ("message", "MessageStep"),
    Step.USE: ("use", "UseStep"),
}
"""Module and class of each step; loaded when it is reached."""

ADMIN_KEY = "admin key in memory"
AUTOMATIC = ("automatic", "AutomaticStep")
"""The key's step with an admin key."""


class SetupScreen(Screen[SetupResult | None]):
    """Six short steps. It is dismissed with what the walk came to, or None when it was left."""

    CSS_PATH = "setup.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", GOES_ON, id="setup.on"),
        Binding("alt+left", "back", "back", key_display="alt+←", id="setup.back"),
        Binding("b,alt+b", "back", "back", show=False, id="setup.back-too"),
        Binding("alt+right", "skip", "skip", key_display="alt+→", id="setup.skip"),
        Binding("s", "skip", "skip", show=False, id="setup.skip-too"),
        Binding("f1", "why", "why?", id="setup.why"),
        Binding("question_mark", "why", "why?", show=False, id="setup.why-too"),
        Binding("escape", "leave", "leave", tooltip="Leave; how far you have come is kept.", id="setup.leave"),
    ]

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - declared so by Screen
        (0, "-tiny"),
        (60, "-small"),
        (78, "-narrow"),
        (100, "-wide"),
    ]

    progress: var[Progress] = var(Progress(), init=False)

    def __init__(self, services: Services, *, start_at: str | None = None) -> None:
        """``start_at`` is the name of a step (``you`` … ``use``); None takes the walk up where it was left."""
        super().__init__()
        self.services = services
        self._start_at = Step[start_at.upper()] if start_at else None
        self._view: StepView | None = None
        self._told = False

    @property
    def keytui(self) -> KeytuiApp:
        """The app, by its own type."""
        return cast("KeytuiApp", self.app)

    def compose(self) -> ComposeResult:
        """Title, rail, body, footer."""
        yield Static(id="title", markup=False)
        with Container(id="walk"):
            yield Rail().data_bind(SetupScreen.progress)
            yield Container(id="body")
        yield KeyBar()

    async def on_mount(self) -> None:
        """Take up what was kept."""
        self._entitle()
        try:
            kept = await in_background(self.services.progress.load)
        except StoreUnreadable as trouble:
            kept = None
            self._tell_once(str(trouble))
        progress = kept or Progress()
        left = await self._half_made()
        if left is not None and self._start_at is None:
            progress = replace(progress, way=OWN.name, step=Step.KEY)
        elif self._start_at is not None:
            if kept is None and self._start_at is not Step.YOU:
                # Whoever goes straight to a step has a key, or practises.
                progress = Progress(way=ways(practice=self.services.practice)[0].name)
            progress = progress.at(self._start_at)
        elif kept is not None and kept.step is not Step.YOU:
            self.notify("Taken up where you left it. Back shows the earlier steps.", timeout=4)
        await self._open(progress)

    async def _half_made(self) -> Unfinished | None:
        """The plan that an earlier keytui left half made; it comes before everything else."""
        try:
            return await half_made_plan(self.services)
        except StoreUnreadable as trouble:
            self._tell_once(str(trouble))
            return None

    def _entitle(self, *, admin_key: bool = False) -> None:
        """Say above everything what is so now: practice, and an admin key in memory."""
        modes = [word for word, on in (("practice", self.services.practice), (ADMIN_KEY, admin_key)) if on]
        words = Content.assemble((" keytui", "bold $accent"), "   set-up")
        told = [Content.assemble("   ", (word, "bold $warning")) for word in modes]
        self.query_one("#title", Static).update(Content("").join([words, *told]))

    async def _open(self, progress: Progress) -> None:
        """Show the step at which the progress stands."""
        module, name = AUTOMATIC if progress.automatic and progress.step is Step.KEY else VIEWS[progress.step]
        kind: type[StepView] = getattr(import_module(f"keytui.tui.screens.setup.{module}"), name)
        body = self.query_one("#body")
        view = kind(self.services, progress)
        self._entitle()
        with self.app.batch_update():
            await body.remove_children()
            self.progress = progress
            self._view = view
            await body.mount(view)
            view.first_focus().focus(scroll_visible=False)
        self.refresh_bindings()

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """What works now; enter goes by the name of the button that it presses."""
        keys = super().active_bindings
        enter = keys.get("enter")
        if enter is None or enter.binding.description != GOES_ON:
            return keys
        buttons = [enter.node] if isinstance(enter.node, StepButton) else self.query("#go-on")
        for button in buttons:
            if isinstance(button, Button):
                words = str(button.label).partition(",")[0]
                name = replace(enter.binding, description=words[:1].lower() + words[1:])
                keys["enter"] = enter._replace(binding=name)
        return keys

    # -- moving -----------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what works now is offered."""
        view = self._view
        if view is None:
            return action == "leave"
        if action == "go_on":
            return view.ready
        if action == "back":
            return not view.busy and self.progress.back().step is not self.progress.step
        if action == "skip":
            return view.SKIPS and not view.busy
        return True

    async def action_go_on(self) -> None:
        """Enter: do what the step proposes."""
        if self._view is not None and self._view.ready:
            await self._view.go_on()

    @on(Input.Submitted)
    async def _submitted(self, message: Input.Submitted) -> None:
        message.stop()
        await self.action_go_on()

    def action_back(self) -> None:
        """One step back; what was entered is kept."""
        # Later, in the screen's own turn: a button of the step cannot wait for its own removal.
        self.call_later(self._go_back)

    def action_skip(self) -> None:
        """Go on without this step."""
        self.call_later(self._skip)

    async def _go_back(self) -> None:
        if self._view is not None:
            await self._move(self._view.so_far().back())

    async def _skip(self) -> None:
        if self._view is not None:
            progress = self._view.so_far()
            if progress.last:
                await self._finish(SetupResult())
            else:
                await self._move(progress.forward(skipping=True))

    @on(StepView.Finished)
    async def _step_finished(self, message: StepView.Finished) -> None:
        message.stop()
        await self._move(message.progress.forward())

    @on(StepView.Changed)
    async def _step_changed(self, message: StepView.Changed) -> None:
        message.stop()
        await self._keep(message.progress)

    @on(StepView.AdminKeyHeld)
    def _admin_key_held(self, message: StepView.AdminKeyHeld) -> None:
        message.stop()
        self._entitle(admin_key=message.held)

    @on(StepView.Over)
    async def _over(self, message: StepView.Over) -> None:
        message.stop()
        await self._finish(message.result)

    async def _move(self, progress: Progress) -> None:
        await self._keep(progress)
        await self._open(progress)

    # -- keeping, leaving, finishing -----------------------------------------------------

    async def _keep(self, progress: Progress) -> None:
        try:
            await in_background(self.services.progress.save, progress)
        except StoreUnreadable as trouble:
            self._tell_once(str(trouble))

    def _tell_once(self, words: str) -> None:
        if not self._told:
            self._told = True
            self.notify(words, severity="warning", markup=False, timeout=12)

    async def action_leave(self) -> None:
        """Escape: stop what runs, else leave; how far the user has come is kept."""
        view = self._view
        if view is not None and view.busy:
            view.stop()
            return
        if view is not None:
            await self._keep(view.so_far())
        if self.keytui.settings.setup == "open":
            self.keytui.change_settings(setup="dismissed")
        self.app.notify("f2 goes on with set-up where you left it.", timeout=5)
        self.dismiss(None)

    async def _finish(self, result: SetupResult) -> None:
        if result.relaunch != "practice":
            try:
                await in_background(self.services.progress.forget)
            except StoreUnreadable as trouble:
                self._tell_once(str(trouble))
            self.keytui.change_settings(setup="finished")
        self.dismiss(result)

    def action_why(self) -> None:
        """Explain what the step is about."""
        if self._view is not None:
            from keytui.tui.screens.why.screen import WhyScreen

            self.app.push_screen(WhyScreen(self.services, self._view.topic, self._view.so_far()))
