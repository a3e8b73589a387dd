"""A question to a model: all that is sent for one answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a conversation."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """What may be set for a request; None leaves the platform's default. Unaccepted ones are dropped, and named."""

    effort: str | None = None
    max_output: int | None = None
    """Tokens, reasoning included."""
    temperature: float | None = None
    tier: str | None = None
    verbosity: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """All that is sent for one answer."""

    model: str
    messages: tuple[ChatMessage, ...]
    instructions: str = ""
    parameters: Parameters = field(default_factory=Parameters)
    cache_key: str | None = None
    """Stable for a conversation: raises the platform's cache hits (``prompt_cache_key``)."""
