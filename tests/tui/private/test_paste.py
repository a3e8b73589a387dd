"""Pastes come out whole, however the terminal cuts them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from keytui.tui.private.paste import PasteParser


def parsed(pieces: list[str]) -> list[Message]:
    parser = PasteParser()
    return [message for piece in pieces for message in parser.feed(piece)]


def words(messages: list[Message]) -> list[str]:
    return [
        message.text if isinstance(message, events.Paste) else message.key
        for message in messages
        if isinstance(message, (events.Paste, events.Key))
    ]


def test_a_paste_between_keys() -> None:
    assert words(parsed(["a\x1b[200~one\rtwo\x1b[201~b"])) == ["a", "one\rtwo", "b"]


def test_two_pastes_in_one_read() -> None:
    assert words(parsed(["\x1b[200~one\x1b[201~\x1b[200~two\x1b[201~"])) == ["one", "two"]


def test_alt_with_a_digit_is_a_key_of_its_own() -> None:
    assert words(parsed(["a\x1b1\x1b[A"])) == ["a", "alt+1", "up"]


def test_nul_characters_are_left_out() -> None:
    assert words(parsed(["\x1b[200~a\x00b\x1b[201~"])) == ["ab"]


@given(st.text("ab\r漢[20~", max_size=40), st.lists(st.integers(6, 60), max_size=6))
def test_where_it_is_cut_makes_no_difference(text: str, cuts: list[int]) -> None:
    # The mark of its beginning is never cut here: then Textual's own parser reads the paste, letter by letter.
    sent = f"\x1b[200~{text}\x1b[201~x"
    edges = [0, *sorted({cut for cut in cuts if cut < len(sent)}), len(sent)]
    pieces = [sent[start:end] for start, end in pairwise(edges)]
    assert words(parsed(pieces)) == [text, "x"]


def test_a_cut_in_the_mark_of_its_beginning() -> None:
    assert words(parsed(["\x1b[20", "0~slow but whole\x1b[201~x"])) == ["slow but whole", "x"]
