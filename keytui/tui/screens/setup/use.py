"""Step 6: how other programs use the key, where everything is, and what to look at in a month."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget
from textual.widgets import Button, Static

from keytui.domain.keys import OPENAI_BASE_URL, KeyRecord, StoreUnreadable
from keytui.domain.money import dollars
from keytui.domain.places import KEPT
from keytui.domain.setup import REVIEW_DAYS, SetupResult
from keytui.domain.setup_words import FOR_REAL, PRACTISED
from keytui.domain.snippets import Snippet, snippets
from keytui.tui.screens.setup.marks import marks
from keytui.tui.screens.setup.pages import hand_to_clipboard
from keytui.tui.screens.setup.picker import Picker
from keytui.tui.screens.setup.step import StepButton, StepView
from keytui.tui.widgets.sheet import Line, Sheet


class UseStep(StepView):
    """The last step: enter ends the walk."""

    GO_ON: ClassVar[str] = "Finish"
    SKIPS: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("c", "copy", "copy", id="use.copy")]

    def content(self) -> Iterable[Widget]:
        """Snippets, then what is where."""
        self._key = self._find_key()
        model = (self._key and self._key.default_model) or self.progress.plan.default_model
        self._snippets = snippets(
            key_name=self._key.name if self._key else self.progress.plan.key.name,
            base_url=self._key.base_url if self._key else OPENAI_BASE_URL,
            model=model,
            embeddings=self.progress.plan.permissions.preset == "embeddings",
        )
        yield Picker([(snippet, snippet.name, "") for snippet in self._snippets], all_shown=True, id="snippet")
        yield Container(Static("", id="text", markup=False), id="frame")
        yield Static("", id="note", markup=False)
        yield Sheet(self._review(), id="review")

    def more_ways(self) -> Iterable[Widget]:
        """After practice, the real thing."""
        if self.services.practice:
            yield StepButton("Now for real", id="for-real")

    def _find_key(self) -> KeyRecord | None:
        try:
            records, active = self.services.keys.records(), self.services.keys.active()
        except StoreUnreadable:
            # The walk has said so already, at the key; here the snippets still help.
            return None
        return next((record for record in records if record.id == self.progress.key_id), active)

    def _review(self) -> list[Line]:
        day = self.services.now().astimezone() + timedelta(days=REVIEW_DAYS)
        key, plan, rows = self._key, self.progress.plan, list[Line]()
        if key is not None:
            name = f"{key.name} {marks(self).dots}{key.last4}" if key.last4 else key.name
            rows.append(Line("Your key", f"{name}, {PRACTISED if self.services.practice else KEPT[key.place]}"))
        else:
            rows.append(Line("Your key", "none yet; f2 takes this walk up again"))
        if self.services.practice:
            rows.append(Line("For real", FOR_REAL))
        else:
            rows.append(Line("The rest", "“keytui paths” lists every file that keytui keeps"))
        cap = f"does the cap of {dollars(plan.cap)} fit" if plan.cap is not None else "is a cap needed"
        rows.append(Line(f"{day.day} {day:%B}", f"was it used, {cap}, when does it expire?"))
        return rows

    def first_focus(self) -> Widget:
        """The kinds of program; enter finishes."""
        return self.query_one("#snippet", Picker)

    def on_mount(self) -> None:
        """Show the first snippet."""
        self._show()

    @property
    def _snippet(self) -> Snippet:
        return self.query_one("#snippet", Picker).value  # type: ignore[no-any-return]

    @on(Picker.Changed)
    def _turned(self, message: Picker.Changed) -> None:
        message.stop()
        self._show()

    def _show(self) -> None:
        self.query_one("#text", Static).update(self._snippet.text)
        self.query_one("#note", Static).update(self._snippet.note)

    async def action_copy(self) -> None:
        """Copy what is shown; the key is not in it."""
        await hand_to_clipboard(self, self._snippet.text)

    async def go_on(self) -> None:
        """The walk is done."""
        self.post_message(self.Over(SetupResult(key=self._key)))

    @on(Button.Pressed, "#for-real")
    def _for_real(self, message: Button.Pressed) -> None:
        message.stop()
        self.post_message(self.Over(SetupResult(key=self._key, relaunch="real")))
