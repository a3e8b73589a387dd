"""Where lines break, and that an edit breaks them as if they had always been so."""

from __future__ import annotations

import string
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual._wrap import compute_wrap_offsets

from keytui.tui.private.rows import breaks, rebreak

pieces = st.sampled_from(
    [
        "a",
        "word ",
        " ",
        "  ",
        "\t",
        "漢",
        "字 ",
        "。",
        "é",
        "e\u0301",
        "👩\u200d👩",
        "❤\ufe0f",
        "\u200b",
        "x" * 9,
        "\x1b",
    ]
)
lines = st.lists(pieces, max_size=40).map("".join)
widths = st.sampled_from([1, 2, 3, 5, 8, 13, 40])


@given(lines, widths, st.data())
def test_an_edit_breaks_a_line_as_if_it_had_always_been_so(line: str, width: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(line)))
    last = data.draw(st.integers(first, len(line)))
    text = data.draw(st.lists(pieces, max_size=4).map("".join))
    edited = line[:first] + text + line[last:]
    old = list(breaks(line, width, 4))
    assert rebreak(old, edited, width, 4, (first, last, first + len(text))) == list(breaks(edited, width, 4))


@given(lines, st.integers(2, 20))
def test_rows_fit_and_leave_nothing_out(line: str, width: int) -> None:
    line = line.replace("\t", " ").replace("\x1b", "")
    edges = [0, *breaks(line, width, 4), len(line)]
    assert edges == sorted(edges)
    for start, end in pairwise(edges):
        # A cluster may be wider by itself than the sum of its parts fits; it is never parted from its marks.
        assert cell_len(line[start:end]) <= width or end - start <= 2


@given(st.text(string.ascii_letters + "   .,", max_size=300), st.integers(1, 40))
def test_plain_words_break_where_textual_breaks_them(line: str, width: int) -> None:
    # Textual never breaks within a run of spaces.
    line = " ".join(line.split())
    assert list(breaks(line, width, 4)) == compute_wrap_offsets(line, width, 4)
