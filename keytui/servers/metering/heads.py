"""Heads of requests and answers: which path, which headers pass, and what must not pass at all."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from keytui.domain.metering import Target
from keytui.servers.metering import refusals
from keytui.servers.metering.packing import acceptable
from keytui.servers.metering.refusals import Refusal
from keytui.servers.metering.settings import Headers

HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Headers that belong to one connection (RFC 9110, 7.6.1)."""

_REPLACED = frozenset(
    {b"host", b"authorization", b"api-key", b"openai-organization", b"openai-project", b"content-length", b"expect"}
)
"""Headers that the proxy sets itself: the real key goes in here, and what belongs to another key stays out."""

_OF_PACKED = frozenset({b"content-encoding", b"content-length"})

_STEPS = re.compile(rb"[/\\]")


def local_key(headers: Headers) -> str:
    """The local key of a request, from the two places where programs put it; empty when there is none."""
    for name, value in headers:
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            return value[7:].strip().decode("latin-1")
        if name == b"api-key":
            return value.strip().decode("latin-1")
    return ""


def refusal_of(method: str, path: bytes, headers: Headers) -> Refusal | None:
    """Why a request is not passed on whatever its key; None when it is."""
    if not path.startswith(b"/v1/"):
        return refusals.NOT_HERE
    # What the server may make of the path is not ours to guess: nothing that could lead out of the base URL passes.
    if any(step in (b".", b"..") for step in _STEPS.split(unquote_to_bytes(path))):
        return refusals.BAD_PATH
    names = [name for name, _ in headers]
    if b"transfer-encoding" in names and b"content-length" in names:
        return refusals.BAD_FRAMING
    if method == "CONNECT" or any(name == b"upgrade" and value.lower() == b"websocket" for name, value in headers):
        return refusals.NO_UPGRADE
    return None


def passed_on(headers: Headers, target: Target, *, length: int | None) -> list[tuple[bytes, bytes]]:
    """The headers of a request as they go to the server. ``length`` None: the body's length is not known."""
    own = _named_by_connection(headers) | HOP_BY_HOP | _REPLACED
    passed = [
        (name, acceptable(value) if name == b"accept-encoding" else value) for name, value in headers if name not in own
    ]
    passed.append((b"authorization", b"Bearer " + target.secret.reveal().encode("latin-1", "replace")))
    if target.key.organization:
        passed.append((b"openai-organization", target.key.organization.encode("latin-1", "replace")))
    if target.key.project:
        passed.append((b"openai-project", target.key.project.encode("latin-1", "replace")))
    if length is not None:
        passed.append((b"content-length", str(length).encode()))
    return passed


def passed_back(headers: Headers, *, unpacked: bool = False) -> list[tuple[bytes, bytes]]:
    """The headers of an answer as the program gets it. Names are in lower case.

    ``unpacked``: its body was compressed, and is no more.
    """
    own = _named_by_connection(headers) | HOP_BY_HOP | (_OF_PACKED if unpacked else frozenset())
    return [(name, value) for name, value in headers if name not in own]


def value_of(headers: Headers, name: bytes) -> str:
    """The value of a header; empty when there is none. ``name`` in lower case."""
    return next((value for found, value in headers if found == name), b"").decode("latin-1")


def length_of(headers: Headers) -> int | None:
    """The announced length of a body; None when there is none."""
    value = next((value for name, value in headers if name == b"content-length"), b"")
    return int(value) if value.isdigit() else None


def is_json(headers: Headers) -> bool:
    """Whether a body says that it is JSON."""
    return any(name == b"content-type" and b"json" in value.lower() for name, value in headers)


def _named_by_connection(headers: Headers) -> set[bytes]:
    return {part.strip().lower() for name, value in headers if name == b"connection" for part in value.split(b",")}
