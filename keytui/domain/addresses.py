"""Addresses: a base URL put right, whose it is, and any address without its password."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from keytui.domain.keys import OPENAI_BASE_URL


@dataclass(frozen=True, slots=True)
class BaseUrl:
    """A base URL as it should be asked, and what was changed in the one that was given."""

    url: str
    changes: tuple[str, ...] = ()
    """One sentence each, to be shown with ``url`` before it is used; empty when nothing was changed."""


_ENDPOINTS = re.compile(r"/(?:chat/completions|chat|completions|responses|embeddings|models)/?$")
_WEBSITES = frozenset({"platform.openai.com", "chat.openai.com", "chatgpt.com", "openai.com", "www.openai.com"})
_LOOPBACK = re.compile(r"^(?:localhost|127(?:\.\d+){1,3}|\[?::1\]?)$", re.IGNORECASE)


def base_url(given: str) -> BaseUrl:
    """A base URL put right: spaces, quotes, slashes and endpoint names taken off, a missing ``/v1`` and scheme added.

    An empty one is OpenAI's. Raises ``ValueError`` (one sentence, no secret in it) for what is no address.
    """
    text = given.strip().strip("\"'").strip()
    if not text:
        return BaseUrl(OPENAI_BASE_URL)
    changes: list[str] = []
    if "://" not in text:
        scheme = "http" if _LOOPBACK.match(_host_of(text)) else "https"
        text = f"{scheme}://{text}"
        changes.append(f"{scheme}:// was added.")
    parts = urlsplit(text)
    if not _has_usable_port(text):
        raise ValueError("The port of a base URL is a number from 1 to 65535.")
    if parts.scheme.lower() not in ("http", "https"):
        raise ValueError("A base URL begins with http:// or https://.")
    if not parts.hostname or re.search(r"\s", text):
        raise ValueError("A base URL names a host, such as https://api.openai.com/v1.")
    if "@" in parts.netloc:
        raise ValueError("A base URL holds no user name or password: keep the key apart from it.")
    host, path = parts.netloc.lower(), parts.path
    if parts.query or parts.fragment:
        changes.append("What followed the path was taken off.")
    if parts.hostname in _WEBSITES:
        host, path = "api.openai.com", "/v1"
        changes.append(f"{parts.hostname} is a website; its API is at api.openai.com.")
    stripped = re.sub(r"/{2,}", "/", path).rstrip("/")
    while match := _ENDPOINTS.search(stripped):
        stripped = stripped[: match.start()]
        changes.append(f"{match[0].rstrip('/')} was taken off: the endpoint is added to each request.")
    if not stripped:
        stripped = "/v1"
        changes.append("/v1 was added.")
    return BaseUrl(urlunsplit((parts.scheme.lower(), host, stripped, "", "")), tuple(changes))


def host_of(url: str) -> str:
    """Host of an address, with its port when one is written; empty when there is none. Never a user or a password."""
    return urlsplit(url).netloc.rsplit("@", 1)[-1].lower()


def is_loopback(url: str) -> bool:
    """Whether an address names this machine."""
    return _LOOPBACK.match(_host_of(host_of(url))) is not None


def is_openai(url: str) -> bool:
    """Whether an address is OpenAI's own API, regional hosts included."""
    host = _host_of(host_of(url))
    return host == "api.openai.com" or host.endswith(".api.openai.com")


def same_platform(one: str, other: str) -> bool:
    """Whether two base URLs lead to the same platform: the same address, or both to OpenAI's, whatever the region."""
    return (is_openai(one) and is_openai(other)) or one.rstrip("/").lower() == other.rstrip("/").lower()


def masked(address: str) -> str:
    """An address with its password hidden, its user name shown. There may be no scheme, and any password."""
    scheme, slashes, rest = address.partition("://") if "://" in address else ("", "", address)
    account, at, host = rest.rpartition("@")
    user, colon, _ = account.partition(":")
    return f"{scheme}{slashes}{user}:…@{host}" if at and colon else address


def _has_usable_port(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _host_of(netloc: str) -> str:
    bare = netloc.split("/", 1)[0]
    if bare.startswith("["):
        return bare[1 : bare.find("]")] if "]" in bare else bare
    return bare.split(":", 1)[0].lower()
