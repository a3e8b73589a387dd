"""The application: looks, settings, quitting; everything else is on its screens."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual import on
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from keytui.domain.keys import StoreUnreadable
from keytui.domain.settings import Settings
from keytui.tui.private.copies import ShowsCopies
from keytui.tui.private.crash import QuietCrash
from keytui.tui.private.display import CellDiff
from keytui.tui.private.distance import FAR, AskedTerminal
from keytui.tui.private.endings import CalmEndings
from keytui.tui.private.hangup import HangupGuard
from keytui.tui.private.leftovers import NoLeftovers
from keytui.tui.private.notices import SaidOnce
from keytui.tui.private.pictures import QuietPictures
from keytui.tui.private.styles import StylesOnce
from keytui.tui.screens.main import MainScreen, PaneName
from keytui.tui.theme import THEMES, filled_in
from keytui.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from keytui.tui.services import Services

KEY_NAMES = {"enter": "enter", "escape": "esc", "question_mark": "?", "delete": "del"}

_AT_REST = 3.0
"""Seconds after the start at which the app is at rest and asks how far away its terminal is."""

Relaunch = Literal["practice", "real"]
"""What the app asks its starter to do when it ends: start again on the practice service, or on real keys."""


class KeytuiApp(
    CalmEndings,
    QuietCrash,
    QuietPictures,
    AskedTerminal,
    NoLeftovers,
    SaidOnce,
    ShowsCopies,
    StylesOnce,
    CellDiff,
    App[Relaunch | None],
):
    """keytui in full screen. ``run()`` answers None, or how it wants to be started again."""

    TITLE = "keytui"
    # textual 8.2.8 reads the CSS_PATH of screens that are pushed, but not that of the default one: it is named here.
    CSS_PATH = ["app.tcss", "screens/main.tcss"]  # noqa: RUF012
    ENABLE_COMMAND_PALETTE = True
    SUSPENDED_SCREEN_CLASS = "-screen-suspended"
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (18, "-low"), (30, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+q", "quit", "quit", tooltip="Leave keytui; nothing is lost.", show=False, priority=True, id="quit"
        ),
        Binding("f10", "quit", "quit", show=False, id="quit-too"),
        # While a draft is written, ctrl+z undoes; the palette has both.
        Binding("ctrl+z", "suspend_process", "suspend", show=False, id="suspend"),
        Binding("ctrl+l", "redraw", "redraw", tooltip="Draw the screen anew.", show=False, id="redraw"),
        Binding(
            "f7", "show_copied", "show copied", tooltip="Show alone what was copied.", show=False, id="show-copied"
        ),
        Binding("f1", "help", "help", tooltip="Explain what has the focus.", id="help"),
        Binding("question_mark", "help", "help", key_display="?", show=False, id="help-too"),
    ]

    def __init__(
        self,
        services: Services,
        *,
        pane: PaneName = "playground",
        ascii_only: bool = False,
        remote: bool = False,
        setup: bool = False,
    ) -> None:
        super().__init__()
        self.services = services
        self.ascii_only = ascii_only
        self.remote = remote
        """Whether the screen is at the other end of a slow line: then nothing is drawn that carries no news."""
        self.set_class(ascii_only, "-ascii")
        self._first_pane = pane
        self._begin_with_setup = setup
        self.settings: Settings = services.settings.load()
        for theme in THEMES:
            self.register_theme(theme)
        chosen = self.settings.theme
        self.begin_with_theme(chosen if chosen in self.available_themes else THEMES[0].name)

    def get_default_screen(self) -> Screen[Any]:
        """The main screen."""
        return MainScreen(self.services, self._first_pane, setup=self._begin_with_setup)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """For the looks that Textual brings, which are offered too."""
        return filled_in(self.current_theme)

    def on_mount(self) -> None:
        """Watch over the terminal: when it vanishes, everything is saved and the process ends."""
        if not self.is_headless:
            HangupGuard(self, self.save).start()
            if self.settings.line == "auto" and not self.remote:
                self.set_timer(_AT_REST, self.ask_terminal)

    def terminal_answered(self, seconds: float) -> None:
        """A line may be slow without being ssh's: serial, a container far away, a terminal in a browser."""
        if seconds < FAR or self.remote:
            return
        self.remote = True
        for screen in self.screen_stack:
            for transcript in screen.query(Transcript):
                transcript.remote = True
        self.notify(
            f"Your terminal is {seconds:.1f} s away, so answers are drawn less often. If that is wrong, "
            'say line = "fast" in config.toml.',
            markup=False,
            timeout=8,
        )

    def save(self) -> None:
        """Keep what would be lost. Called by another thread when the terminal is gone."""
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen):
                screen.save()

    async def action_quit(self) -> None:
        """Leave for the shell."""
        await self.leave()

    async def leave(self, relaunch: Relaunch | None = None) -> None:
        """End; what was typed since the draft was last kept is kept first, where that is possible."""
        from keytui.tui.background import in_background

        with suppress(StoreUnreadable, LookupError):  # that nothing can be kept was told when it began
            await in_background(self.save)
        self.exit(relaunch)

    @on(Transcript.CopyRequested)
    async def _copy(self, message: Transcript.CopyRequested) -> None:
        from keytui.tui.private.clipboard import copy

        copied = await copy(self, message.text)
        self.notify(copied.words, markup=False, timeout=5)

    def change_settings(self, **changes: object) -> None:
        """Replace some settings and keep them; when the file cannot be written they hold for this session, told so."""
        # Read anew: what was changed elsewhere meanwhile, by hand too, must not be written over.
        self.settings = replace(self.services.settings.load(), **changes)  # type: ignore[arg-type]
        try:
            self.services.settings.save(self.settings)
        except StoreUnreadable as trouble:
            self.notify(str(trouble), severity="warning", markup=False, timeout=10)

    def watch_theme(self, theme: str) -> None:
        """Keep the look that was chosen."""
        if self.is_running and theme != self.settings.theme:
            self.change_settings(theme=theme)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette's app-wide commands. Textual's screenshot is left out: it would write down what is revealed."""
        yield SystemCommand("Help", "Explain what is in front, and its keys (f1)", self.action_help)
        yield SystemCommand("Theme", "Other colours: dark, light, the terminal's own …", self.action_change_theme)
        yield SystemCommand("Show what was copied", "Alone, for the mouse to select (f7)", self.action_show_copied)
        yield SystemCommand("Suspend", "Back to the shell; fg brings keytui back", self.action_suspend_process)
        yield SystemCommand("Quit", "Leave keytui; nothing is lost (ctrl+q)", self.action_quit)
        if isinstance(screen, MainScreen):
            yield from screen.commands()

    def action_command_palette(self) -> None:
        """Open the palette."""
        from keytui.tui.private.palette import Palette

        if not Palette.is_open(self):
            # Without Textual's id for it: what ends meanwhile may have put its dialog over an open palette.
            self.push_screen(Palette())

    def search_themes(self) -> None:
        """Choose another look, in the same palette."""
        from textual.theme import ThemeProvider

        from keytui.tui.private.palette import Palette

        self.push_screen(Palette(providers=[ThemeProvider], placeholder="Search for themes…"))

    def get_key_display(self, binding: Binding) -> str:
        """Keys by their names: an arrow for enter is a riddle to some, and missing in some fonts."""
        return binding.key_display or KEY_NAMES.get(binding.key) or super().get_key_display(binding)

    def action_help(self) -> None:
        """Explain what has the focus, and the keys that work there."""
        from keytui.tui.dialogs.help import HelpDialog

        if not isinstance(self.screen, HelpDialog):
            self.push_screen(HelpDialog(self.screen), self._explain)

    def _explain(self, topic: str | None) -> None:
        if topic is not None:
            from keytui.tui.screens.why.screen import WhyScreen

            self.push_screen(WhyScreen(self.services, topic))

    def action_help_quit(self) -> None:
        """Ctrl+c: never loses work; it says how to leave."""
        self.notify("ctrl+q leaves keytui. Nothing is lost: your draft and your conversation are kept.", timeout=4)
