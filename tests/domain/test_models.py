from __future__ import annotations

from keytui.domain.chat import ModelInfo
from keytui.domain.models import chat_models, nearest


def named(*names: str) -> list[ModelInfo]:
    return [ModelInfo(name) for name in names]


def test_openais_list_is_cut_to_models_that_chat_newest_first() -> None:
    listed = named(
        "gpt-4o", "text-embedding-3-small", "gpt-6-luna", "gpt-6.2-astra", "gpt-4o-audio-preview", "o3", "whisper-1",
        "gpt-6-luna-2026-09-01", "gpt-image-2", "gpt-6-luna", "omni-moderation-latest", "gpt-5.1", "tts-1",
    )  # fmt: skip
    assert [model.id for model in chat_models(listed, openai=True)] == [
        "gpt-6.2-astra", "gpt-6-luna", "gpt-6-luna-2026-09-01", "gpt-5.1", "gpt-4o", "o3",
    ]  # fmt: skip


def test_a_gateways_list_stays_as_it_is_without_repetitions() -> None:
    listed = named("b/x", "a", "b/x", "openai/text-embedding-3-small", "tts-1", "search-helper")
    assert [model.id for model in chat_models(listed, openai=False)] == ["b/x", "a", "search-helper"]


def test_a_list_that_does_not_end_is_cut() -> None:
    endless = (ModelInfo(f"m{n}") for n in iter(int, 1) for n in range(10_000))
    assert len(chat_models(endless, openai=False)) == 2_000


def test_the_nearest_name() -> None:
    assert nearest("gpt-6-lunar", named("gpt-6-luna", "gpt-6-sol")) == "gpt-6-luna"
    assert nearest("zzz", named("gpt-6-luna")) is None
