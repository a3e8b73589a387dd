"""What the service answers: short honest texts from ``answers.json``, chosen by the words of the question."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing that the service can explain."""

    name: str
    words: frozenset[str]
    short: str
    text: str


@dataclass(frozen=True, slots=True)
class Answers:
    """All texts, and how much reasoning stands before them."""

    topics: tuple[Topic, ...]
    fallback: Topic
    closing: str
    thoughts: tuple[str, ...]
    reasoning_tokens: Mapping[str, int]
    """By effort."""

    def answer(self, question: str, *, verbosity: str = "medium") -> str:
        """The answer to a question, in Markdown. It says that it is a practice answer."""
        topic = self.topic(question)
        text = topic.short if verbosity == "low" else topic.text
        return f"{text}\n\n{self.closing}"

    def topic(self, question: str) -> Topic:
        """The topic with the most words in the question; the earlier one of two that have as many."""
        words = re.findall(r"[a-z0-9_]+", question.lower())
        best = max(self.topics, key=lambda topic: sum(word in topic.words for word in words))
        return best if best.words & set(words) else self.fallback


@cache
def answers() -> Answers:
    """The texts of ``answers.json``, read once."""
    data = json.loads(files(__package__).joinpath("answers.json").read_text("utf-8"))
    return Answers(
        topics=tuple(_topic(row) for row in data["topics"]),
        fallback=_topic(data["fallback"]),
        closing=data["closing"],
        thoughts=tuple(data["thoughts"]),
        reasoning_tokens=data["reasoning_tokens"],
    )


def _topic(row: Mapping[str, str | list[str]]) -> Topic:
    return Topic(str(row["name"]), frozenset(row["words"]), str(row["short"]), str(row["text"]))
