"""How long a server asks to wait before a request goes out again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

LONGEST_WAIT = 120.0
"""Seconds. A server that asks for more is not waited for: the user decides (the SDK's own bound, openai-facts 3.9)."""
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)")


def duration(text: str) -> float | None:
    """Seconds of a duration as rate-limit headers write it (``6m0s``, ``120ms``, ``17``); None for anything else."""
    text = text.strip()
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds the server asked to wait, from its headers (names in lower case); None when it said nothing usable.

    ``retry-after-ms`` and ``retry-after`` (seconds, or a date read against the reply's own ``date``) come first. After
    them the reset times: of the limit that has nothing remaining, or else the longest.
    """
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    if after := headers.get("retry-after"):
        if (seconds := duration(after)) is not None:
            return seconds
        until, now = _date(after), _date(headers.get("date", ""))
        if until and now:
            return max(0.0, (until - now).total_seconds())
    resets = {
        kind: seconds
        for kind in ("requests", "tokens")
        if (seconds := duration(headers.get(f"x-ratelimit-reset-{kind}", ""))) is not None
    }
    exhausted = [
        resets[kind]
        for kind in resets
        if _number(headers.get(f"x-ratelimit-remaining-{kind}")) == 0 and resets[kind] > 0
    ]
    return max(exhausted or resets.values(), default=None)


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else None
    except ValueError:
        return None
    return number if number is not None and 0 <= number < float("inf") else None


def _date(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # here, because it is slow to import and almost never needed

    try:
        parsed = parsedate_to_datetime(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else None
