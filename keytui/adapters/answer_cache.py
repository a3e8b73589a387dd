"""Answers kept for identical requests, in memory: prompts and answers never reach the disk."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from keytui.domain.metering import KeptAnswer

SIZE = 64 * 1024 * 1024
"""Bytes of all answers together."""
AGE = timedelta(hours=1)


class MemoryAnswers:
    """Implements ``AnswerCache``: what was used longest ago goes first. Safe in several threads."""

    def __init__(self, *, size: int = SIZE, age: timedelta = AGE) -> None:
        self._size = size
        self._age = age
        self._held = 0
        self._answers: OrderedDict[bytes, KeptAnswer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, fingerprint: bytes, now: datetime) -> KeptAnswer | None:
        """The answer, unless it is too old or was given up for lack of room."""
        with self._lock:
            answer = self._answers.get(fingerprint)
            if answer is None:
                return None
            if now - answer.at > self._age:
                self._drop(fingerprint)
                return None
            self._answers.move_to_end(fingerprint)
            return answer

    def put(self, fingerprint: bytes, answer: KeptAnswer) -> None:
        """Keep an answer. One that is larger than the whole cache is not kept."""
        if _bytes(answer) > self._size:
            return
        with self._lock:
            if fingerprint in self._answers:
                self._drop(fingerprint)
            self._answers[fingerprint] = answer
            self._held += _bytes(answer)
            while self._held > self._size:
                self._drop(next(iter(self._answers)))

    def _drop(self, fingerprint: bytes) -> None:
        self._held -= _bytes(self._answers.pop(fingerprint))


def _bytes(answer: KeptAnswer) -> int:
    return len(answer.body) + sum(len(name) + len(value) for name, value in answer.headers) + 200
