"""The live counter: the exact number of tokens of a text while it is edited, at a cost that does not grow with it.

The text is kept in segments between joints, so that an edit counts again only the segments that it touches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from keytui.domain.joints import PART, Quiet, fits, parts, quiet_in
from keytui.domain.rope import Place, Rope, Segment

Count = Callable[[str], int | None]
"""Tokens of a text, at once; None when that cannot be said now (the encoder is starting, or busy)."""

AT_ONCE = 8_192
"""Characters that an edit may have counted while its caller waits."""
GUESS = 0.25
"""Tokens a character, until the text's own ratio is known."""


class LiveCounter:
    """The tokens of one text that grows and is edited.

    What cannot be counted at once is owed: its tokens are guessed, ``pending`` is true, and whoever drives the counter
    asks ``owed`` for segments, counts them in its own time and gives each to ``settle``.

    Args:
        count: Counts a segment at once.
        at_once: Characters that one edit may have counted at once; what is more is owed. None: everything is counted at
            once, which suits a ``count`` that always answers and a caller that can wait.
        part: Characters of a segment, about; it gets up to twice as long, and longer where there is no joint.
    """

    def __init__(self, count: Count, *, at_once: int | None = AT_ONCE, part: int = PART) -> None:
        self._count = count
        self._at_once = at_once
        self._part = part
        self._tokens_a_character: float | None = None
        self.load("")

    def load(self, text: str, newline: str = "\n") -> None:
        """Begin anew with a text. ``newline`` is what ends its rows for ``edit``: the document's own."""
        self._rope = Rope([Segment("", 0)], newline)
        self._owed: dict[Segment, int] = {}
        self._counted = self._guessed = self._characters = 0
        self._appended: list[str] = []
        start = Place(0, 0, 0)
        self._replace(start, start, text)

    def edit(self, top: tuple[int, int], bottom: tuple[int, int], text: str) -> None:
        """Replace what stands between two places, (row, column) from 0, by a text.

        ``text`` must be what then stands in the document, its line ends those that the document joins its rows with;
        a text area changes what is inserted (``document.get_text_range(top, result.end_location)`` is what it became).
        """
        self._take_in()
        self._replace(self._rope.place_of(*top), self._rope.place_of(*bottom), text)

    def edit_at(self, at: int, delete: int, insert: str) -> None:
        """Delete ``delete`` characters from the character ``at`` on and insert a text there.

        Raises:
            ValueError: That is not inside the text; nothing is changed.
        """
        self._take_in()
        if at < 0 or delete < 0 or at + delete > self._characters:
            raise ValueError(f"{delete} characters at {at} are not inside a text of {self._characters}")
        self._replace(self._rope.place_at(at), self._rope.place_at(at + delete), insert)

    def append(self, text: str) -> None:
        """Add to the end. Costs nothing until a figure is asked for, so that a stream may call it for every delta."""
        self._appended.append(text)

    @property
    def total(self) -> int | None:
        """Tokens of the text; a guess in part while ``pending``, None as long as nothing was ever counted."""
        self._take_in()
        if self._owed and self._tokens_a_character is None:
            return None
        return self._counted + self._guessed

    @property
    def pending(self) -> bool:
        """Whether something is owed, so that the total is not yet exact."""
        self._take_in()
        return bool(self._owed)

    @property
    def text(self) -> str:
        """The whole text."""
        self._take_in()
        return "".join(segment.text for segment in self._rope)

    @property
    def characters(self) -> int:
        """Length of the text in code points."""
        self._take_in()
        return self._characters

    def owed(self, characters: int) -> Sequence[Segment]:
        """Segments to be counted, up to so many characters of them; one that is longer comes alone, and last.

        Empty when all is settled.
        """
        self._take_in()
        batch: list[Segment] = []
        giant: Segment | None = None
        for segment in self._owed:
            length = len(segment.text)
            if length > characters and not batch:
                giant = segment
            elif length <= characters:
                characters -= length
                batch.append(segment)
            else:
                break
        return batch or ([giant] if giant else [])

    def settle(self, segment: Segment, tokens: int) -> None:
        """Give an owed segment its tokens. Without effect when an edit has replaced it meanwhile."""
        guess = self._owed.pop(segment, None)
        if guess is None:
            return
        segment.tokens = tokens
        self._guessed -= guess
        self._counted += tokens
        self._learn()

    def _learn(self) -> None:
        """Take the text's own ratio for later guesses."""
        if self._counted and not self._owed:
            self._tokens_a_character = self._counted / self._characters

    def _take_in(self) -> None:
        """Put what was appended in its place."""
        if self._appended:
            text = "".join(self._appended)
            self._appended.clear()
            end = self._rope.end()
            self._replace(end, end, text)

    def _replace(self, start: Place, end: Place, new: str) -> None:
        """Put a text between two places, together with what no joint separates from it."""
        rope, size = self._rope, self._part
        first, last = rope.segment(start).text, rope.segment(end).text
        text = first[: start.offset] + new + last[end.offset :]
        quiet = [
            *quiet_in(first, 0, start.offset, 0, size=size),
            *quiet_in(last, end.offset, len(last), start.offset + len(new), size=size),
        ]
        while (place := rope.before(start)) and self._belongs(left := rope.segment(place).text, left, text):
            moved = len(left)
            quiet = [*quiet_in(left, 0, moved, 0, size=size), *((a + moved, b + moved) for a, b in quiet)]
            text = left + text
            start = place
        while (place := rope.after(end)) and self._belongs(right := rope.segment(place).text, text, right):
            quiet += quiet_in(right, 0, len(right), len(text), size=size)
            text += right
            end = place
        self._put(start, end, text, quiet)

    def _belongs(self, neighbour: str, left: str, right: str) -> bool:
        """Whether a neighbour must be counted together with a text, or had better be: small segments are joined."""
        if not left or not right:
            return True
        text = right if neighbour is left else left
        if len(text) < self._part // 2 and len(neighbour) <= 2 * self._part:
            return True
        return not fits(left, right)

    def _put(self, start: Place, end: Place, text: str, quiet: Sequence[Quiet]) -> None:
        """Cut a text, let its segments stand for those between two places, and count them."""
        newline = self._rope.newline
        segments = [Segment(part, part.count(newline)) for part in parts(text, quiet, size=self._part)]
        for old in self._rope.replace(start, end, segments):
            self._characters -= len(old.text)
            if old.tokens is None:
                self._guessed -= self._owed.pop(old)
            else:
                self._counted -= old.tokens
        self._characters += len(text)
        waits = self._at_once is not None and len(text) > self._at_once
        for segment in segments:
            tokens = segment.tokens if waits or not segment.text else self._count(segment.text)
            segment.tokens = tokens
            if tokens is None:
                # An encoder that has no time for one segment has none for the next.
                waits = True
                guess = round(len(segment.text) * (self._tokens_a_character or GUESS))
                self._owed[segment] = guess
                self._guessed += guess
            else:
                self._counted += tokens
        self._learn()


def count_in_parts(texts: Iterable[str], count: Callable[[str], int]) -> int:
    """Tokens of a text that comes in slices, cut anywhere; no more of it is kept than lies behind its last joint."""
    total, rest = 0, ""
    for text in texts:
        *whole, rest = parts(rest + text, quiet_in(rest, 0, len(rest), 0))
        total += count("".join(whole))
    return total + count(rest)
