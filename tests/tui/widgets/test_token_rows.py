"""Tokens in rows: nothing is lost, lines are counted, and characters of several tokens are told."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from keytui.tui.widgets.token_rows import TokenRows, characters_of, look

PIECES = st.lists(st.binary(min_size=1, max_size=6), max_size=60)


@given(PIECES, st.integers(4, 40), st.booleans(), st.integers(1, 20))
def test_every_token_is_in_one_row_and_every_row_fits(
    pieces: list[bytes], width: int, ids: bool, at_a_time: int
) -> None:
    rows = TokenRows(list(enumerate(pieces)), width, ids=ids, ascii_only=False)
    while not rows.done:
        rows.lay_out(at_a_time)
    assert [index for number in range(rows.height) for index in rows.row(number)] == list(range(len(pieces)))
    for number in range(rows.height):
        cells = [rows.cells(rows.tokens[index]) for index in rows.row(number)]
        assert sum(cells) <= width
        for index in rows.row(number):
            assert rows.row_of(index) == number


@given(PIECES)
def test_the_tokens_of_all_lines_are_all_tokens(pieces: list[bytes]) -> None:
    rows = TokenRows(list(enumerate(pieces)), 20, ids=False, ascii_only=False)
    rows.lay_out(1_000)
    lines = [line for number in range(rows.height) if (line := rows.line(number))]
    assert sum(tokens for _, tokens in lines) == len(pieces)
    assert [number for number, _ in lines] == sorted({number for number, _ in lines})
    assert lines[-1][0] == 1 + b"".join(pieces).count(b"\n")


@given(st.binary(min_size=1, max_size=8))
def test_every_token_can_be_seen(piece: bytes) -> None:
    assert cell_len(look(piece)) > 0
    assert look(piece, ascii_only=True).isprintable() or not piece.isascii()


def test_white_space_has_marks() -> None:
    assert look(b" two\n\t") == "·two↵→"
    assert look("\u00a0".encode()) == "␣"
    assert look("\u200d".encode()) == "‹200d›"


def test_a_part_of_a_character_is_shown_by_its_bytes_and_says_of_which() -> None:
    hand = "ve ✋".encode()
    tokens = [(0, hand[:2]), (1, hand[2:5]), (2, hand[5:])]
    assert look(tokens[1][1]) == "‹20 e2 9c›"
    assert [characters_of(tokens, index) for index in range(3)] == ["", "✋", "✋"]
