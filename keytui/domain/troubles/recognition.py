"""From what was seen to what it means: every signal gets an answer."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache

from keytui.domain.redaction import redact
from keytui.domain.safe_text import safe_text
from keytui.domain.troubles import table_account, table_key, table_network, table_request
from keytui.domain.troubles.exit import Exit
from keytui.domain.troubles.pages import address
from keytui.domain.troubles.row import Row
from keytui.domain.troubles.trouble import Signal, Trouble
from keytui.domain.troubles.waiting import LONGEST_WAIT, asked_wait

ROWS: tuple[Row, ...] = (*table_account.ROWS, *table_key.ROWS, *table_request.ROWS, *table_network.ROWS)
"""The whole table."""

UNKNOWN = Row(
    "unknown",
    "Something went wrong that keytui does not know.",
    "The server's own words are below; “keytui doctor” checks everything that can be checked from here.",
)
"""The honest last row: no sign was recognised."""

LONG_WAIT = Row(
    "long-wait",
    "The server asks to wait {wait} before the next request.",
    "keytui does not wait that long by itself: ask again later, or choose another model.",
    exit=Exit.RATE,
    page="limits",
)
"""Stands in for any trouble that waiting would cure, when the server asks for too long a wait."""

_LONGEST_DETAIL = 400
_GATEWAY = r"litellm[. :]"
"""By these words a gateway tells of itself in a refusal."""
_FROM_HERE = "from the machine that keytui runs on (over SSH the host), or from its VPN"


def recognise(signal: Signal) -> Trouble:
    """The diagnosis of what was seen. Pure; never fails; the same signal always gives the same trouble."""
    row = _match(signal)
    wait = asked_wait(signal.headers)
    if row.retry and wait is not None and wait > LONGEST_WAIT:
        row = LONG_WAIT
    return _trouble(row, signal, wait)


def explain(trouble_id: str, signal: Signal | None = None) -> Trouble:
    """The trouble of a row by its id, for what cannot be seen on the wire. Raises ``KeyError`` for an unknown id."""
    for row in (*ROWS, UNKNOWN, LONG_WAIT):
        if row.id == trouble_id:
            return _trouble(row, signal or Signal(), None)
    raise KeyError(trouble_id)


def _match(signal: Signal) -> Row:
    code, kind = (signal.code or "").lower(), (signal.type or "").lower()
    words, status = signal.message, signal.status
    signs: tuple[Callable[[Row], bool], ...] = (
        lambda row: row.sure and status in row.statuses,
        lambda row: bool(code) and code in row.codes,
        lambda row: bool(kind) and kind in row.types,
        lambda row: bool(words and row.message) and _found(row.message or "", words),
        lambda row: bool(signal.cause and row.cause) and _found(row.cause or "", signal.cause),
        lambda row: status is not None and status in row.statuses,
    )
    for sign in signs:
        for row in ROWS:
            if sign(row) and _guarded(row, signal):
                return row
    return UNKNOWN


def _guarded(row: Row, signal: Signal) -> bool:
    """Whether all guards of a row hold."""
    return (
        (row.also is None or _found(row.also, signal.message))
        and (not row.params or signal.param in row.params)
        and (not row.where or signal.where in row.where)
        and (not row.kinds or signal.key_kind in row.kinds)
        and (row.content is None or _found(row.content, signal.content_type))
        and (row.proxied is None or row.proxied == bool(signal.proxy))
        and (row.answering is None or row.answering == signal.answering)
        and (not row.only_statuses or signal.status in row.only_statuses)
    )


@lru_cache(maxsize=512)
def _pattern(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.IGNORECASE | re.DOTALL)


def _found(expression: str, text: str) -> bool:
    return _pattern(expression).search(text) is not None


def _trouble(row: Row, signal: Signal, wait: float | None) -> Trouble:
    known = fields(signal, wait)
    # A server on this machine may stand in for OpenAI's, whose account pages then help; its faults are its own.
    here = row.page == "status" and _is_here(signal.host)
    foreign = is_foreign(signal.host) or here or _found(_GATEWAY, signal.message)
    remedy = row.elsewhere if foreign and row.elsewhere else row.remedy
    return Trouble(
        id=row.id,
        title=_sentence(row.title.format_map(known)),
        remedy=remedy.format_map(known),
        exit=row.exit,
        retry=row.retry,
        wait=wait if row.retry or row is LONG_WAIT else None,
        page=address(row.page) if row.page and not foreign else None,
        detail=_detail(signal),
    )


def is_foreign(host: str) -> bool:
    """Whether a host is neither OpenAI's nor this machine, so that the platform's pages say nothing of it."""
    name = _name(host)
    return bool(name) and not _is_here(host) and name != "openai.com" and not name.endswith(".openai.com")


def _is_here(host: str) -> bool:
    """Whether a host is this machine."""
    name = _name(host)
    return name in ("localhost", "::1") or name.startswith("127.")


def _name(host: str) -> str:
    """A host's name without its port."""
    name = host.rsplit(":", 1)[0] if host.count(":") == 1 or host.startswith("[") else host
    return name.strip("[]").lower()


def fields(signal: Signal, wait: float | None) -> defaultdict[str, str]:
    """What titles and remedies may name. What is not known has a plain word in its place.

    ``host``, ``model``, ``param``, ``scopes``, ``limit``, ``proxy``, ``way_out``, ``wait``, ``issuer``, ``location``,
    ``base_url``, ``last4``.
    """
    known: defaultdict[str, str] = defaultdict(lambda: "it")
    known.update(
        host=_plain(signal.host) or "the server",
        model=_plain(signal.model or "") or "this model",
        param=_plain(signal.param or "") or _named_parameter(signal.message) or "that was set",
        scopes=_scopes(signal.message) or "it needs",
        limit=_limit(signal),
        proxy=_plain(signal.proxy) or "in the environment",
        way_out=f"through the proxy {_plain(signal.proxy)}" if signal.proxy else _FROM_HERE,
        wait=in_words(wait) if wait is not None else "a while",
        issuer=_issuer(signal.cause),
        location=f": {_plain(signal.location)}" if signal.location else "",
        base_url=_plain(signal.base_url) or "this address",
        last4=f" (…{_plain(signal.last4)})" if signal.last4 else "",
    )
    return known


def in_words(seconds: float) -> str:
    """A duration as people say it: ``4 s``, ``12 min``, ``3 h``."""
    if seconds < 120:
        return f"{max(1, round(seconds))} s"
    if seconds < 7200:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h"


def _plain(text: str) -> str:
    return redact(safe_text(text)).replace("\n", " ").strip()[:200]


def _named_parameter(message: str) -> str:
    found = re.search(r"(?:parameters?|argument|value)[^'\"]{0,30}['\"]([\w.]{1,60})['\"]", message)
    return found[1] if found else ""


def _scopes(message: str) -> str:
    found = re.search(r"Missing scopes?: ((?:[\w]+(?:\.[\w]+)*(?:, ?)?)+)", message)
    return found[1].rstrip(", ") if found else ""


def _limit(signal: Signal) -> str:
    words = f"{signal.type or ''} {signal.message}".lower()
    kinds: Iterable[tuple[str, str]] = (
        (r"requests per day|\brpd\b", "requests per day"),
        (r"tokens per day|\btpd\b", "tokens per day"),
        (r"tokens per min|\btpm\b|^tokens\b", "tokens per minute"),
        (r"requests per min|\brpm\b|^requests\b", "requests per minute"),
        (r"parallel|concurrent", "requests at the same time"),
    )
    return next((name for expression, name in kinds if re.search(expression, words)), "too many requests or tokens")


def _issuer(cause: str) -> str:
    found = re.search(r"issuer seen: ([^;<]{1,120})", cause)
    return f" ({found[1].strip()})" if found else ""


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] if text[:4] == "the " else text


def _detail(signal: Signal) -> str:
    """The server's words, or else the innermost cause, on one line and without keys."""
    words = signal.message or signal.cause
    # Gateways write the status again as the code.
    head = " ".join(dict.fromkeys(part for part in (str(signal.status or ""), signal.code or "") if part))
    clean = " ".join(redact(safe_text(f"{head}: {words}" if head and words else head or words)).split())
    return clean if len(clean) <= _LONGEST_DETAIL else clean[: _LONGEST_DETAIL - 1] + "…"
