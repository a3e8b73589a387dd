"""What the platform's prompt cache will probably give for the next request (source: openai-facts 3.5, 2026-11)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from keytui.domain.thread import Thread

THRESHOLD = 1_024
"""Tokens of an identical prefix below which nothing is cached."""
STEP = 128
"""Models before GPT-5.6 are served from the cache in steps of this many tokens."""
LIFE = timedelta(minutes=30)
"""How long a written prefix lives on newer models; older ones keep it for five to ten minutes."""
OLDER_LIFE = timedelta(minutes=5)

_NEWER = re.compile(r"gpt-(5\.([6-9]|\d\d)|[6-9])")


def exact_steps(model: str) -> bool:
    """Whether a model is served from the cache to the token, and pays for writing to it."""
    return bool(_NEWER.match(model))


def expected_cached(thread: Thread, model: str, now: datetime) -> int:
    """Input tokens of the next request that will probably be read from the cache.

    The next request begins with all of the last one, so its input is the common prefix: nothing when it was short,
    went to another model, or is too long ago.
    """
    for message in reversed(thread.messages):
        if message.role == "assistant" and message.usage is not None:
            life = LIFE if exact_steps(model) else OLDER_LIFE
            if message.model != model or now - message.at > life or message.usage.input < THRESHOLD:
                return 0
            return message.usage.input if exact_steps(model) else message.usage.input // STEP * STEP
    return 0
