"""A diagnosis, and what it is drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from keytui.domain.troubles.exit import Exit


@dataclass(frozen=True, slots=True)
class Signal:
    """What was seen when something failed: the raw material of a diagnosis. Holds no secret."""

    where: str = ""
    """Stage or action: ``models``, ``chat``, ``responses``, ``count``, ``admin``, ``vault``, ``tokenizer``, …"""
    status: int | None = None
    code: str | None = None
    type: str | None = None
    param: str | None = None
    message: str = ""
    """The server's words, cleaned of anything that looks like a key."""
    cause: str = ""
    """Names of the exceptions below the failure, outermost first, with their texts (cleaned as well)."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    host: str = ""
    model: str | None = None
    key_kind: str | None = None
    """The value of a ``KeyKind``."""
    last4: str = ""
    """The last four characters of the key in use, which are shown wherever a key is."""
    content_type: str = ""
    proxy: str = ""
    """Address of the proxy on the route, password masked; empty when the route is direct."""
    answering: bool = False
    """Whether a part of the answer had already arrived."""
    location: str = ""
    """Where a redirect pointed to."""
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One diagnosis: what it is, in one sentence, and what to do now, in another."""

    id: str
    """Stable name of the row in the table of troubles, such as ``no-credit``."""
    title: str
    remedy: str
    exit: Exit = Exit.FAILED
    retry: bool = False
    """Whether waiting can cure it. What waiting cannot cure is never retried."""
    wait: float | None = None
    """Seconds the server asked to wait, when it said so."""
    page: str | None = None
    """The address of the page to go to."""
    detail: str = ""
    """The server's own words or the cause, cleaned; for those who want to know more."""
