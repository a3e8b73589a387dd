from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keytui.domain.joints import fits, parts, quiet_in
from tests.support.encoders import NASTY, encoder

ENCODINGS = ("o200k_base", "cl100k_base")

CLASSES = "aBǅʰ中é\u0301\u200d19Ⅷ²'s._/=(。😀 \t\u3000\r\n"
"""A character of every kind that the patterns tell apart, and those that they name."""


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_tokens_add_up_at_every_joint_between_characters_of_every_kind(encoding: str) -> None:
    encode = encoder(encoding).encode
    sides = [*CLASSES, *map("".join, product(CLASSES, repeat=2))]
    tokens = {side: encode(side) for side in sides}
    checked = 0
    for left, right in product(sides, sides):
        if fits(left, right):
            checked += 1
            assert encode(left + right) == tokens[left] + tokens[right], (left, right)
    assert checked > 50_000


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_tokens_add_up_beside_every_character(encoding: str) -> None:
    encode = encoder(encoding).encode
    partners = [" ", "\t", "\n", "\r", ".", "(", "。", "a", "1", "/", "'", "_"]
    # Every character of the planes in use up to the emoji, and a third of the ideographs beyond.
    for code in [*range(0x3400), *range(0xA000, 0xD800, 7), *range(0xE000, 0x20000, 3)]:
        character = chr(code)
        for partner in partners:
            if fits(partner, character):
                assert encode(f"x{partner}{character}y") == encode(f"x{partner}") + encode(f"{character}y")
            if fits(character, partner):
                assert encode(f"x{character}{partner}y") == encode(f"x{character}") + encode(f"{partner}y")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (".", "\n"),
        ("\n", "/"),
        (" ", "a"),
        (" ", " "),
        ("\n", " "),
        ("a", "\u0301"),
        ("a", "'"),
        ("\r", "\n"),
        ("a", "b"),
    ],
)
def test_pieces_that_reach_across_are_not_cut(left: str, right: str) -> None:
    assert not fits(left, right)


@settings(deadline=None)
@given(st.lists(st.sampled_from(NASTY) | st.text(max_size=8), max_size=120).map("".join), st.integers(1, 40))
def test_parts_are_the_text_and_hold_its_tokens(text: str, size: int) -> None:
    for encoding in ENCODINGS:
        cut = parts(text, size=size)
        assert "".join(cut) == text
        assert sum(map(encoder(encoding).count, cut)) == encoder(encoding).count(text)


def test_a_long_part_is_one_without_a_joint() -> None:
    text = "word " * 10 + "x" * 200 + " word" * 10
    lengths = [len(part) for part in parts(text, size=16)]
    assert max(lengths) >= 200
    assert sum(length > 32 for length in lengths) == 1


@settings(deadline=None)
@given(st.text("ab1 .\n", max_size=300), st.data())
def test_what_is_known_of_an_old_part_changes_nothing_in_what_is_found(text: str, data: st.DataObject) -> None:
    for old in parts("x" * 50 + text, size=8):
        start = data.draw(st.integers(0, len(old)))
        end = data.draw(st.integers(start, len(old)))
        before, after = data.draw(st.text("a1 ", max_size=12)), data.draw(st.text("a1 ", max_size=12))
        new = before + old[start:end] + after
        assert parts(new, quiet_in(old, start, end, len(before), size=8), size=8) == parts(new, size=8)
