"""A long text in segments: found and replaced at a cost that hardly depends on the length of the whole.

Segments stand in leaves of up to 128, each with its sums, so that finding one of 10,000 looks at some 200 sums.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

_FULL = 128
"""Segments in a leaf; a fuller one is split."""


class Segment:
    """A stretch of text between two joints, with its tokens. Two segments are never equal."""

    __slots__ = ("lines", "text", "tokens")

    def __init__(self, text: str, lines: int) -> None:
        self.text = text
        self.lines = lines
        """Line ends in it."""
        self.tokens: int | None = None if text else 0
        """None until they are counted."""


class Place(NamedTuple):
    """A place in the text: inside a segment, or at one of its ends."""

    leaf: int
    number: int
    offset: int
    """Characters before it in its segment."""


class _Leaf:
    __slots__ = ("characters", "lines", "segments")

    def __init__(self, segments: list[Segment]) -> None:
        self.segments = segments
        self.characters = sum(len(segment.text) for segment in segments)
        self.lines = sum(segment.lines for segment in segments)


class Rope:
    """The segments of a text, in order; at least one, which may be empty."""

    def __init__(self, segments: Sequence[Segment], newline: str) -> None:
        self.newline = newline
        """What ends a line. No segment begins inside one."""
        self._leaves = _leaves(segments)

    def __iter__(self) -> Iterator[Segment]:
        return (segment for leaf in self._leaves for segment in leaf.segments)

    def segment(self, place: Place) -> Segment:
        """The segment of a place."""
        return self._leaves[place.leaf].segments[place.number]

    def end(self) -> Place:
        """The place after the last character."""
        last = self._leaves[-1].segments
        return Place(len(self._leaves) - 1, len(last) - 1, len(last[-1].text))

    def place_at(self, at: int) -> Place:
        """The place before the character ``at`` (its number from 0; the text's length is the end)."""
        for number, leaf in enumerate(self._leaves):
            if at <= leaf.characters:
                for index, segment in enumerate(leaf.segments):
                    if at <= len(segment.text):
                        return Place(number, index, at)
                    at -= len(segment.text)
            at -= leaf.characters
        return self.end()

    def place_of(self, row: int, column: int) -> Place:
        """The place of a row and column, both from 0; one outside the text is taken as the nearest inside."""
        first, index, offset = self._line(row)
        left = offset + column
        for number in range(first, len(self._leaves)):
            leaf = self._leaves[number]
            if index == 0 and not leaf.lines and left > leaf.characters:
                left -= leaf.characters
                continue
            for here in range(index, len(leaf.segments)):
                segment = leaf.segments[here]
                if segment.lines:
                    line_end = segment.text.find(self.newline, offset, left + len(self.newline))
                    if line_end >= 0:
                        return Place(number, here, line_end)
                if left <= len(segment.text):
                    return Place(number, here, left)
                left -= len(segment.text)
                offset = 0
            index = 0
        return self.end()

    def before(self, place: Place) -> Place | None:
        """The start of the segment before a place's own."""
        if place.number:
            return Place(place.leaf, place.number - 1, 0)
        if place.leaf:
            return Place(place.leaf - 1, len(self._leaves[place.leaf - 1].segments) - 1, 0)
        return None

    def after(self, place: Place) -> Place | None:
        """The start of the segment after a place's own."""
        if place.number + 1 < len(self._leaves[place.leaf].segments):
            return Place(place.leaf, place.number + 1, 0)
        return Place(place.leaf + 1, 0, 0) if place.leaf + 1 < len(self._leaves) else None

    def replace(self, first: Place, last: Place, segments: Sequence[Segment]) -> list[Segment]:
        """Put segments, at least one, in place of those of two places and all between; answers the old ones."""
        if first.leaf == last.leaf:
            leaf = self._leaves[first.leaf]
            old = leaf.segments[first.number : last.number + 1]
            leaf.segments[first.number : last.number + 1] = segments
            leaf.characters += sum(len(new.text) for new in segments) - sum(len(gone.text) for gone in old)
            leaf.lines += sum(new.lines for new in segments) - sum(gone.lines for gone in old)
            if len(leaf.segments) <= _FULL:
                return old
            merged = leaf.segments
        else:
            touched = self._leaves[first.leaf : last.leaf + 1]
            head, tail = touched[0].segments[: first.number], touched[-1].segments[last.number + 1 :]
            every = [segment for leaf in touched for segment in leaf.segments]
            old = every[len(head) : len(every) - len(tail)]
            merged = [*head, *segments, *tail]
        self._leaves[first.leaf : last.leaf + 1] = _leaves(merged)
        return old

    def _line(self, row: int) -> Place:
        """The start of a row."""
        if row <= 0:
            return Place(0, 0, 0)
        for number, leaf in enumerate(self._leaves):
            if row <= leaf.lines:
                for index, segment in enumerate(leaf.segments):
                    if row <= segment.lines:
                        # The nth line end by halving: a giant segment may be nothing but line ends.
                        before = partial(segment.text.count, self.newline, 0)
                        return Place(number, index, bisect_left(range(len(segment.text) + 1), row, key=before))
                    row -= segment.lines
            row -= leaf.lines
        return self.end()


def _leaves(segments: Sequence[Segment]) -> list[_Leaf]:
    half = _FULL // 2
    return [_Leaf([*segments[at : at + half]]) for at in range(0, len(segments), half)]
