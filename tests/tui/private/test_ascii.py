"""What is drawn where nothing but ASCII can be shown, and what never reaches a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from keytui.tui.private.environment import prepare
from keytui.tui.private.front import Front

WIDTH = 40


def sent(text: str, *, ascii_only: bool = False, link: str | None = None) -> str:
    front = Front(WIDTH, 2, ColorSystem.TRUECOLOR, ascii_only=ascii_only)
    front.put(0, 0, Strip([Segment(text, Style(link=link))]))
    return front.update((0, 0))


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("│ “a” ─ b…", '| "a" - b.'),
        ("┌─┐", "+-+"),
        ("▓▓░ ✓ ✗ •", "##. + x *"),
        ("····7Qf4", "....7Qf4"),
        ("déjà", "deja"),
        ("漢x", "? x"),
    ],
)
def test_signs_become_their_likeness_cell_by_cell(text: str, drawn: str) -> None:
    assert drawn in sent(text, ascii_only=True)


@given(st.text(max_size=WIDTH))
def test_nothing_but_ascii_is_drawn(text: str) -> None:
    assert sent(text, ascii_only=True).isascii()


@given(st.text(max_size=WIDTH))
def test_no_text_drives_the_terminal(text: str) -> None:
    ours = sent("x" * len(text))
    drawn = sent(text)
    assert drawn.count("\x1b") <= ours.count("\x1b") + 2 * len(text)
    for sequence in ("\x07", "\x9b", "\x0e", "\u202e", "\u2066", "\n", "\t"):
        assert sequence not in drawn
    drawn.encode()


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\x1b]0;title\x07b", "\x9b31m", "\x1b[?1049l", "\x1bc"])
def test_sequences_in_a_text_lose_what_makes_them_sequences(hostile: str) -> None:
    drawn = sent(hostile)
    assert hostile not in drawn
    assert "\x9b" not in drawn
    assert "\x1bc" not in drawn


def test_an_address_that_would_end_its_sequence_is_no_link() -> None:
    assert "]8;" in sent("here", link="https://example.org/a")
    assert "]8;" not in sent("here", link="https://example.org/\x1b\\\x1b]0;mine")


@pytest.mark.parametrize(
    "locale", [{"LANG": "C"}, {"LANG": "C", "LC_CTYPE": "C.UTF-8"}, {"LC_ALL": "POSIX", "LANG": "x"}]
)
def test_who_asks_for_the_c_locale_gets_ascii(locale: dict[str, str]) -> None:
    assert prepare({"TERM": "xterm", **locale}).ascii_only
