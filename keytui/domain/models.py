"""Which of a server's models can chat, and in which order to offer them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from keytui.domain.chat import ModelInfo

_CHATS = re.compile(r"^(?:ft:)?(?:gpt-|o\d|chatgpt-)")
_DOES_NOT_CHAT = re.compile(
    r"audio|realtime|transcribe|translate|tts|image|search|embedding|moderation|instruct|whisper|dall-e|sora|video|live"
)
_ELSEWHERE_NEITHER = re.compile(
    r"^(?:[^/]+/)?(?:text-embedding-|text-moderation-|omni-moderation-|whisper-|tts-|dall-e-|gpt-image-)"
)
"""OpenAI's own names of what does not chat, as gateways hand them on, perhaps with a vendor before them."""
_VERSION = re.compile(r"^(?:ft:)?gpt-(\d+)(?:\.(\d+))?")
_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$|-\d{4}$")
_MOST = 2_000
"""Models that are offered at most; gateways list hundreds, and a broken one never ends."""


def chat_models(listed: Iterable[ModelInfo], *, openai: bool) -> tuple[ModelInfo, ...]:
    """The models to offer: without duplicates, at most 2,000.

    OpenAI's own list is cut to models that chat and ordered newest family first, dated copies after their name (source:
    openai-facts 3.7). Any other server's list stays in its order and loses only OpenAI's own models that do not chat:
    other names do not tell what a model can do.
    """
    unique: dict[str, ModelInfo] = {}
    for model in listed:
        if model.id and model.id not in unique:
            unique[model.id] = model
            if len(unique) >= _MOST:
                break
    if not openai:
        return tuple(model for model in unique.values() if not _ELSEWHERE_NEITHER.match(model.id))
    chatting = [model for model in unique.values() if _CHATS.match(model.id) and not _DOES_NOT_CHAT.search(model.id)]
    # A practice or compatible server under OpenAI's rules may list only names of its own.
    return tuple(sorted(chatting or unique.values(), key=_order))


def nearest(wanted: str, models: Iterable[ModelInfo]) -> str | None:
    """The listed model whose name is nearest to one that was not found; None when none is near."""
    import difflib

    return next(iter(difflib.get_close_matches(wanted, [model.id for model in models], n=1, cutoff=0.5)), None)


def _order(model: ModelInfo) -> tuple[int, int, int, int, str]:
    version = _VERSION.match(model.id)
    major, minor = (int(version[1]), int(version[2] or 0)) if version else (0, 0)
    return (1 if model.id.startswith("ft:") else 0, -major, -minor, 1 if _DATED.search(model.id) else 0, model.id)
