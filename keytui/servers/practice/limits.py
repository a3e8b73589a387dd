"""Rate limits that fill up again by the second, and the headers that tell how they stand."""

from __future__ import annotations

import math
from dataclasses import dataclass

MINUTE = 60.0


@dataclass(slots=True)
class Bucket:
    """A limit of ``limit`` units in ``period`` seconds. It refills evenly, up to ``burst`` (the limit by default)."""

    limit: int
    period: float = MINUTE
    burst: float | None = None
    level: float = -1.0
    at: float = 0.0

    @property
    def size(self) -> float:
        """The most that can be taken at once."""
        return float(self.limit) if self.burst is None else self.burst

    def refill(self, now: float) -> None:
        """Bring the level to where it stands at ``now``."""
        if self.level < 0:
            self.level = self.size
        elif now > self.at:
            self.level = min(self.size, self.level + (now - self.at) * self.limit / self.period)
        self.at = now

    def resize(self, limit: int) -> None:
        """Change the limit; what was used stays used."""
        if limit != self.limit:
            self.level = max(0.0, min(self.level + limit - self.limit, float(limit))) if self.level >= 0 else -1.0
            self.limit = limit

    def wait(self, amount: float, now: float) -> float:
        """Seconds until ``amount`` can be taken; 0 when it can be now; infinity when it never can."""
        self.refill(now)
        if amount > self.size or (self.limit <= 0 and amount > 0):
            return math.inf
        # A billionth is rounding: whoever waited as long as they were told must not be sent away again.
        missing = amount - self.level
        return 0.0 if missing <= 1e-9 else missing * self.period / self.limit

    def take(self, amount: float) -> None:
        """Use up ``amount``; ask ``wait`` first."""
        self.level = max(0.0, self.level - amount)

    def full_in(self, now: float) -> float:
        """Seconds until the bucket is full again."""
        self.refill(now)
        return (self.size - self.level) * self.period / self.limit if self.limit > 0 else self.period


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of one pair of limits after a request was admitted or refused."""

    requests: Bucket
    tokens: Bucket

    def headers(self, now: float) -> dict[str, str]:
        """The ``x-ratelimit-*`` headers, with resets as Go durations."""
        headers = {}
        for name, bucket in (("requests", self.requests), ("tokens", self.tokens)):
            reset = bucket.full_in(now)
            headers[f"x-ratelimit-limit-{name}"] = str(bucket.limit)
            headers[f"x-ratelimit-remaining-{name}"] = str(int(bucket.level + 1e-9))
            headers[f"x-ratelimit-reset-{name}"] = go_duration(reset)
        return headers


def go_duration(seconds: float) -> str:
    """A time as Go prints it: ``0s``, ``120ms``, ``1.5s``, ``6m0s``, ``1h0m0s``."""
    milliseconds = math.ceil(round(seconds * 1000, 6))
    if milliseconds <= 0:
        return "0s"
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    shown = f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{shown}"
    return f"{minutes}m{shown}" if minutes else shown
