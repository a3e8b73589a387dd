from __future__ import annotations

from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import tiktoken
import tiktoken_ext.openai_public as published
from hypothesis import given, settings
from hypothesis import strategies as st

from keytui.adapters import tokenizer as module
from keytui.adapters import vocabulary
from keytui.adapters.tokenizer import ExactTokenizer, RoughTokenizer, load
from keytui.domain.tokens import ROUGH, Tokenizer
from tests.support.encoders import NASTY, encoder

NAMES = ("o200k_base", "cl100k_base", "o200k_harmony")
LIMIT = 1_000_000
"""Blanks in a row at which tiktoken gives up."""


def test_known_texts_have_their_known_tokens() -> None:
    assert encoder("o200k_base").encode("hello world") == [24912, 2375]
    assert encoder("cl100k_base").encode("hello world") == [15339, 1917]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tiktoken.Encoding]:
    """tiktoken's own encodings, with our vocabulary files in its cache."""
    cache = tmp_path_factory.mktemp("vocabulary")
    for wanted in vocabulary.VOCABULARIES.values():
        vocabulary.read(wanted, cache)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", str(cache))
        return {name: tiktoken.Encoding(**getattr(published, name)()) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_the_patterns_are_the_published_ones(name: str, reference: dict[str, tiktoken.Encoding]) -> None:
    assert module._ENCODINGS[name][1] == reference[name]._pat_str


@settings(deadline=None)
@given(text=st.lists(st.sampled_from(NASTY) | st.text(), max_size=30).map("".join), name=st.sampled_from(NAMES))
def test_tokens_are_tiktokens_own(text: str, name: str, reference: dict[str, tiktoken.Encoding]) -> None:
    ours = encoder(name)
    ids = reference[name].encode(text, disallowed_special=())
    assert ours.encode(text) == ids
    assert ours.count(text) == len(ids)
    assert b"".join(ours.pieces(text)) == text.encode()


@pytest.mark.parametrize("name", NAMES)
def test_lone_surrogates_count_as_what_is_sent_in_their_place(name: str) -> None:
    ours = encoder(name)
    assert ours.count("\ud83d and \ude00 text") == ours.count("\ufffd and \ufffd text")
    assert ours.encode("\ud83d\ude00") == ours.encode("😀")
    assert b"".join(ours.pieces("a\ud800")) == "a\ufffd".encode()


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base"])
@pytest.mark.parametrize("blank", [" ", "\t", "\u3000"])
@pytest.mark.parametrize("before", ["", "word", "\n", ".\n"])
@pytest.mark.parametrize("after", ["", "word", "!", "7", "\nword", "\n \n"])
def test_long_runs_of_blanks_are_cut_where_the_pattern_cuts(name: str, blank: str, before: str, after: str) -> None:
    """Shown at a length that tiktoken can still do, for there is nothing to compare longer ones with."""
    ours = encoder(name)
    assert isinstance(ours, ExactTokenizer)
    text = before + blank * 70_000 + after + blank * 3 + "end" + blank * 66_000
    parts = [bytes(memoryview(part).cast("B")) for part in ours._around_blanks(text)]
    assert len(parts) > 1
    assert [*memoryview(b"".join(parts)).cast("I")] == ours.encode(text)


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base"])
def test_a_million_blanks_are_counted_and_nothing_is_printed(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    ours = encoder(name)
    text = "before" + " " * (LIMIT + 70_001) + "after"
    ids = ours.encode(text)
    assert ours.count(text) == len(ids)
    # A run is one piece but for its last blank, and 70,000 blanks more or less are a whole number of long tokens.
    short = ours.encode("before" + " " * 70_001 + "after")
    assert ids[0] == short[0]
    assert ids[-1] == short[-1]
    assert b"".join(ours.pieces(text)) == text.encode()
    assert capfd.readouterr() == ("", "")


def test_several_threads_may_count_at_once() -> None:
    ours, results = encoder("o200k_base"), []
    threads = [Thread(target=lambda: results.append(ours.count("many words " * 20_000))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [ours.count("many words " * 20_000)] * 4


def test_other_threads_run_while_a_long_text_is_counted() -> None:
    """With the interpreter lock held, nothing at all could run between the start and the end of a count."""
    ours = encoder("o200k_base")
    done: list[int] = []
    counting = Thread(target=lambda: done.append(ours.count("a" * 2_000_000)))
    counting.start()
    turns = 0
    while not done:
        turns += 1
    counting.join()
    assert turns > 100


def test_without_a_vocabulary_the_tokenizer_is_rough_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabulary, "find_spec", lambda name: None)
    rough = load("o200k_base", tmp_path)
    assert isinstance(rough, RoughTokenizer)
    assert rough.name == ROUGH
    assert rough.count("") == 0
    assert rough.count("hello") == 2
    assert [len(rough.encode("hello world")), *rough.pieces("hello wörld")] == [3, b"hell", b"o w\xc3\xb6", b"rld"]
    assert rough.encode("same text") == rough.encode("same text")
    assert rough.encode("same text") != rough.encode("some text")


def test_another_encoding_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        load("p50k_base", tmp_path)


def test_both_are_tokenizers() -> None:
    tokenizers: list[Tokenizer] = [RoughTokenizer(), encoder("o200k_base")]
    values: list[Any] = [tokenizer.count("word") for tokenizer in tokenizers]
    assert values == [1, 1]
