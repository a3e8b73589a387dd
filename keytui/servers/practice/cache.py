"""The prompt cache: what was sent before, and how much of a new prompt begins with it."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

THRESHOLD = 1024
"""Tokens below which nothing is cached (openai-facts 3.5)."""
STEP = 128
"""Older models hit in steps of this many tokens beyond the threshold."""
LIFE = 30 * 60
"""Seconds an entry lives after it was last used."""
LONG_LIFE = 12 * 60 * 60


@dataclass(slots=True)
class _Entry:
    tokens: array[int]
    expires: float


@dataclass(frozen=True, slots=True)
class Hit:
    """What the cache did for a prompt, in tokens."""

    cached: int
    written: int


@dataclass(slots=True)
class PrefixCache:
    """Prompts by scope (project, model and ``prompt_cache_key``), the least recently used leaving first.

    Bounded by ``capacity`` tokens over all scopes, four bytes each.
    """

    capacity: int = 4_000_000
    held: int = 0
    _scopes: OrderedDict[Hashable, list[_Entry]] = field(default_factory=OrderedDict)

    def use(
        self, scope: Hashable, prompt: array[int], cacheable: int, *, exact: bool, now: float, life: float = LIFE
    ) -> Hit:
        """Look a prompt up and keep its first ``cacheable`` tokens for later ones.

        ``exact`` models (those that bill writes) match to the token and write what they did not read; older ones
        match in steps of 128 and write for free, which is reported as 0.
        """
        entries = [entry for entry in self._scopes.pop(scope, []) if self._alive(entry, now)]
        best = max(entries, key=lambda entry: common_prefix(entry.tokens, prompt), default=None)
        shared = 0 if best is None else min(common_prefix(best.tokens, prompt), cacheable)
        cached = readable(shared, exact=exact)
        if best is not None and cached:
            best.expires = max(best.expires, now + life)
        keep = cacheable >= THRESHOLD
        if keep:
            kept = prompt[:cacheable]
            # What is a beginning of the new entry is served by it just as well.
            others = [entry for entry in entries if common_prefix(entry.tokens, kept) < len(entry.tokens)]
            self.held += len(kept) + sum(len(e.tokens) for e in others) - sum(len(e.tokens) for e in entries)
            entries = [*others, _Entry(kept, now + life)]
        if entries:
            self._scopes[scope] = entries
        self._shrink()
        return Hit(cached, cacheable - cached if exact and keep else 0)

    def _alive(self, entry: _Entry, now: float) -> bool:
        if entry.expires > now:
            return True
        self.held -= len(entry.tokens)
        return False

    def _shrink(self) -> None:
        while self.held > self.capacity and self._scopes:
            scope, entries = next(iter(self._scopes.items()))
            self.held -= len(entries.pop(0).tokens)
            if not entries:
                del self._scopes[scope]


def readable(shared: int, *, exact: bool) -> int:
    """How many of the tokens that two prompts share are read from the cache."""
    if shared < THRESHOLD:
        return 0
    return shared if exact else THRESHOLD + (shared - THRESHOLD) // STEP * STEP


def common_prefix(one: array[int], other: array[int]) -> int:
    """How many tokens two prompts have in common at their beginning, by halving: comparing slices is fast."""
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle
    return low
