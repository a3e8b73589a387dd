from __future__ import annotations

import pytest

from keytui.domain.tokens import rough_count


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("a", 1), ("four", 1), ("fives", 2), ("漢字かな", 1), ("x" * 401, 101)]
)
def test_without_a_vocabulary_every_four_characters_begun_are_a_token(text: str, tokens: int) -> None:
    assert rough_count(text) == tokens
