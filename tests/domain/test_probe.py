"""What the stages of a check say together."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, KeyState, Place
from keytui.domain.probe import Stage, StageResult, Verdict, of_known_key, state_after, worth_probing
from keytui.domain.troubles import Exit, Trouble, explain

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def failed(way_out: Exit) -> StageResult:
    trouble = Trouble("some", "Something.", "Do this.", exit=way_out)
    return StageResult(Stage.MODELS, Verdict.FAILED, trouble=trouble)


WARNED = StageResult(Stage.SHADOW, Verdict.WARNED, trouble=failed(Exit.CREDIT).trouble)


@pytest.mark.parametrize(
    ("results", "state"),
    [
        ([], KeyState.WORKS),
        ([WARNED], KeyState.WORKS),
        ([failed(Exit.AUTHENTICATION)], KeyState.REFUSED),
        ([failed(Exit.NETWORK)], KeyState.UNCHECKED),
        ([failed(Exit.RATE)], KeyState.LIMITED),
        ([failed(Exit.AUTHENTICATION), failed(Exit.CREDIT)], KeyState.LIMITED),
        ([StageResult(Stage.MODELS, Verdict.FAILED)], KeyState.UNCHECKED),
    ],
)
def test_what_a_check_says_of_a_key(results: list[StageResult], state: KeyState) -> None:
    assert state_after(results) is state


def test_only_the_way_is_worth_walking_stage_by_stage() -> None:
    worth = [way_out for way_out in Exit if worth_probing(failed(way_out).trouble or explain("no-credit"))]
    assert worth == [Exit.NETWORK]


def test_a_refusal_is_told_in_words_about_the_key() -> None:
    key = KeyRecord("1", "work", KeyKind.PROJECT, OPENAI_BASE_URL, Place.FILE, "1vW4", NOW, expires=NOW)
    refused = StageResult(Stage.MODELS, Verdict.FAILED, trouble=explain("invalid-key"))
    told = of_known_key(refused, key, NOW)
    assert told.trouble is not None
    assert told.trouble.title.startswith("“work” expired")
    for other in (failed(Exit.RATE), StageResult(Stage.MODELS, Verdict.PASSED)):
        assert of_known_key(other, key, NOW) is other
