"""From an exception of the SDK, or of anything below it, to a signal without secrets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from keytui.domain.addresses import host_of, masked
from keytui.domain.redaction import redact
from keytui.domain.safe_text import safe_text
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Signal

_DEEPEST = 10
_LONGEST = 2_000
_TOLD = (
    "x-ratelimit-",
    "x-litellm-response-cost",
    "x-litellm-key-",
    "retry-after",
    "x-should-retry",
    "openai-processing",
)
_TOLD_WHOLE = frozenset({"date", "server", "via", "proxy-authenticate", "x-request-id"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What was being done when something failed; the part of a signal that is known beforehand."""

    where: str
    base_url: str
    model: str | None = None
    key_kind: str | None = None
    proxy: str = ""
    secrets: tuple[Secret, ...] = ()
    """The key in use first. Whatever their shape, these are taken out of all words."""


def signal_from(error: BaseException, asked: Asked, *, answering: bool = False) -> Signal:
    """What an exception tells. The exception itself is not kept: its chain may hold the key in clear.

    ``answering``: a part of the answer had arrived already.
    """
    response = getattr(error, "response", None)
    if isinstance(getattr(response, "status_code", None), int):
        return signal_from_response(response, asked, answering=answering)
    body = getattr(error, "body", None)
    signal = signal_from_body(body, asked, answering=answering)
    if body is not None and not signal.message:
        signal = replace(signal, message=_clean(str(getattr(error, "message", "")), asked))
    return replace(signal, cause=_clean(" <- ".join(_chain(error)), asked))


def signal_from_response(response: Any, asked: Asked, *, answering: bool = False) -> Signal:
    """What an HTTP response tells that was read whole: a refusal, or a page where none was expected."""
    signal = signal_from_body(
        _body(response),
        asked,
        status=response.status_code,
        headers=told_headers(response.headers),
        answering=answering,
    )
    return replace(
        signal,
        content_type=str(response.headers.get("content-type", "")),
        location=masked(_clean(str(response.headers.get("location", "")), asked))[:200],
    )


def signal_from_body(
    body: object,
    asked: Asked,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    answering: bool = False,
    code: str | None = None,
) -> Signal:
    """What an error body tells: OpenAI's shape, or that of any server met so far (openai-facts 8.8).

    ``error`` may be an object, a text, missing, or under ``detail``; the body may be a page of HTML.
    """
    found = _error_in(body)
    message = found.get("message")
    return Signal(
        where=asked.where,
        status=status if status is not None else _status_in(found),
        code=code or _short(found.get("code")),
        type=_short(found.get("type")),
        param=_short(found.get("param")),
        message=_clean(message if isinstance(message, str) else "" if message is None else json.dumps(message), asked),
        headers=headers or {},
        host=host_of(asked.base_url),
        model=asked.model,
        key_kind=asked.key_kind,
        last4=asked.secrets[0].last4 if asked.secrets else "",
        proxy=asked.proxy,
        answering=answering,
        base_url=asked.base_url,
    )


def told_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers worth telling: rate limits, waits, costs, and who answered. Names in lower case."""
    return {
        name.lower(): value
        for name, value in headers.items()
        if name.lower().startswith(_TOLD) or name.lower() in _TOLD_WHOLE
    }


def _error_in(body: object) -> Mapping[str, Any]:
    """The part of a body that tells of the error, as a mapping with OpenAI's names."""
    if isinstance(body, str):
        return {"message": body}
    if isinstance(body, list):
        return _error_in(body[0]) if body else {}
    if not isinstance(body, Mapping):
        return {}
    for name in ("error", "detail", "errors"):
        inner = body.get(name)
        if isinstance(inner, Mapping):
            return _error_in(inner) if "message" not in inner and "error" in inner else inner
        if isinstance(inner, str) and inner:
            # ``{"error": "Not found", "code": …}`` is met as well: the rest stays flat beside it.
            return {**body, "message": body.get("message") or inner}
        if isinstance(inner, list) and inner:
            return _validation(inner)
    if "message" not in body:
        for name in ("msg", "error_description", "title", "reason"):
            if isinstance(body.get(name), str):
                return {**body, "message": body[name]}
    return body


def _validation(problems: Iterable[object]) -> Mapping[str, Any]:
    """The first problem of a FastAPI-like list (``{"loc": ["body", "store"], "msg": …}``)."""
    for problem in problems:
        if isinstance(problem, Mapping):
            place = problem.get("loc")
            last = place[-1] if isinstance(place, list) and place else None
            return {
                "message": problem.get("msg") or problem.get("message") or json.dumps(problem, default=str),
                "param": last if isinstance(last, str) else None,
                "type": problem.get("type"),
                "code": problem.get("code"),
            }
        if isinstance(problem, str):
            return {"message": problem}
    return {}


def _status_in(found: Mapping[str, Any]) -> int | None:
    """A status that stands in the body as its code, as some gateways write it in the middle of a stream."""
    code = found.get("code")
    if isinstance(code, int | str) and str(code).isdigit() and 400 <= int(code) <= 599:
        return int(code)
    return None


def _short(value: object) -> str | None:
    """A code, type or parameter, when it is one."""
    if isinstance(value, str | int) and not isinstance(value, bool) and str(value):
        return redact(safe_text(str(value)))[:200]
    return None


def _body(response: Any) -> object:
    """The body of a refusal, as JSON when it is JSON, else as text; None when it could not be read."""
    try:
        text = response.text
    except Exception:  # httpx2 raises several kinds when a body was cut or is wrongly encoded; then there is none
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text if isinstance(text, str) else None


def _chain(error: BaseException) -> list[str]:
    """An exception and those below it, each as its name and text, outermost first; repetitions left out.

    ssl's own text names the reason, OSError's the number and reason: both are what the table looks for.
    """
    found: dict[str, None] = {}
    waiting: list[BaseException] = [error]
    while waiting and len(found) < _DEEPEST:
        this = waiting.pop(0)
        found[f"{type(this).__name__}: {this}".rstrip(": ")] = None
        if isinstance(this, BaseExceptionGroup):
            waiting += this.exceptions[:3]
        below = this.__cause__ or (None if this.__suppress_context__ else this.__context__)
        if below is not None:
            waiting.append(below)
    return list(found)


def _clean(text: str, asked: Asked) -> str:
    return redact(safe_text(text), asked.secrets)[:_LONGEST]
