from __future__ import annotations

import unicodedata
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.safe_text import SafeStream, safe_text

ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


@given(ANY)
def test_what_is_shown_can_be_encoded_and_drives_no_terminal(text: str) -> None:
    safe = safe_text(text)
    safe.encode("utf-8")
    assert not [c for c in safe if unicodedata.category(c) == "Cc" and c not in "\t\n"]
    assert not set(safe) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")


@given(ANY)
def test_safe_text_is_safe_already(text: str) -> None:
    assert safe_text(safe_text(text)) == safe_text(text)


@given(ANY, st.lists(st.integers(0, 60)))
def test_pieces_give_what_the_whole_gives(text: str, cuts: list[int]) -> None:
    stream = SafeStream()
    places = sorted({0, len(text), *(cut for cut in cuts if cut <= len(text))})
    pieces = [text[a:b] for a, b in pairwise(places)]
    assert "".join([*(stream.feed(piece) for piece in pieces), stream.finish()]) == safe_text(text)


def test_a_character_that_came_in_two_halves_is_whole() -> None:
    stream = SafeStream()
    assert [stream.feed("a\ud83d"), stream.feed("\ude00b"), stream.finish()] == ["a", "😀b", ""]
    assert safe_text("\ud83d") == "\ufffd"


def test_sequences_for_the_terminal_are_taken_apart() -> None:
    assert safe_text("\x1b[31mred\x1b[0m\x07\x00\x7f") == "[31mred[0m"
    assert safe_text("one\r\ntwo\rthree\ttab") == "one\ntwo\nthree\ttab"


def test_writing_of_all_kinds_stays() -> None:
    text = "naïve – “quotes” … שלום مرحبا 你好 👩‍💻 \u200f"
    assert safe_text(text) == text
