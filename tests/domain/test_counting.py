from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from textual.document._document import Document

from keytui.domain.counting import AT_ONCE, LiveCounter, count_in_parts
from tests.support.encoders import NASTY, encoder, nasty

ENCODINGS = ("o200k_base", "cl100k_base")
texts = st.lists(st.sampled_from(NASTY) | st.text(max_size=6), max_size=30).map("".join)


def counter_of(text: str = "", *, encoding: str = "o200k_base", part: int = 16) -> LiveCounter:
    """A counter that counts everything at once, in segments so small that even short texts have many joints."""
    counter = LiveCounter(encoder(encoding).count, at_once=None, part=part)
    counter.load(text)
    return counter


# -- exact after every edit ---------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_exact_on_every_step_of_a_hundred_thousand_random_edits(encoding: str) -> None:
    random = Random(20261123)
    count = encoder(encoding).count
    counter, text, lengths = counter_of(encoding=encoding), "", 0
    for step in range(50_000):
        at = random.randint(0, len(text))
        delete = min(len(text) - at, random.choice((0, 0, 0, 1, 1, 2, 9) if len(text) < 400 else (1, 9, 60)))
        insert = nasty(random, random.choice((0, 1, 1, 2, 4)))
        text = text[:at] + insert + text[at + delete :]
        counter.edit_at(at, delete, insert)
        assert counter.total == count(text), (step, text, at, delete, insert)
        lengths += len(text)
    assert counter.text == text
    assert counter.characters == len(text)
    assert lengths / 50_000 > 200


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_exact_while_a_text_areas_document_is_edited_by_rows(newline: str) -> None:
    random = Random(newline)
    count = encoder("o200k_base").count
    start = newline + nasty(random, 150).replace("\r", "").replace("\n", newline)
    document, counter = Document(start), counter_of()
    counter.load(document.text, document.newline)
    for step in range(3_000):
        top, bottom = _random_range(random, document)
        insert = nasty(random, random.choice((0, 1, 1, 2, 5))) if len(document.text) < 1_500 else ""
        edit = document.replace_range(top, bottom, insert)
        counter.edit(top, bottom, document.get_text_range(top, edit.end_location))
        assert counter.total == count(document.text), step
    assert counter.text == document.text


def _random_range(random: Random, document: Document) -> tuple[tuple[int, int], tuple[int, int]]:
    rows = document.lines
    row = random.randrange(len(rows))
    last = min(len(rows) - 1, row + random.choice((0, 0, 0, 0, 1, 2)))
    top, bottom = sorted(((row, random.randint(0, len(rows[row]))), (last, random.randint(0, len(rows[last])))))
    if top[0] == bottom[0]:
        bottom = (top[0], min(bottom[1], top[1] + random.randrange(6)))
    return top, bottom


@settings(deadline=None, max_examples=60, stateful_step_count=40)
class Editing(RuleBasedStateMachine):
    """A text and its counter, changed in every way there is; some counts are put off and settled in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.answers = True
        self.counter = LiveCounter(lambda text: self.count(text) if self.answers else None, at_once=200, part=12)

    def count(self, text: str) -> int:
        return encoder("o200k_base").count(text)

    @rule(text=texts)
    def load(self, text: str) -> None:
        self.counter.load(text)
        self.text = text

    @rule(text=texts)
    def append(self, text: str) -> None:
        self.counter.append(text)
        self.text += text

    @rule(data=st.data(), insert=texts)
    def edit(self, data: st.DataObject, insert: str) -> None:
        at = data.draw(st.integers(0, len(self.text)))
        delete = data.draw(st.integers(0, min(40, len(self.text) - at)))
        self.counter.edit_at(at, delete, insert)
        self.text = self.text[:at] + insert + self.text[at + delete :]

    @rule(answers=st.booleans())
    def the_encoder_has_time_or_not(self, answers: bool) -> None:
        self.answers = answers

    @precondition(lambda self: self.counter.pending)
    @rule(characters=st.integers(1, 400))
    def settle_some(self, characters: int) -> None:
        for segment in self.counter.owed(characters):
            self.counter.settle(segment, self.count(segment.text))

    @invariant()
    def it_is_the_text_and_its_tokens(self) -> None:
        assert self.counter.characters == len(self.text)
        if not self.counter.pending:
            assert self.counter.total == self.count(self.text)

    def teardown(self) -> None:
        assert self.counter.text == self.text
        while segments := self.counter.owed(100):
            for segment in segments:
                self.counter.settle(segment, self.count(segment.text))
        assert not self.counter.pending
        assert self.counter.total == self.count(self.text)


TestEditing = Editing.TestCase


def test_an_edit_counts_its_neighbourhood_only() -> None:
    counted: list[int] = []

    def count(text: str) -> int:
        counted.append(len(text))
        return encoder("o200k_base").count(text)

    counter = LiveCounter(count, at_once=None)
    counter.load("One more line of a letter to the platform.\n" * 25_000)
    for at in (0, 500_000, counter.characters):
        counted.clear()
        counter.edit_at(at, 0, "x")
        assert sum(counted) <= 2_048


def test_names_of_special_tokens_count_as_text() -> None:
    counter = counter_of("<|endo")
    counter.edit_at(6, 0, "ftext|>")
    assert counter.total == encoder("o200k_base").count("<|endoftext|>") == 7


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_halves_of_surrogate_pairs_are_counted_as_in_the_whole_text(encoding: str) -> None:
    random = Random(2)
    counter, text = counter_of(encoding=encoding, part=8), ""
    for step in range(5_000):
        at = random.randint(0, len(text))
        delete = min(len(text) - at, random.choice((0, 0, 0, 1, 2) if len(text) < 200 else (9, 60)))
        insert = "".join(
            random.choices(("\ud83d", "\ude00", "\udc00", "a", " ", "\n", ".", "中"), k=random.randint(0, 3))
        )
        text = text[:at] + insert + text[at + delete :]
        counter.edit_at(at, delete, insert)
        assert counter.total == encoder(encoding).count(text), step


def test_rows_and_columns_beyond_the_text_mean_its_nearest_place() -> None:
    counter = counter_of("one\ntwo")
    counter.edit((0, 99), (0, 99), "!")
    counter.edit((9, 0), (9, 9), "?")
    assert counter.text == "one!\ntwo?"


@pytest.mark.parametrize(("at", "delete"), [(-1, 0), (0, -1), (4, 0), (2, 2)])
def test_an_edit_outside_the_text_is_refused_and_changes_nothing(at: int, delete: int) -> None:
    counter = counter_of("abc")
    with pytest.raises(ValueError, match="not inside a text of 3"):
        counter.edit_at(at, delete, "x")
    assert counter.text == "abc"


# -- streams --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_stream_is_exact_whenever_it_is_looked_at(encoding: str) -> None:
    random = Random(5)
    counter, text = counter_of(encoding=encoding), ""
    for _ in range(3_000):
        delta = nasty(random, random.choice((1, 1, 2)))
        counter.append(delta)
        text += delta
        if random.random() < 0.2:
            assert counter.total == encoder(encoding).count(text)
    assert counter.total == encoder(encoding).count(text)


def test_deltas_cost_no_count_until_the_total_is_read() -> None:
    calls: list[str] = []
    counter = LiveCounter(lambda text: calls.append(text) or 1, at_once=None)
    for _ in range(1_000):
        counter.append("word ")
    assert not calls
    assert counter.total
    assert "".join(calls) == "word " * 1_000


@settings(deadline=None)
@given(st.lists(texts, max_size=20), st.sampled_from(ENCODINGS))
def test_a_text_in_slices_has_the_tokens_of_the_whole(slices: list[str], encoding: str) -> None:
    count = encoder(encoding).count
    assert count_in_parts(slices, count) == count("".join(slices))


def test_a_file_that_comes_in_slices_is_counted_to_its_end_and_never_kept_whole() -> None:
    # A stretch without a joint, longer than any part, and words behind it.
    text = "x" * 3_000 + " word" * 2_000
    longest = 0

    def count(part: str) -> int:
        nonlocal longest
        longest = max(longest, len(part))
        return len(part.split())

    assert count_in_parts((text[at : at + 700] for at in range(0, len(text), 700)), count) == 2_001
    assert longest < 5_000


@pytest.mark.parametrize(
    ("characters", "batch"),
    [
        (1, [" dd"]),
        (2, ["aa"]),
        (4, ["aa"]),
        (5, ["aa", " bb"]),
        (7, ["aa", " bb"]),
        (8, ["aa", " bb", " cc"]),
        (99, ["aa", " bb", " cc", " dd"]),
    ],
)
def test_as_much_is_owed_at_a_time_as_was_asked_for(characters: int, batch: list[str]) -> None:
    counter = LiveCounter(lambda text: None, part=2)
    counter.load("aa bb cc dd")
    assert [segment.text for segment in counter.owed(characters)] == batch


# -- what cannot be counted at once -----------------------------------------------------------------


def test_before_the_encoder_is_there_nothing_is_claimed() -> None:
    counter = LiveCounter(lambda text: None)
    counter.load("hello")
    assert counter.pending
    assert counter.total is None


def test_an_empty_text_has_no_tokens_even_without_an_encoder() -> None:
    counter = LiveCounter(lambda text: None)
    assert counter.total == 0
    assert not counter.pending


def test_a_large_paste_is_owed_and_guessed_by_the_texts_own_ratio() -> None:
    count = encoder("o200k_base").count
    counter = LiveCounter(count)
    paragraph = "The platform bills tokens, not words. " * 30
    counter.load(paragraph)
    exact = counter.total
    assert not counter.pending
    counter.edit_at(0, 0, paragraph * 20)
    assert counter.pending
    assert counter.total == pytest.approx(count(paragraph * 21), rel=0.05)
    assert exact == count(paragraph)
    while segments := counter.owed(4_000):
        assert sum(len(segment.text) for segment in segments) <= 4_000
        for segment in segments:
            counter.settle(segment, count(segment.text))
    assert counter.total == count(paragraph * 21)


def test_a_giant_piece_never_keeps_the_caller_and_the_rest_stays_exact() -> None:
    asked: list[int] = []

    def count(text: str) -> int:
        asked.append(len(text))
        return encoder("o200k_base").count(text)

    counter = LiveCounter(count)
    counter.load("a" * 200_000 + " and some words.")
    counter.edit_at(counter.characters, 0, " More of them.")
    counter.edit_at(100_000, 0, "a")
    assert max(asked) <= AT_ONCE
    (giant,) = counter.owed(10)
    assert len(giant.text) == 200_001
    counter.settle(giant, count(giant.text))
    assert counter.total == encoder("o200k_base").count(counter.text)


def test_a_count_that_comes_too_late_is_dropped() -> None:
    counter = LiveCounter(lambda text: None)
    counter.load("an old text")
    (old,) = counter.owed(100)
    counter.edit_at(0, 11, "a new one")
    counter.settle(old, 999)
    (new,) = counter.owed(100)
    counter.settle(new, 3)
    counter.settle(new, 3)
    assert counter.total == 3


def test_an_encoder_without_time_is_asked_once_an_edit() -> None:
    asked: list[str] = []
    counter = LiveCounter(lambda text: asked.append(text), part=16)  # type: ignore[func-returns-value]
    counter.load("some words to be counted " * 20)
    assert len(asked) == 1
    assert counter.pending
