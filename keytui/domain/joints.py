"""Joints: the places where a text may be cut so that the tokens of the parts are the tokens of the whole.

A tokenizer first cuts a text into pieces by a pattern and then encodes each piece by itself. Where no piece can reach
across, and none ends otherwise for the lack of what follows, the counts of both sides add up. The two characters at the
cut tell (measured-limits P2, for the patterns of o200k_base, o200k_harmony and cl100k_base):

====  ====================  =====================================  ==========================================
rule  left                  right                                  because
====  ====================  =====================================  ==========================================
R1    not white space       space or tab                           a space can only begin a piece
R2    letter or number      line end, ASCII punctuation except     pieces of letters or numbers stop there; an
                            ``'``, CJK punctuation                 apostrophe may begin ``'s``
R3    line end              not white space, not ``/``             pieces that hold line ends stop there
R4    ASCII letter, digit   ASCII digit, letter                    letters and digits never share a piece
====  ====================  =====================================  ==========================================
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# str.isalnum knows no letter that the tokenizer does not, and \s knows every white space: both err on the safe side.
_JOINT = re.compile(
    r"(?<=\S)(?=[ \t])"
    r"|(?<=[^\W_])(?=[\r\n!-&(-/:-@\[-`{-~\u3001\u3002\u300a-\u300d\uff01\uff0c\uff1a\uff1b\uff1f])"
    r"|(?<=[\r\n])(?=[^\s/])"
    r"|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])"
)

PART = 512
"""Characters after which a part ends at the next joint. What is up to twice as long stays whole."""

Quiet = tuple[int, int]
"""First and last place of a stretch known to have no joint; the place ``n`` is before the character ``n``."""


def fits(left: str, right: str) -> bool:
    """Whether there is a joint between two texts that are not empty."""
    return _JOINT.match(left[-1] + right[0], 1) is not None


def parts(text: str, quiet: Iterable[Quiet] = (), *, size: int = PART) -> list[str]:
    """A text cut at joints into parts of about ``size`` characters; joined they are the text. There is at least one.

    Stretches in ``quiet`` are not searched: searching takes 0.1 ms for 1,000 characters without a joint.
    """
    quiet = tuple(quiet)
    result = []
    start = 0
    while len(text) - start > 2 * size:
        place = _next(text, start + size, quiet)
        if place is None:
            break
        result.append(text[start:place])
        start = place
    result.append(text[start:])
    return result


def quiet_in(part: str, start: int, end: int, at: int, *, size: int = PART) -> Sequence[Quiet]:
    """What is known of a slice ``part[start:end]`` of an old part, once it stands at ``at`` in a new text.

    A part of more than twice ``size`` characters is one in which no joint was found from ``size`` on.
    """
    first, last = max(size, start + 1), end - 1
    return ((first - start + at, last - start + at),) if len(part) > 2 * size and first <= last else ()


def _next(text: str, place: int, quiet: Sequence[Quiet]) -> int | None:
    """The first joint from a place on."""
    for first, last in quiet:
        if place < first and (found := _JOINT.search(text, place, first + 1)):
            return found.start()
        if place <= last:
            place = max(place, last + 1)
    found = _JOINT.search(text, place)
    return found.start() if found else None
