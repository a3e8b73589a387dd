"""Step 5: the first message: asked, answered, and booked like any other."""

from __future__ import annotations

from contextlib import aclosing
from uuid import uuid4

from textual import on, work
from textual.content import Content
from textual.widgets import Button, Input, Markdown, Static

from keytui.domain.advice import COMPARED
from keytui.domain.chat import Delta, Failed, Finished, Refused, Stopped, Waiting
from keytui.domain.keys import KeyRecord, StoreUnreadable, VaultTrouble
from keytui.domain.meter import DEFAULT_MAX_OUTPUT
from keytui.domain.question import ChatMessage, Parameters, Question
from keytui.domain.setup_words import NO_ANSWERS, NO_KEY
from keytui.domain.turn import Booked
from keytui.tui.screens.setup.field import Field
from keytui.tui.screens.setup.message_view import MessageView
from keytui.tui.screens.setup.words import told


class MessageStep(MessageView):
    """One question, one answer, booked like any other."""

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
