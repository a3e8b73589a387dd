"""The walk to a key: its steps, the ways through them, and how far somebody has come."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Literal, Protocol

from keytui.domain.keys import KeyRecord
from keytui.domain.plan import SetupPlan
from keytui.domain.presets import plan_for

SUGGESTED_MESSAGE = "What is a token, and why do I pay for it?"
"""The first message, unless the user writes another; it is also the calculator's typical one."""

REVIEW_DAYS = 30
"""Days after which the key, its limits and its use deserve a second look."""


class Step(Enum):
    """The six steps, in their order."""

    YOU = "You"
    ACCOUNT = "Account"
    PROJECT = "Project"
    KEY = "Key"
    MESSAGE = "Message"
    USE = "Use it"

    @property
    def number(self) -> int:
        """1 to 6."""
        return tuple(Step).index(self) + 1


class Standing(Enum):
    """How a step stands for somebody who is on the way."""

    DONE = "done"
    CURRENT = "current"
    AHEAD = "to come"
    LEFT_OUT = "left out"
    """Skipped, or not on this way."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way through the steps."""

    name: str
    title: str
    says: str
    """What it means, in a few words."""
    steps: tuple[Step, ...]
    guided: bool = False
    """Whether the key is made on the platform's pages first, with a checklist."""
    automatic: bool = False
    """Whether an admin key applies the plan."""
    elsewhere: bool = False
    """Whether it leads out of this walk: keytui starts again on the practice service."""


HAVE = Way(
    "have",
    "I have a key",
    "found here or pasted; it is checked, then stored",
    (Step.YOU, Step.PROJECT, Step.KEY, Step.MESSAGE, Step.USE),
)
NEED = Way(
    "need",
    "I need a key",
    "account, credit and project first, then the key",
    tuple(Step),
    guided=True,
)
OWN = Way(
    "own",
    "I own the organisation",
    "an admin key makes it all, shown to you first",
    (Step.YOU, Step.PROJECT, Step.KEY, Step.MESSAGE, Step.USE),
    automatic=True,
)
PRACTISE = Way(
    "practise",
    "Let me practise first",
    "on this machine alone: nothing is real or costs",
    (Step.YOU,),
    elsewhere=True,
)
PRACTISING = replace(
    PRACTISE,
    says="the whole walk: nothing is real, nothing costs",
    steps=tuple(Step),
    elsewhere=False,
)
"""The same once keytui runs on the practice service."""


def ways(*, practice: bool) -> tuple[Way, ...]:
    """The ways that are offered, the usual ones first."""
    return (PRACTISING, HAVE, NEED, OWN) if practice else (HAVE, NEED, OWN, PRACTISE)


@dataclass(frozen=True, slots=True)
class Habit:
    """How somebody expects to use a key; what the cost of a month is reckoned from."""

    messages_a_day: int = 20
    message: str = SUGGESTED_MESSAGE
    """A typical message; its tokens are counted. Empty where real use says how long one is."""
    answer: int = 400
    """Tokens of a typical answer."""
    together: int = 1
    """Messages of one conversation."""
    sent: int = 0
    """Tokens that a request really sent of late, all that was said before included; 0 while nothing is known."""
    cached: int = 0
    """Of these, tokens that were read from the cache."""
    written: int = 0
    """Of these, tokens that were written to the cache."""

    @property
    def measured(self) -> bool:
        """Whether real use stands in for a typical message."""
        return self.sent > 0 and not self.message


@dataclass(frozen=True, slots=True)
class Progress:
    """Where somebody is on the walk, and what was chosen so far. Holds no secret; replaced with every step."""

    step: Step = Step.YOU
    way: str = NEED.name
    plan: SetupPlan = field(default_factory=lambda: plan_for("chat"))
    habit: Habit = field(default_factory=Habit)
    ticked: tuple[str, ...] = ()
    """Items of the checklist that are done, by name."""
    left_out: tuple[Step, ...] = ()
    """Steps that were skipped."""
    key_id: str | None = None
    """The key that came out of the walk, once it is stored."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the chosen way."""
        return next((way.steps for way in (HAVE, NEED, OWN, PRACTISING) if way.name == self.way), tuple(Step))

    @property
    def guided(self) -> bool:
        """Whether the checklist belongs to the way."""
        return self.way == NEED.name

    @property
    def automatic(self) -> bool:
        """Whether an admin key applies the plan."""
        return self.way == OWN.name

    @property
    def last(self) -> bool:
        """Whether no step comes after this one."""
        return self.step is self.steps[-1]

    def at(self, step: Step) -> Progress:
        """The same at another step."""
        return replace(self, step=step)

    def forward(self, *, skipping: bool = False) -> Progress:
        """The next step of the way; at the last one the same. ``skipping`` remembers that this one was left out."""
        left_out = tuple(step for step in self.left_out if step is not self.step)
        if skipping:
            left_out = (*left_out, self.step)
        return replace(self, step=self._neighbour(1), left_out=left_out)

    def back(self) -> Progress:
        """The step before; at the first one the same."""
        return replace(self, step=self._neighbour(-1))

    def _neighbour(self, distance: int) -> Step:
        steps = self.steps
        if self.step not in steps:
            # A step of another way was opened directly: go on from where it stands in the whole order.
            later = [step for step in steps if step.number > self.step.number]
            earlier = [step for step in steps if step.number < self.step.number]
            return (later[:1] or steps[-1:])[0] if distance > 0 else (earlier[-1:] or steps[:1])[0]
        at = steps.index(self.step) + distance
        return steps[min(max(at, 0), len(steps) - 1)]

    def standing(self, step: Step) -> Standing:
        """How a step stands now."""
        if step is self.step:
            return Standing.CURRENT
        if step not in self.steps or step in self.left_out:
            return Standing.LEFT_OUT
        return Standing.DONE if step.number < self.step.number else Standing.AHEAD


@dataclass(frozen=True, slots=True)
class SetupResult:
    """What the walk came to."""

    key: KeyRecord | None = None
    """The key that is stored now; None when there is none (yet)."""
    relaunch: Literal["practice", "real"] | None = None
    """How keytui is to be started again, when the way leads there."""


class ProgressStore(Protocol):
    """Keeps how far the walk has come, so that it can be taken up again after anything. Blocking, but quick."""

    def load(self) -> Progress | None:
        """What was kept, or None. Raises ``StoreUnreadable`` when it is there and cannot be read."""
        ...

    def save(self, progress: Progress) -> None:
        """Keep it, whole and at once. Raises ``StoreUnreadable`` when it cannot be written."""
        ...

    def forget(self) -> None:
        """The walk is done: nothing is to be taken up again. Raises ``StoreUnreadable`` as well."""
        ...
