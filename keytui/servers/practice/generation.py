"""The answer to one request, made whole before its first byte goes out: pieces, reasoning, end and pace."""

from __future__ import annotations

import json
from dataclasses import dataclass

from keytui.domain.tokens import Tokenizer
from keytui.servers.practice import script
from keytui.servers.practice.answers import answers
from keytui.servers.practice.pieces import Pieces, cut

THINKING_SPEED = 8
"""How many times faster than the visible answer the reasoning comes."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request says about its answer."""

    question: str
    """The last message of the user."""
    effort: str = "none"
    max_output: int | None = None
    """Tokens, reasoning included."""
    stop: tuple[str, ...] = ()
    verbosity: str = "medium"
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class Generation:
    """One answer."""

    pieces: Pieces
    reasoning: int
    """Tokens of reasoning, billed as output."""
    thoughts: tuple[str, ...]
    """The summary of the reasoning, in parts."""
    finish: str
    """``stop`` or ``length``."""
    rate: float | None
    """Tokens a second; None: as fast as possible."""
    wait: float = 0.0
    """Seconds before anything is sent."""

    @property
    def output(self) -> int:
        """All tokens that are billed as output."""
        return self.reasoning + self.pieces.total

    @property
    def thinking_time(self) -> float:
        """Seconds that the reasoning takes."""
        return 0.0 if self.rate is None else self.reasoning / (self.rate * THINKING_SPEED)

    @property
    def writing_time(self) -> float:
        """Seconds that the visible answer takes."""
        return 0.0 if self.rate is None else self.pieces.total / self.rate


def generate(wanted: Wanted, tokenizer: Tokenizer, *, rate: float | None, wait: float = 0.0) -> Generation:
    """Make the answer. A script in the question sets its length, style, pace and wait; see ``script``."""
    texts = answers()
    reasoning = texts.reasoning_tokens[wanted.effort]
    asked = script.read(wanted.question)
    if asked is not None:
        reasoning = asked.reasoning
        rate = rate if asked.rate is None else asked.rate or None
        wait += asked.wait
    if asked is not None and asked.tokens is not None:
        # Every encoder is an object with an identity, though the port does not say that it can be hashed.
        pieces = script.measured(asked.tokens, asked.style, tokenizer)  # type: ignore[arg-type]
    else:
        text = texts.answer(wanted.question, verbosity=wanted.verbosity)
        if wanted.as_json:
            text = json.dumps({"answer": text})
        pieces = cut(text, tokenizer)
    if wanted.stop:
        ends = [at for word in wanted.stop if word and (at := pieces.text.find(word)) >= 0]
        if ends:
            pieces = cut(pieces.text[: min(ends)], tokenizer)
    finish = "stop"
    if wanted.max_output is not None and reasoning + pieces.total > wanted.max_output:
        finish = "length"
        reasoning = min(reasoning, wanted.max_output)
        pieces = pieces.first(wanted.max_output - reasoning)
    return Generation(pieces, reasoning, texts.thoughts if reasoning else (), finish, rate, wait)
