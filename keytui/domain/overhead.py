"""What a request takes beside its texts, and how an estimate learns from what the server says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from keytui.domain.question import Question

PER_MESSAGE = 4
"""Tokens of each message beside its text: three of the format and one of its role."""
PRIMING = 3
"""Tokens that begin the answer, once a request."""
HIDDEN = 64
"""Tokens: a difference up to this is taken for something constant that the platform adds, a larger one for a ratio."""
SPREAD = 100.0
"""Tokens by which requests must differ before their ratio is learnt from them rather than supposed."""
MEMORY = 0.9
"""What an earlier request weighs against the next one: models change behind their names."""


def message_overhead(messages: int) -> int:
    """Tokens that the format of so many messages takes; instructions are a message of their own.

    The rule is the one that OpenAI's cookbook published for its chat models (openai-facts 5.2). For the newest ones
    there is none, which is what ``Calibration`` is for. No messages, no request: 0.
    """
    return PER_MESSAGE * messages + PRIMING if messages else 0


@dataclass(frozen=True, slots=True)
class InputEstimate:
    """The input tokens of a question, by part, as this machine counts them."""

    instructions: int
    messages: tuple[int, ...]
    overhead: int

    @property
    def total(self) -> int:
        """All parts together."""
        return self.instructions + sum(self.messages) + self.overhead


def estimate(question: Question, count: Callable[[str], int]) -> InputEstimate:
    """The input tokens of a question, each text counted by ``count``."""
    amount = len(question.messages) + bool(question.instructions)
    return InputEstimate(
        count(question.instructions) if question.instructions else 0,
        tuple(count(message.text) for message in question.messages),
        message_overhead(amount),
    )


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the server's input tokens relate to estimated ones, at one base URL and model: by a ratio and an offset.

    The server says how many they are when it bills them, and when it is asked to count.

    A straight line through what was seen, with a memory that fades; as long as all requests were of one size, the ratio
    is supposed. Its fields are what has to be kept to go on learning.
    """

    weight: float = 0.0
    """Requests learnt from, faded."""
    estimated: float = 0.0
    """Their mean estimate, tokens."""
    measured: float = 0.0
    """Their mean by the server, tokens."""
    variance: float = 0.0
    covariance: float = 0.0

    def learn(self, estimated: int, measured: int) -> Calibration:
        """The calibration with one more request in it."""
        if estimated <= 0 or measured <= 0:
            return self
        kept = self.weight * MEMORY
        weight = kept + 1
        by_estimate, by_measure = estimated - self.estimated, measured - self.measured
        share = kept / weight
        return Calibration(
            weight,
            self.estimated + by_estimate / weight,
            self.measured + by_measure / weight,
            share * (self.variance + by_estimate * by_estimate / weight),
            share * (self.covariance + by_estimate * by_measure / weight),
        )

    @property
    def ratio(self) -> float:
        """The server's tokens for each estimated one."""
        if not self.weight:
            return 1.0
        difference = abs(self.measured - self.estimated)
        supposed = 1.0 if difference <= HIDDEN else self.measured / self.estimated
        doubt = SPREAD * SPREAD
        return max(0.0, (self.covariance + supposed * doubt) / (self.variance + doubt))

    @property
    def offset(self) -> float:
        """The server's tokens beside that."""
        return self.measured - self.ratio * self.estimated

    def apply(self, estimated: int) -> int:
        """What the server will probably count, tokens; the estimate itself as long as nothing is learnt."""
        return max(0, round(self.ratio * estimated + self.offset))


class Calibrations(Protocol):
    """Keeps what was learnt, for each base URL and model. Blocking: call it from a worker.

    Both methods may raise ``keytui.domain.keys.StoreUnreadable``, whose text is one sentence with a next step.
    """

    def at(self, base_url: str, model: str) -> Calibration:
        """What was learnt there; nothing yet is a calibration that changes no estimate."""
        ...

    def learn(self, base_url: str, model: str, estimated: int, measured: int) -> Calibration:
        """Learn from one more request, and answer what is known with it."""
        ...
