"""The steps of a plan while they are done, or taken back: a tick, how it ended, and what it was, a row each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from keytui.domain.apply.check import NAME as CHECK
from keytui.domain.apply.run import Outcome, PlanStep
from keytui.tui.screens.setup.marks import Marks, marks

OUTCOME_COLUMN = 11
"""Cells for the longest outcome, "unchanged", and a gap."""

LEAST = 12
"""Cells; less than that of a text says nothing."""

LEAST_WORDS = 3

WORKS = "it works"
"""What a check says that found nothing worth telling."""


class State(Enum):
    """How a step stands; the words are shown where it has no outcome."""

    AHEAD = ""
    NOW = "now"
    DONE = "done"
    WRONG = "not done"


@dataclass(frozen=True, slots=True)
class Tick:
    """One step as it stands."""

    step: PlanStep
    state: State = State.AHEAD
    outcome: Outcome | None = None
    words: str = ""


class StepList(Widget):
    """Rows for all steps. Where there is no room for all, those that are done are summed up in the first one."""

    ticks: reactive[tuple[Tick, ...]] = reactive((), layout=True)
    room: reactive[int] = reactive(12, layout=True)
    """Rows at most."""

    def begin_with(self, steps: Sequence[PlanStep], *, done: Sequence[PlanStep] = ()) -> None:
        """Show these steps; ``done`` are those that an earlier keytui did."""
        self.ticks = tuple(Tick(step, State.DONE if step in done else State.AHEAD) for step in steps)

    def mark(self, step: PlanStep, state: State, *, outcome: Outcome | None = None, words: str = "") -> None:
        """A step stands differently now."""
        self.ticks = tuple(
            replace(tick, state=state, outcome=outcome, words=words) if tick.step.name == step.name else tick
            for tick in self.ticks
        )

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """A row for each tick that is shown."""
        return max(1, min(len(self.ticks), self.room))

    def render(self) -> Content:
        """The rows."""
        signs, ticks = marks(self), list(self.ticks)
        rows = []
        if len(ticks) > self.room:
            finished = [tick for tick in ticks if tick.state is State.DONE]
            folded = finished[: len(ticks) - self.room + 1]
            if folded:
                rows.append(
                    Content.assemble((f"{signs.done} ", "bold $success"), (f"{len(folded)} earlier steps", "$dim"))
                )
                ticks = [tick for tick in ticks if tick not in folded]
        rows += [self._row(tick, signs) for tick in ticks[: self.room - len(rows)]]
        return Content("\n").join(rows)

    def _row(self, tick: Tick, signs: Marks) -> Content:
        sign, look = {
            State.AHEAD: (signs.ahead, "$dim"),
            State.NOW: (signs.current, "bold $accent"),
            State.DONE: (signs.done, "bold $success"),
            State.WRONG: (signs.wrong, "bold $error"),
        }[tick.state]
        if tick.outcome is Outcome.LEFT_OUT:
            sign, look = signs.left_out, "$dim"
        ended = tick.outcome.value if tick.outcome is not None else tick.state.value
        if tick.step.name == CHECK and tick.outcome is Outcome.UNCHANGED:
            ended = "works"
        room = max(0, self.size.width - 2 - OUTCOME_COLUMN)
        title = _cut(tick.step.title, room, signs)
        words = f"  {tick.words}" if tick.words and tick.words != WORKS else ""
        return Content.assemble(
            (f"{sign} ", look),
            (ended.ljust(OUTCOME_COLUMN), look if tick.state is not State.AHEAD else "$dim"),
            (title, "$dim" if tick.state is State.AHEAD else "bold" if tick.state is State.NOW else ""),
            (_cut_between_words(words, room - len(title), signs), "$dim"),
        )


def _cut(text: str, room: int, signs: Marks) -> str:
    """As much of a text as there is room for."""
    if len(text) <= room:
        return text
    return text[: room - 1] + signs.more if room >= LEAST else ""


def _cut_between_words(text: str, room: int, signs: Marks) -> str:
    """The words of a text that there is room for; none where too few are left to say anything, as of an id."""
    if len(text) <= room:
        return text
    kept = text[: max(0, room - 1)].rpartition(" ")[0]
    return f"{kept} {signs.more}" if len(kept.split()) >= LEAST_WORDS else ""
