"""What step 5 shows: the message with its meter, the answer, what it cost."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Button, Markdown, Static

from keytui.domain.advice import COMPARED
from keytui.domain.chat import Waiting
from keytui.domain.keys import KeyRecord
from keytui.domain.ledger import Entry
from keytui.domain.meter import DEFAULT_MAX_OUTPUT
from keytui.domain.money import at_most, dollars, tokens
from keytui.domain.overhead import message_overhead
from keytui.domain.pricing import PriceBook
from keytui.domain.setup import SUGGESTED_MESSAGE
from keytui.domain.setup_words import beside_the_words
from keytui.domain.usage import Mark, Usage
from keytui.tui.screens.setup.field import Field
from keytui.tui.screens.setup.marks import marks
from keytui.tui.screens.setup.step import StepButton, StepView


class MessageView(StepView):
    """The widgets of the step; what is asked is the step's."""

    GO_ON: ClassVar[str] = "Send"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "read(-1)", "read", show=False),
        Binding("down", "read(1)", "read", show=False),
    ]

    _key: KeyRecord | None = None
    _model = ""
    _prices: PriceBook | None = None
    _counted = 0
    """Tokens of the message as it stands."""
    _sending = False
    _answered = False
    _countdown: Timer | None = None

    def content(self) -> Iterable[Widget]:
        """The message, its meter, the answer, what it cost."""
        yield Field(SUGGESTED_MESSAGE, max_length=4000, id="message")
        yield Static("", id="meter", markup=False)
        yield VerticalScroll(Static("", id="plain", markup=False), Markdown("", id="answer"), id="answer-place")
        yield Static("", id="billed", markup=False)

    def more_ways(self) -> Iterable[Widget]:
        """Another message, once one is answered."""
        again = StepButton("Ask something else", id="again")
        again.display = False
        yield again

    def first_focus(self) -> Widget:
        """The message."""
        return self.query_one("#message", Field)

    @work(exclusive=True, group="measure", description="count the message")
    async def _measure(self) -> None:
        text = self.query_one("#message", Field).value
        self._counted = counted = (await self.services.count([text], self._model))[0]
        sent, most = (
            self._cost(Usage(input=counted + message_overhead(1))),
            self._cost(Usage(output=DEFAULT_MAX_OUTPUT)),
        )
        between = marks(self).between
        self.query_one("#meter", Static).update(
            Content.assemble(
                (tokens(counted, Mark.ESTIMATED), "bold"),
                " tokens",
                (f"{between}{dollars(sent)} in + up to {at_most(most)} out{between}{self._model}", "$dim"),
            )
        )

    def _cost(self, usage: Usage, model: str | None = None) -> Decimal | None:
        if self._prices is None or self._key is None:
            return None
        cost = self._prices.cost(
            model or self._model, usage, tier=None, at=self.services.now(), base_url=self._key.base_url
        )
        return None if cost is None else cost.total

    def _settled(self, ended: bool) -> None:
        self._answered = ended
        self.query_one("#message", Field).disabled = False
        go_on = self.query_one("#go-on", Button)
        go_on.disabled = False
        again = self.query_one("#again", Button)
        again.display = ended
        if ended:
            go_on.focus()
        else:
            billed = self.query_one("#billed", Static)
            if "escape" in str(billed.render()):
                billed.update("")
            self.query_one("#message", Field).focus()
        self.rename_go_on("Continue" if ended else "Send again")

    def _billed(self, entry: Entry) -> None:
        """What it took and cost, and what it would have cost elsewhere."""
        between, usage = marks(self).between, entry.usage
        mark = "" if usage.mark is Mark.BILLED else "~"
        cost = None if entry.cost is None else entry.cost.total
        word = "billed" if usage.mark is Mark.BILLED else "estimated"
        line = Content.assemble(
            f"{mark}{usage.input:,} in{between}{mark}{usage.output:,} out{between}",
            (f"{mark if cost is not None else ''}{dollars(cost)} {word}", "bold"),
        )
        if not usage.total:
            # Nothing was taken, so nothing was billed: the trouble says what there is to say.
            self.query_one("#billed", Static).update("")
            return
        if usage.mark is Mark.BILLED and (more := beside_the_words(usage, self._counted)):
            line += Content.assemble("\n", (more, "$dim"))
        others = [model for model in COMPARED if model != entry.model][:2]
        elsewhere = between.join(f"{model} {dollars(self._cost(usage, model))}" for model in others)
        self.query_one("#billed", Static).update(
            line + Content("\n") + Content.assemble(("The same on ", "$dim"), elsewhere)
        )

    def action_read(self, rows: int) -> None:
        """Scroll a long answer."""
        self.query_one("#answer-place").scroll_relative(y=rows, animate=False)

    def _say(self, said: str | Content) -> None:
        plain = self.query_one("#plain", Static)
        plain.update(said)
        plain.display = bool(str(said))
        self.query_one("#answer-place").display = plain.display or self._sending

    def _count_down(self, waiting: Waiting) -> None:
        self._end_countdown()
        left = [waiting.seconds]

        def tell() -> None:
            self.query_one("#billed", Static).update(
                Content.assemble(
                    (waiting.trouble.title, "bold"),
                    (f" Asking again in {max(0.0, left[0]):.0f} s; escape stops.", "$dim"),
                )
            )
            left[0] -= 1

        tell()
        self._countdown = self.set_interval(1.0, tell)

    def _end_countdown(self) -> None:
        if self._countdown is not None:
            self._countdown.stop()
            self._countdown = None
