"""One row of the table of troubles: the signs by which it is known, and what to say then."""

from __future__ import annotations

from dataclasses import dataclass

from keytui.domain.troubles.exit import Exit

ADMIN_KEY = "admin key"
"""The value of ``KeyKind.ADMIN``."""


@dataclass(frozen=True, slots=True)
class Row:
    """One trouble.

    Signs are trusted in this order: code, type, message, cause, status. A row is taken by its most trusted sign; among
    rows with equally trusted signs the first in the table wins. Guards (``also``, ``where``, ``kinds`` and so on) must
    all hold as well. Titles and remedies may use the fields named in ``recognition.fields``.
    """

    id: str
    title: str
    remedy: str
    number: int | None = None
    """Its number in the collected list of first-key troubles."""
    exit: Exit = Exit.FAILED
    retry: bool = False
    page: str | None = None
    """A name in ``pages.PAGES``."""
    elsewhere: str | None = None
    """The remedy where the server is not OpenAI's; None when the remedy holds everywhere."""

    codes: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    message: str | None = None
    """Regular expression, searched in the server's words without regard to case."""
    cause: str | None = None
    """Regular expression, searched in the chain of causes without regard to case."""
    statuses: frozenset[int] = frozenset()
    sure: bool = False
    """Its status alone is trusted more than any word: only one thing can be meant by it."""

    also: str | None = None
    """Guard: regular expression that the server's words must hold as well."""
    params: frozenset[str] = frozenset()
    """Guard: the parameter the server named."""
    where: frozenset[str] = frozenset()
    """Guard: the stage or action."""
    kinds: frozenset[str] = frozenset()
    """Guard: the kind of the key."""
    content: str | None = None
    """Guard: regular expression on the content type."""
    proxied: bool | None = None
    """Guard: whether a proxy is on the route."""
    answering: bool | None = None
    """Guard: whether a part of the answer had arrived."""
    only_statuses: frozenset[int] = frozenset()
    """Guard: the HTTP status."""


def codes(*names: str) -> frozenset[str]:
    """Codes or types of a row, in lower case."""
    return frozenset(names)


def statuses(*numbers: int) -> frozenset[int]:
    """HTTP statuses of a row."""
    return frozenset(numbers)
