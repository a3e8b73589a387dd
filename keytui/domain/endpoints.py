"""What was found out about a server, in words."""

from __future__ import annotations

from keytui.domain.chat import Capabilities

_NAMES = {
    "responses": "the Responses API",
    "count": "exact counts",
    "usage": "the usage of streamed answers",
    "models": "a list of models",
    "rate_headers": "its rate limits",
}
_AROUND = {
    "responses": "Chat Completions is used",
    "count": "drafts are counted here",
    "usage": "answers are counted here, marked ~",
    "models": "any model's name is taken",
    "rate_headers": "waits are guessed",
}


def lacks(known: Capabilities) -> list[str]:
    """What the server is known not to have."""
    return [name for part, name in _NAMES.items() if getattr(known, part) is False]


def described(known: Capabilities) -> list[tuple[str, str, bool]]:
    """What is known of a server: each thing, what that means, and whether the server lacks it."""
    said = []
    for part, name in _NAMES.items():
        answer = getattr(known, part)
        if answer is not None:
            said.append((name, "offered" if answer else f"not offered: {_AROUND[part]}", not answer))
    for model, parameter in sorted(known.unaccepted):
        said.append((parameter, f"refused by {model}: it is left out", True))
    return said
