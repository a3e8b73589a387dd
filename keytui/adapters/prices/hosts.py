"""Whose price list holds at an address."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_REGIONAL = re.compile(r"[a-z]{2}\.api\.openai\.com")
"""Data-residency hosts such as ``eu.api.openai.com`` (openai-facts 3.4)."""


def is_openai(base_url: str) -> bool:
    """Whether a base URL is OpenAI's own, the regional hosts included."""
    host = _host(base_url)
    return host == "api.openai.com" or _REGIONAL.fullmatch(host) is not None


def is_regional(base_url: str) -> bool:
    """Whether a base URL is one of OpenAI's regional hosts, which charge for residency."""
    return _REGIONAL.fullmatch(_host(base_url)) is not None


def is_loopback(base_url: str) -> bool:
    """Whether a base URL is on this machine."""
    host = _host(base_url)
    return host in ("localhost", "::1") or host.startswith("127.")


def _host(base_url: str) -> str:
    try:
        return (urlsplit(base_url).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""
