from __future__ import annotations

import pytest
import tiktoken

from keytui.domain.encodings import encoding_for
from keytui.domain.tokens import Encoding, Exactness

EXACT, ASSUMED, ROUGH = Exactness.EXACT, Exactness.ASSUMED, Exactness.ROUGH


@pytest.mark.parametrize(
    "model",
    [
        "gpt-5", "gpt-5.4-mini", "gpt-4.1", "gpt-4.1-nano", "gpt-4o", "gpt-4o-2024-11-20", "chatgpt-4o-latest", "o1",
        "o3-mini", "o4-mini", "gpt-4", "gpt-4-turbo", "gpt-4-32k", "gpt-3.5-turbo", "gpt-3.5-turbo-0125",
        "gpt-oss-120b", "text-embedding-3-small", "text-embedding-3-large",
        "ft:gpt-4o:acme::7x", "ft:gpt-3.5-turbo:acme:name:7x",
    ],
)  # fmt: skip
def test_agrees_with_tiktoken_where_it_knows_a_model(model: str) -> None:
    assert encoding_for(model) == Encoding(tiktoken.encoding_name_for_model(model), EXACT)


@pytest.mark.parametrize(
    ("model", "name", "exactness"),
    [
        ("gpt-6-luna", "o200k_base", ASSUMED),
        ("gpt-6.1", "o200k_base", ASSUMED),
        ("codex-mini-latest", "o200k_base", ASSUMED),
        ("chatgpt-next", "o200k_base", ASSUMED),
        ("o5", "o200k_base", ASSUMED),
        ("llama-3.3-70b", "o200k_base", ROUGH),
        ("", "o200k_base", ROUGH),
        ("claude-sonnet\n", "o200k_base", ROUGH),
    ],
)
def test_says_what_is_assumed_and_what_is_only_rough(model: str, name: str, exactness: Exactness) -> None:
    assert encoding_for(model) == Encoding(name, exactness)


@pytest.mark.parametrize("model", ["openai/gpt-4o", "azure/openai/gpt-4o", "openai/gpt-4o:free", "GPT-4o", " gpt-4o "])
def test_a_gateways_name_for_a_model_counts_as_the_model(model: str) -> None:
    assert encoding_for(model) == Encoding("o200k_base", EXACT)


def test_a_fine_tuned_model_counts_as_its_base_where_tiktoken_slips() -> None:
    assert tiktoken.encoding_name_for_model("ft:gpt-4.1:acme::7x") == "cl100k_base"
    assert encoding_for("ft:gpt-4.1-mini:acme::7x") == Encoding("o200k_base", EXACT)
    assert encoding_for("ft:gpt-5-mini:acme::7x") == Encoding("o200k_base", EXACT)


def test_a_local_servers_size_tag_does_not_hide_the_model() -> None:
    assert encoding_for("gpt-oss:20b") == Encoding("o200k_harmony", EXACT)
