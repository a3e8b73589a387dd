"""What all steps have in common: a heading, why it matters, a body, and the ways on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Static

from keytui.domain.setup import Progress, SetupResult
from keytui.domain.setup_words import words_of
from keytui.tui.services import Services

if TYPE_CHECKING:
    from keytui.tui.app import KeytuiApp


GOES_ON = "continue"
"""What the footer says of enter where no button says it better."""


class StepButton(Button):
    """A button of a step; the footer says that enter presses it. It takes the next press at once."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "press", GOES_ON, id="setup.button")]

    def __init__(
        self,
        label: str,
        *,
        id: str,  # noqa: A002 - Textual's own word
        action: str | None = None,
    ) -> None:
        super().__init__(label, id=id, action=action, compact=True)
        # While a button shows that it was pressed it ignores the next press: the second enter of a quick user.
        self.active_effect_duration = 0


class StepView(Vertical):
    """One step. It is given the progress so far, and tells what it came to with ``Finished``."""

    GO_ON: ClassVar[str] = "Continue"
    SKIPS: ClassVar[bool] = True

    class Finished(Message):
        """The step is done; ``progress`` holds what was chosen in it."""

        def __init__(self, progress: Progress) -> None:
            super().__init__()
            self.progress = progress

    class Changed(Message):
        """Something worth keeping was chosen in the middle of the step."""

        def __init__(self, progress: Progress) -> None:
            super().__init__()
            self.progress = progress

    class AdminKeyHeld(Message):
        """An admin key is in memory, or not any more."""

        def __init__(self, held: bool) -> None:
            super().__init__()
            self.held = held

    class Over(Message):
        """The walk ends here."""

        def __init__(self, result: SetupResult) -> None:
            super().__init__()
            self.result = result

    def __init__(self, services: Services, progress: Progress) -> None:
        super().__init__()
        self.services = services
        self.progress = progress

    @property
    def keytui(self) -> KeytuiApp:
        """The app, by its own type."""
        return cast("KeytuiApp", self.app)

    def compose(self) -> ComposeResult:
        """Heading and reason above, the body, and the ways on at the foot."""
        words = words_of(self.progress)
        yield Static(words.heading, id="heading", markup=False)
        yield Static(words.why, id="why", markup=False)
        with Vertical(id="content"):
            yield from self.content()
        with Horizontal(id="ways-on"):
            yield StepButton(self.GO_ON, id="go-on", action="screen.go_on")
            yield from self.more_ways()
            back = StepButton("Back", id="back", action="screen.back")
            back.display = self.progress.back().step is not self.progress.step
            yield back
            skip = StepButton("Skip", id="skip", action="screen.skip")
            skip.display = self.SKIPS
            yield skip

    @property
    def topic(self) -> str:
        """The explanation that f1 opens; a name in ``keytui.domain.explanations``."""
        return words_of(self.progress).topic

    def content(self) -> Iterable[Widget]:
        """The widgets of the step."""
        return ()

    def more_ways(self) -> Iterable[Widget]:
        """Buttons beside the first one."""
        return ()

    def first_focus(self) -> Widget:
        """What has the focus when the step opens."""
        return self.query_one("#go-on", Button)

    @property
    def ready(self) -> bool:
        """Whether going on is possible now."""
        return True

    @property
    def busy(self) -> bool:
        """Whether something runs that escape should stop before it leaves."""
        return False

    def stop(self) -> None:
        """End what runs."""

    async def go_on(self) -> None:
        """Enter: by default the step is done as it stands."""
        self.post_message(self.Finished(self.so_far()))

    def so_far(self) -> Progress:
        """The progress with what stands in the step now; kept also when the user goes back or leaves."""
        return self.progress

    def choose(self, **changes: object) -> Progress:
        """The progress with some of its fields replaced."""
        return replace(self.progress, **changes)  # type: ignore[arg-type]

    def rename_go_on(self, words: str) -> None:
        """Say what enter does now."""
        button = self.query_one("#go-on", Button)
        button.label = words
        # A button keeps the width of its first label otherwise.
        button.refresh(layout=True)
        self.screen.refresh_bindings()
