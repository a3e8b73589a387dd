from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.overhead import Calibration, estimate, message_overhead
from keytui.domain.question import ChatMessage, Question


def test_the_cookbooks_rule_for_each_message() -> None:
    question = Question(
        "gpt-4o",
        (ChatMessage("user", "two words"), ChatMessage("assistant", "one"), ChatMessage("user", "and three more")),
        instructions="be brief please now",
    )
    counted = estimate(question, lambda text: len(text.split()))
    assert counted.instructions == 4
    assert counted.messages == (2, 1, 3)
    assert counted.overhead == 4 * (3 + 1) + 3
    assert counted.total == 4 + 6 + 19


def test_without_instructions_there_is_no_message_for_them() -> None:
    question = Question("gpt-4o", (ChatMessage("user", "hello"),))
    assert estimate(question, len).total == 5 + message_overhead(1) == 12
    assert estimate(question, lambda text: len(text) + 1).instructions == 0


def test_nothing_said_takes_nothing() -> None:
    assert message_overhead(0) == 0


def test_nothing_learnt_changes_nothing() -> None:
    assert Calibration().apply(812) == 812


def test_one_bill_shows_what_the_platform_adds() -> None:
    learnt = Calibration().learn(100, 111)
    assert learnt.apply(100) == 111
    assert learnt.apply(5_000) == 5_011


def test_one_bill_of_another_tokenizer_shows_a_ratio() -> None:
    learnt = Calibration().learn(1_000, 1_500)
    assert learnt.apply(1_000) == 1_500
    assert learnt.apply(10) == 15


@given(
    st.floats(0.5, 3.0),
    st.integers(0, 60),
    st.lists(st.integers(50, 50_000), min_size=4, max_size=30, unique=True).filter(lambda s: max(s) - min(s) > 5_000),
)
def test_a_straight_relation_is_found(ratio: float, offset: int, sizes: list[int]) -> None:
    learnt = Calibration()
    for size in sizes:
        learnt = learnt.learn(size, round(ratio * size + offset))
    assert abs(learnt.apply(20_000) - (ratio * 20_000 + offset)) < 0.05 * ratio * 20_000


def test_a_model_that_changes_is_followed() -> None:
    learnt = Calibration()
    for size in (100, 900, 400, 700):
        learnt = learnt.learn(size, size + 10)
    for size in (300, 800, 500, 200, 600) * 12:
        learnt = learnt.learn(size, round(1.4 * size))
    assert abs(learnt.apply(1_000) - 1_400) < 30


@given(st.lists(st.tuples(st.integers(-5, 10_000), st.integers(-5, 10_000)), max_size=20), st.integers(0, 100_000))
def test_it_never_foretells_less_than_nothing(bills: list[tuple[int, int]], size: int) -> None:
    learnt = Calibration()
    for estimated, billed in bills:
        learnt = learnt.learn(estimated, billed)
    assert learnt.apply(size) >= 0


def test_a_bill_without_tokens_teaches_nothing() -> None:
    assert Calibration().learn(0, 10) == Calibration().learn(10, 0) == Calibration()


def test_a_bill_of_a_single_token_teaches() -> None:
    assert Calibration().learn(1, 9).apply(1) == 9
    assert Calibration().learn(9, 1).apply(9) == 1


def test_nothing_may_be_foretold_to_take_nothing() -> None:
    assert Calibration().learn(1_000, 100).apply(0) == 0
