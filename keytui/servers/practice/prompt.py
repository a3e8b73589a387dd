"""A prompt as the model sees it: a row of tokens, counted by the real vocabulary."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from keytui.domain.tokens import Tokenizer

IMAGE_TOKENS = 765
"""What one image counts here. The platform's rule depends on model and size; this is one of its usual results."""
_START, _SEPARATOR, _END, _NAME, _PRIMING, _IMAGE = -1, -2, -3, -4, -5, -6


@dataclass(frozen=True, slots=True)
class Message:
    """One message: role, text, and what is not text."""

    role: str
    text: str
    name: str | None = None
    images: int = 0
    breakpoint: bool = False
    """Whether the client marked its end as a prompt-cache breakpoint."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """The tokens of a request."""

    tokens: array[int] = field(repr=False)
    end: int
    """Where the last message ends: what comes after it belongs to the answer's beginning and is never cached."""
    breakpoint: int
    """Where the last marked message ends; 0 when none is marked."""

    def __len__(self) -> int:
        return len(self.tokens)


def lay_out(messages: Sequence[Message], tools: str, tokenizer: Tokenizer) -> Prompt:
    """The tokens of a prompt.

    The rule is the one that OpenAI's cookbook published for its chat models (openai-facts 5.2): each message costs
    three tokens beside its role and its content, a name costs one and its own tokens, and the answer is primed with
    three. Tools stand in front as the text of their JSON, as a message of their own; the platform's hidden format
    for them is not published. Markers are negative numbers, so they cannot be taken for tokens of text.
    """
    tokens: array[int] = array("i")
    marked = 0
    if tools:
        tokens.extend((_START, *tokenizer.encode("tools"), _SEPARATOR, *tokenizer.encode(tools), _END))
    for message in messages:
        tokens.extend((_START, *tokenizer.encode(message.role)))
        if message.name:
            tokens.extend((_NAME, *tokenizer.encode(message.name)))
        tokens.append(_SEPARATOR)
        tokens.extend(tokenizer.encode(message.text))
        tokens.extend([_IMAGE] * (IMAGE_TOKENS * message.images))
        tokens.append(_END)
        if message.breakpoint:
            marked = len(tokens)
    end = len(tokens)
    tokens.extend([_PRIMING] * 3)
    return Prompt(tokens, end, marked)
