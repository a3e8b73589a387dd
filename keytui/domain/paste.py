"""A pasted key, cleaned: what came along with it is taken off, what it is gets a name, what looks wrong is said."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from keytui.domain.addresses import is_openai
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind
from keytui.domain.secrets import Secret
from keytui.domain.shapes import OPENAI, SHAPES, WATERMARK, Shape, looks_like_secret, shape_of

__all__ = ["Pasted", "clean", "looks_like_secret"]

SHORTEST = 20
"""Characters; no OpenAI key is shorter (source: openai-facts 1.6)."""

USUAL = 100
"""Characters; project, service account and admin keys have about 164."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a paste turned out to be."""

    secret: Secret
    """The key alone; empty when there was none."""
    kind: KeyKind
    name: str
    """The kind in words, with its article: "an OpenAI project key", "a key of unknown kind"."""
    notes: tuple[str, ...] = ()
    """What was taken off, each as a few words: "quotes", "a break in the middle"."""
    warnings: tuple[str, ...] = ()
    """What looks odd but may be right; one sentence with the next step each."""
    problem: str | None = None
    """Why this cannot be used as a key, as one sentence with the next step; None when it can."""

    @property
    def removed(self) -> str:
        """The notes as one sentence; empty when nothing was taken off."""
        return f"Taken off: {', '.join(self.notes)}." if self.notes else ""


_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-Z\\-_]")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−﹣-", "-"))
_QUOTES = "\"'`“”‘’«»„‚"
_BEGINNINGS = "|".join(re.escape(shape.prefix) for shape in SHAPES) + "|sk-"
_START = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_BEGINNINGS})")
_INSIDE = re.compile("|".join(re.escape(shape.prefix) for shape in SHAPES if shape.vendor == OPENAI))
_RUN = re.compile(r"[A-Za-z0-9_-]+")
_MORE = re.compile(r"(\s+)([A-Za-z0-9_-]+)(?=[\s\"'`“”‘’,;)}\]]|$)(?!\s*[=:])")
_WORD = re.compile(r"\S*")
_NAME = re.compile(r"(?:\$env:)?([A-Za-z_][A-Za-z0-9_.]*)[\"']?\s*[=:]\s*", re.IGNORECASE)
_SHELL = re.compile(r"(?:export|setx?|declare\s+-x)\s+", re.IGNORECASE)
_BEARER = re.compile(r"(?:authorization\s*:\s*)?bearer\s+", re.IGNORECASE)
_SHORTENED = re.compile(r"\.{2,}|…|\*{2,}|•{2,}|●{2,}|x{8,}", re.IGNORECASE)


def clean(text: str, *, base_url: str = OPENAI_BASE_URL) -> Pasted:
    """The key in a pasted text, for use at ``base_url``; never raises, whatever was pasted.

    At an address that is not OpenAI's a key may look like anything, so there nothing is said about its shape.
    """
    notes: list[str] = []
    text = _visible(text, notes)
    if not text.strip():
        return _refused("Nothing was pasted: copy the key from its page, then paste it here.")
    starts = [found.start() for found in _START.finditer(text)]
    keys = [_key_at(text, start, end) for start, end in pairwise([*starts, len(text)])]
    if len({key for key, _ in keys}) > 1:
        return _refused(_TWO)
    if keys:
        if len(keys) > 1:
            notes.append("the same key once more")
        # A start that is not the first is a repetition of it, so everything from there on is left out.
        last = starts[1] if len(starts) > 1 else len(text)
        _note_around(text[: starts[0]], text[starts[0] : last], keys[0], notes)
        key, rest = keys[0][0], _rest_of_word(text, starts[0], last, keys[0])
    else:
        key, rest = _unknown(text, notes), ""
    at_openai = is_openai(base_url)
    if rest and not at_openai and rest.isascii():
        # A gateway's key may go on with any character.
        key, rest = key + rest, ""
    halves = _halves(key)
    if halves is None:
        return _refused(_TWO)
    if halves != key:
        notes.append("the same key once more")
    return _judged(halves, rest, notes, at_openai=at_openai)


_TWO = "There are two different keys in this paste: copy just one of them, and paste again."


def _visible(text: str, notes: list[str]) -> str:
    """The text without invisible characters, with plain dashes, spaces and line breaks."""
    plain = _ESCAPES.sub("", text)
    kept = "".join(
        character
        for character in plain
        if character.isspace() or unicodedata.category(character) not in ("Cf", "Cc", "Cs", "Co")
        if character not in "\ufe0e\ufe0f\u034f\u115f\u1160\u3164\uffa0"
    )
    if kept != text:
        notes.append("invisible characters")
    dashed = kept.translate(_DASHES)
    if dashed != kept and _START.search(dashed):
        notes.append("typographic dashes")
        kept = dashed
    return kept


def _key_at(text: str, start: int, end: int) -> tuple[str, int]:
    """The key that begins at ``start``, and how many pieces it was cut into."""
    found = _RUN.match(text, start, end)
    key = found[0] if found else ""
    place, pieces = found.end() if found else start, 1
    while not _whole(key) and (gap := _MORE.match(text, place, end)):
        more = gap[2]
        if not set(gap[1]) & set("\r\n") and more.isalpha() and more[1:] == more[1:].lower():
            # A word of a sentence around the key, not a piece of it.
            break
        key, place, pieces = key + more, gap.end(), pieces + 1
    return key, pieces


def _whole(key: str) -> bool:
    """Whether a key has all its characters, as far as its kind tells."""
    if WATERMARK in key:
        shape = shape_of(key)
        before, after = key.removeprefix(shape.prefix if shape else "").split(WATERMARK, 1)
        return len(after) >= len(before)
    return len(key) == 51 and key[3:].isalnum()


def _rest_of_word(text: str, start: int, end: int, key: tuple[str, int]) -> str:
    """What follows an uncut key without a space: a sign that it is shortened, or has a foreign character."""
    if key[1] > 1:
        return ""
    word = _WORD.match(text, start + len(key[0]), end)
    return (word[0] if word else "").rstrip(_QUOTES + ",;:!?)]}>\\")


def _note_around(before: str, after: str, key: tuple[str, int], notes: list[str]) -> None:
    """Say what stood around the key."""
    behind = after[len(key[0]) :] if key[1] == 1 else ""
    if before != before.lstrip() or behind != behind.rstrip() or (before and before.isspace()):
        notes.append("spaces or line breaks around it")
    if key[1] > 1:
        notes.append("a break in the middle")
    named = _NAME.search(before)
    if named and not _BEARER.search(before):
        notes.append(f"“{named[1]}=”")
    if _SHELL.match(before.lstrip()):
        notes.append(f"“{before.split()[0].lower()}”")
    if _BEARER.search(before):
        notes.append("“Bearer”")
    if any(quote in before or quote in behind for quote in _QUOTES):
        notes.append("quotes")
    if not notes and (before.strip() or behind.strip(" .\t\r\n")):
        notes.append("the text around it")


def _unknown(text: str, notes: list[str]) -> str:
    """The key in a text without any known beginning: what is left when the usual wrapping is off."""
    kept = text.strip()
    if kept != text:
        notes.append("spaces or line breaks around it")
    for pattern, words in ((_SHELL, "“export”"), (_NAME, None), (_BEARER, "“Bearer”")):
        kept, before = kept.strip(_QUOTES + " \t"), kept
        if kept != before:
            notes.append("quotes")
        found = pattern.match(kept)
        if found and (pattern is not _NAME or ("=" in found[0] and len(kept) > found.end())):
            notes.append(words or f"“{found[1]}=”")
            kept = kept[found.end() :]
    stripped = kept.strip(_QUOTES + " \t;,")
    if stripped != kept:
        notes.append("quotes")
    joined = "".join(stripped.split())
    if joined != stripped:
        notes.append("a break in the middle")
    notes[:] = dict.fromkeys(notes)
    return joined


def _halves(key: str) -> str | None:
    """The key, once, when it was pasted twice in a row; None when another key follows it without a break."""
    again = [found.start() for found in _INSIDE.finditer(key)]
    if len(again) <= 1 and not (again and again[0] > 0):
        return key
    cuts = [*again, len(key)] if again[0] == 0 else [0, *again, len(key)]
    parts = {key[start:end] for start, end in pairwise(cuts)}
    return parts.pop() if len(parts) == 1 else None


def _judged(key: str, rest: str, notes: list[str], *, at_openai: bool) -> Pasted:
    """The verdict on what was found."""
    shape = shape_of(key)
    kind = shape.kind if shape else KeyKind.OTHER
    name = shape.name if shape and shape.vendor else "a key of unknown kind"
    problem: str | None = None
    warnings: list[str] = []
    foreign = next((character for character in key + rest if not "!" <= character <= "~"), None)
    if not key:
        problem = "There is no key in this paste: copy the key from its page, then paste it here."
    elif _SHORTENED.match(rest) or (_SHORTENED.search(key) and at_openai and not looks_like_secret(key)):
        problem = (
            "This is the shortened form that pages show later on; a key is shown whole only once, when it is made: "
            "make a new one."
        )
    elif foreign is not None:
        problem = f"The key holds “{foreign}”, a character that no key has: copy it again, straight from its page."
    elif at_openai:
        problem, warnings = _judged_for_openai(key, shape)
    said = () if problem else tuple(dict.fromkeys(notes))
    return Pasted(Secret(key), kind, name, said, tuple(warnings), problem)


def _judged_for_openai(key: str, shape: Shape | None) -> tuple[str | None, list[str]]:
    """The problem, or the warnings, of a key that is to go to OpenAI."""
    if shape and shape.vendor not in (OPENAI, ""):
        return (
            f"This is {shape.name}, which OpenAI does not accept: paste an OpenAI key (they begin with sk-), "
            f"or give {shape.vendor}'s address as the base URL.",
            [],
        )
    if len(key) < SHORTEST:
        long = "1 character" if len(key) == 1 else f"{len(key)} characters"
        return f"This is too short for a key ({long}): copy the whole key, and paste again.", []
    if shape is None:
        return None, ["OpenAI's keys begin with sk-, and this one does not: check that it was copied whole."]
    if WATERMARK in key:
        before, after = key.removeprefix(shape.prefix).split(WATERMARK, 1)
        if len(after) < len(before):
            return None, ["The end of the key seems to be missing: copy it again if it is refused."]
        if len(after) > len(before):
            return None, ["The key is longer than usual: look whether something else was copied along with it."]
        return None, []
    if shape.kind in (KeyKind.PROJECT, KeyKind.SERVICE_ACCOUNT, KeyKind.ADMIN) and len(key) < USUAL:
        return None, [
            f"The key has {len(key)} characters where about 164 are usual: copy it again if it is refused.",
        ]
    if shape.kind is KeyKind.OTHER:
        return None, ["This has not the length of an OpenAI key: copy it again if it is refused."]
    return None, []


def _refused(problem: str) -> Pasted:
    return Pasted(Secret(""), KeyKind.OTHER, "a key of unknown kind", problem=problem)
