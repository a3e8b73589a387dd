"""Several models asked at once, or one more beside an answer that is there: side by side, and on from one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType

from keytui.domain.branches import answered, before
from keytui.domain.conversations import StoredMessage
from keytui.domain.thread import Thread
from keytui.tui.messages import ModelChosen
from keytui.tui.panes.playground.asking import AskingPane
from keytui.tui.panes.playground.hearing import with_head_of
from keytui.tui.panes.playground.words import shown
from keytui.tui.widgets.composer import Composer
from keytui.tui.widgets.transcript import Shown, Transcript

if TYPE_CHECKING:
    # Nothing of it is needed before the first comparison.
    from keytui.domain.meter import Meter
    from keytui.tui.panes.playground.answering import Answering
    from keytui.tui.services import Services
    from keytui.tui.widgets.answer_columns import AnswerColumns
    from keytui.tui.widgets.facts import LastAnswer

MOST = 3
"""Answers that are shown side by side."""


class ComparingPane(AskingPane):
    """While answers stand side by side, they take the place of the transcript and of the figures beside it.

    One of them is always the current one: the conversation goes on from it, with its model.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "compare", "several", tooltip="Ask two or three models at once.", id="compare"),
    ]

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._columns: AnswerColumns | None = None
        self._asked: Thread | None = None
        """What the answers side by side are answers to."""
        self._there: tuple[StoredMessage, ...] = ()
        """Answers in the columns that have come; those that still come stand after them."""

    # -- asking -----------------------------------------------------------------------------------

    @work(group="compare", exclusive=True, description="choose models to ask at once")
    async def action_compare(self) -> None:
        """Ask several models the draft; without a draft, put the last question to others beside its answer."""
        from keytui.tui.dialogs.compare import CompareDialog

        if not self.can_be_sent():
            return
        assert self.key is not None
        text = self.draft
        last = self.thread.messages[-1] if self.thread.messages else None
        answer = last if last is not None and last.role == "assistant" else None
        if not text.strip() and answer is None:
            self.notify("Write a message first; then ctrl+r asks several models at once.", timeout=5)
            return
        again = not text.strip()
        there = [answer.model or ""] if again and answer is not None else []
        dialog = CompareDialog(self.services, self.key, self.model, there=there, most=MOST)
        if await self.app.push_screen_wait(dialog) is None:
            return
        if again and answer is not None:
            self.ask_again(answer, dialog.marked)
        else:
            self.send(text, dialog.marked)

    async def stage(
        self, thread: Thread, meters: Sequence[Meter], question: StoredMessage | None, beside: StoredMessage | None
    ) -> Sequence[Transcript]:
        """A column for each of several answers; a single one goes to the transcript."""
        self._close_columns(thread if question is None else before(thread, question.id))
        transcripts = await super().stage(thread, meters, question, beside)
        if len(meters) == 1 and beside is None:
            return transcripts
        from keytui.tui.widgets.answer_columns import AnswerColumns

        self.keytui.read_styles(Path(__file__).with_suffix(".tcss"))
        self._asked, self._there = thread, (beside,) if beside else ()
        models = [one.model or "" for one in self._there] + [meter.model for meter in meters]
        columns = AnswerColumns(thread.messages[-1].text, models, remote=self.keytui.remote)
        writing = isinstance(self.screen.focused, Composer)
        self.set_class(True, "-comparing")
        self.show_last_answer(None)
        await self.query_one("#talk").mount(columns, before=self.query_one(Composer))
        self._columns = columns
        for column, message in zip(columns.columns, self._there, strict=False):
            column.transcript.load([_bare(message)])
        if writing:
            # Not before they are laid out: textual 8.2.8 would then tell none of them how large it is.
            self.call_after_refresh(columns.focus_current)
        return [column.transcript for column in columns.columns[len(self._there) :]]

    # -- while they come --------------------------------------------------------------------------

    def show_progress(self, answering: Sequence[Answering]) -> None:
        """Say of each how far it is; of a single one, as ever."""
        if self._columns is None:
            super().show_progress(answering)
        else:
            self._name_columns(self._columns, answering)

    def _name_columns(self, columns: AnswerColumns, answering: Sequence[Answering]) -> None:
        """Write above each answer how far it is, and beside the question what all of them cost."""
        from keytui.tui.panes.playground.comparing_words import facts_of, facts_of_coming, together

        first = len(self._there)
        for at, message in enumerate(self._there):
            columns.show(at, facts_of(at + 1, message))
        for at, one in enumerate(answering, first):
            facts = facts_of(at + 1, one.message) if one.over else facts_of_coming(at + 1, one)
            columns.show(at, facts)
        columns.now_coming(frozenset(at for at, one in enumerate(answering, first) if not one.over))
        columns.sum_up(together([*self._there, *(one.message for one in answering)]))

    def show_answer(self, answer: StoredMessage, problem: str) -> Shown:
        """In a column, without the name and the figures that stand above it."""
        return super().show_answer(answer, problem) if self._columns is None else _bare(answer, problem)

    def took(self, last: LastAnswer) -> None:
        """What each of several has taken stands above it."""
        if self._columns is None:
            super().took(last)

    def on_answer_columns_stop_wanted(self, message: AnswerColumns.StopWanted) -> None:
        """Stop one answer; the others go on."""
        self.stop_one(message.at - len(self._there))

    # -- choosing ---------------------------------------------------------------------------------

    def answered_by(self, answering: Sequence[Answering], thread: Thread) -> Thread:
        """With several answers: the one that is marked, if it says anything, else the first that does."""
        columns = self._columns
        if columns is None or self._asked is None:
            return super().answered_by(answering, thread)
        self._there = (*self._there, *(one.message for one in answering))
        self._name_columns(columns, ())
        if not self._there[columns.current].text:
            columns.go_to(next((at for at, one in enumerate(self._there) if one.text), columns.current))
        self._use_model(self._there[columns.current])
        return answered(self._asked, self._there[columns.current])

    @work(group="choose", exclusive=True, description="go on from another answer")
    async def on_answer_columns_moved(self, message: AnswerColumns.Moved) -> None:
        """The conversation goes on from the marked answer, once none comes any more."""
        if self.busy or self._asked is None or message.columns is not self._columns:
            return
        chosen = self._there[message.columns.current]
        self.thread = with_head_of(answered(self._asked, chosen), self.thread)
        self._use_model(chosen)
        await self._keeping.head(self.thread.head)
        await self._count_history()

    def _use_model(self, answer: StoredMessage) -> None:
        if answer.model and answer.model != self.model:
            self.post_message(ModelChosen(answer.model))

    def on_answer_columns_taken(self, message: AnswerColumns.Taken) -> None:
        """Back to the conversation, which goes on from the marked answer."""
        if not self.busy:
            self._close_columns(self.thread)
            self.show_last_answer(_last(self.thread.messages[-1]))
            self.query_one(Composer).focus()

    def put_on_screen(self, thread: Thread) -> None:
        """Another conversation, or another branch, takes the place of what stands side by side."""
        self._close_columns(None)
        super().put_on_screen(thread)

    def _close_columns(self, thread: Thread | None) -> None:
        """Take the columns away; ``thread`` is what the transcript shows then (None: somebody else sees to that)."""
        columns, self._columns, self._asked = self._columns, None, None
        if columns is None:
            return
        self.set_class(False, "-comparing")
        columns.remove()
        if thread is not None:
            self.query_one(Transcript).load([shown(message) for message in thread.messages])

    def shown(self) -> None:
        """Back from another pane: to the answers side by side, unless something is being written."""
        if self._columns is not None and not self.draft:
            self._columns.focus_current()
        else:
            super().shown()

    def focus_talk(self) -> None:
        """Give the keys to what was said: to the marked answer, where several stand side by side."""
        if self._columns is None:
            super().focus_talk()
        else:
            self._columns.focus_current()

    def on_view(self) -> tuple[Sequence[StoredMessage], str | None]:
        """With several answers side by side: what was asked, and all of them."""
        columns = self._columns
        if columns is None or self._asked is None:
            return super().on_view()
        answers = (*self._there, *(one.message for one in self._answering))
        return (*self._asked.messages, *answers), answers[columns.current].id if columns.has_focus_within else None

    def commands(self) -> Iterable[SystemCommand]:
        """The palette's commands for comparing."""
        yield SystemCommand("Ask several models", "Two or three answers side by side (ctrl+r)", self.action_compare)
        yield from super().commands()


def _bare(message: StoredMessage, problem: str = "") -> Shown:
    return replace(shown(message, problem), title="", figures="")


def _last(answer: StoredMessage) -> LastAnswer | None:
    """What an answer that is kept took; what was expected of it is not known any more."""
    from keytui.tui.widgets.facts import LastAnswer

    if answer.usage is None:
        return None
    cost = None if answer.cost is None else Decimal(answer.cost)
    return LastAnswer(answer.usage, cost, answer.seconds or 0.0, answer.first_token)
