"""Step 5: the first message: its tokens and its cost before, the answer, what was billed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import aclosing
from decimal import Decimal
from typing import ClassVar
from uuid import uuid4

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Button, Input, Markdown, Static

from keytui.domain.advice import COMPARED
from keytui.domain.chat import Delta, Failed, Finished, Refused, Stopped, Waiting
from keytui.domain.keys import KeyRecord, StoreUnreadable, VaultTrouble
from keytui.domain.ledger import Entry
from keytui.domain.meter import DEFAULT_MAX_OUTPUT
from keytui.domain.money import at_most, dollars, tokens
from keytui.domain.overhead import message_overhead
from keytui.domain.pricing import PriceBook
from keytui.domain.question import ChatMessage, Parameters, Question
from keytui.domain.setup import SUGGESTED_MESSAGE
from keytui.domain.setup_words import NO_ANSWERS, NO_KEY, beside_the_words
from keytui.domain.turn import Booked
from keytui.domain.usage import Mark, Usage
from keytui.tui.screens.setup.field import Field
from keytui.tui.screens.setup.marks import marks
from keytui.tui.screens.setup.step import StepButton, StepView
from keytui.tui.screens.setup.words import told


class MessageStep(StepView):
    """One question, one answer, booked like any other."""

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

    def on_mount(self) -> None:
        """Find out which key and which model answer."""
        self._say("")
        self._prepare()

    @work(description="find key and model")
    async def _prepare(self) -> None:
        if self.services.practice:
            # Whoever skips ahead may be here before the practice service is.
            await self.services.practice_keys()
        try:
            records = self.services.keys.records()
            active = self.services.keys.active()
        except StoreUnreadable as trouble:
            self._say(str(trouble))
            return
        self._key = next((record for record in records if record.id == self.progress.key_id), active)
        if self._key is None or self.progress.plan.permissions.preset == "embeddings":
            self._say(NO_KEY if self._key is None else NO_ANSWERS)
            self._answered = True
            self.rename_go_on("Continue")
            return
        wanted = self._key.default_model or self.progress.plan.default_model
        self._prices = await self.services.prices()
        self._model = wanted
        self._measure()
        try:
            gateway = await self.services.gateway(self._key)
            listed = [model.id for model in await gateway.models()]
        except Refused as refused:
            self._say(told(refused.trouble))
        except VaultTrouble as trouble:
            self._say(str(trouble))
        else:
            if listed and wanted not in listed:
                self._model = next((model for model in COMPARED if model in listed), listed[0])
        self._measure()
        self.screen.refresh_bindings()

    # -- before sending ---------------------------------------------------------------

    @on(Input.Changed, "#message")
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        if self._model:
            self._measure()

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

    # -- sending -----------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """With a key and a text, and while no answer comes."""
        if self._answered:
            return True
        return bool(not self._sending and self._key and self._model)

    @property
    def busy(self) -> bool:
        """While an answer comes."""
        return self._sending

    def stop(self) -> None:
        """Stop the answer; what has arrived stays, and is booked as an estimate."""
        self.workers.cancel_group(self, "ask")

    async def go_on(self) -> None:
        """Send, and once there is an answer, go on."""
        if self._answered:
            self.post_message(self.Finished(self.progress))
        elif self.query_one("#message", Field).value.strip():
            self._ask()

    @on(Button.Pressed, "#again")
    def _again(self, message: Button.Pressed) -> None:
        message.stop()
        self._answered = False
        message.button.display = False
        self.rename_go_on("Send")
        self.query_one("#message", Field).focus()

    @work(group="ask", exclusive=True, description="ask the first message")
    async def _ask(self) -> None:
        key = self._key
        assert key is not None
        self._sending = True
        self.query_one("#message", Field).disabled = True
        self.query_one("#go-on", Button).disabled = True
        self._say("")
        self.query_one("#why").display = False
        self.query_one("#billed", Static).update(Content.styled("waiting for the answer; escape stops it", "$dim"))
        self.screen.refresh_bindings()
        ended = False
        try:
            ended = await self._listen(key)
        except VaultTrouble as trouble:
            self._say(str(trouble))
        finally:
            self._end_countdown()
            self._sending = False
            if self.is_attached:
                self._settled(ended)

    async def _listen(self, key: KeyRecord) -> bool:
        """Show the answer as it comes; True when there was one."""
        question = Question(
            model=self._model,
            messages=(ChatMessage("user", self.query_one("#message", Field).value.strip()),),
            parameters=Parameters(max_output=DEFAULT_MAX_OUTPUT, verbosity="low"),
        )
        events = self.services.take_turn(question, key=key, conversation=f"setup-{uuid4().hex[:12]}", app="set-up")
        answer = self.query_one("#answer", Markdown)
        await answer.update("")
        stream = Markdown.get_stream(answer)
        some = failed = False
        try:
            async with aclosing(events):
                async for event in events:
                    if isinstance(event, Delta):
                        self._end_countdown()
                        some = True
                        await stream.write(event.text)
                    elif isinstance(event, Waiting):
                        self._count_down(event)
                    elif isinstance(event, Failed):
                        failed = True
                        self._say(told(event.trouble))
                    elif isinstance(event, Finished) and not some:
                        self._say("The answer was empty: the model used all its tokens for thinking. Ask again.")
                    elif isinstance(event, Stopped):
                        break
                    elif isinstance(event, Booked):
                        self._billed(event.entry)
        finally:
            await stream.stop()
        return some and not failed

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

    # -- words ----------------------------------------------------------------------------

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
