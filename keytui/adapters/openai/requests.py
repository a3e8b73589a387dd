"""What is sent for a question, at either endpoint, and how a request is made acceptable that was refused."""

from __future__ import annotations

import re
from typing import Any

from keytui.domain.addresses import is_openai
from keytui.domain.chat import Endpoint
from keytui.domain.question import Question
from keytui.domain.troubles import Signal

Body = dict[str, Any]

_ESSENTIAL = frozenset({"model", "messages", "input"})
_TOLD = {
    "reasoning_effort": "effort",
    "reasoning": "effort",
    "max_completion_tokens": "max_output",
    "max_tokens": "max_output",
    "max_output_tokens": "max_output",
    "temperature": "temperature",
    "service_tier": "tier",
    "verbosity": "verbosity",
    "text": "verbosity",
    "prompt_cache_key": "cache_key",
    "instructions": "instructions",
    "store": "store",
    "stream": "stream",
}
"""The API's name of what was left out -> its name in ``Finished.dropped``; the rest is nobody's concern."""

_UNSUPPORTED = re.compile(
    r"unsupported|not supported|unrecognized|unknown (?:parameter|argument|name|field)|extra (?:inputs|fields)"
    r"|not permitted|unexpected (?:keyword|argument|field)|not allowed for|must be verified",
    re.IGNORECASE,
)
_NAMED = (
    re.compile(r"does not support parameters?: \[?['\"]?([\w.]+)", re.IGNORECASE),
    re.compile(r"(?:parameter|argument|value|field|supplied|name|keyword)s?:? ['\"`]([\w.]+)['\"`]", re.IGNORECASE),
    re.compile(r"(?:argument|parameter) supplied: (\w+)", re.IGNORECASE),
    re.compile(r"['\"`]([\w.]+)['\"`] (?:is not supported|is unsupported|does not support)", re.IGNORECASE),
)


def body_for(endpoint: Endpoint, question: Question, base_url: str) -> Body:
    """The body of a streamed request, with everything that the question sets and nothing that it does not."""
    body = _responses(question) if endpoint == "responses" else _chat(question, base_url)
    if is_openai(base_url) and endpoint == "responses":
        body["stream_options"] = {"include_obfuscation": False}
    return body


def without(body: Body, param: str) -> Body | None:
    """The body without a parameter that was refused; None when there is nothing to leave out.

    ``reasoning.summary`` takes out that part alone. ``max_completion_tokens`` becomes ``max_tokens`` for older servers.
    """
    root, _, inner = re.sub(r"\[\d*\]", "", param).partition(".")
    if root in _ESSENTIAL or root not in body:
        return None
    left = dict(body)
    if root == "max_completion_tokens":
        left["max_tokens"] = left.pop(root)
    elif root == "stream":
        if not left["stream"]:
            return None
        left["stream"] = False
        left.pop("stream_options", None)
    elif inner and isinstance(left[root], dict) and inner in left[root]:
        left[root] = {name: value for name, value in left[root].items() if name != inner}
        if not left[root]:
            del left[root]
    else:
        del left[root]
    return left


def refused_parameter(signal: Signal) -> str | None:
    """The parameter whose presence was refused, by ``param`` or, where servers leave that out, by their words."""
    if signal.status not in (400, 422, 500):
        return None
    coded = (signal.code or "").lower() in ("unsupported_parameter", "unsupported_value", "unknown_parameter")
    if not coded and not _UNSUPPORTED.search(signal.message) and signal.type != "extra_forbidden":
        return None
    if signal.param:
        return signal.param
    return next((found[1] for pattern in _NAMED if (found := pattern.search(signal.message))), None)


def told(param: str, body: Body) -> str | None:
    """What to call a left-out parameter before the user; None when the user would not know it."""
    root, _, inner = param.partition(".")
    if root == "max_completion_tokens" and "max_tokens" in body:
        return None  # replaced, not left out
    return None if inner and root == "stream_options" else _TOLD.get(root)


def lacks_endpoint(signal: Signal) -> bool:
    """Whether a refusal says that the server has no such endpoint, rather than no such model."""
    if signal.status in (405, 501):
        return True
    words = signal.message.lower()
    if signal.status == 404:
        return signal.code in (None, "404", "not_found", "unknown_url") and "model" not in words
    # Some gateways answer with a fault of their own where they do not know a path.
    return (
        signal.status in (400, 500)
        and re.search(r"responses?(?: api)?.{0,40}not (?:supported|implemented)", words) is not None
    )


def wants_responses(signal: Signal) -> bool:
    """Whether a refusal of Chat Completions says that the model is served by the Responses API only."""
    return re.search(r"(?:only|use).{0,40}(?:v1/responses|responses api)", signal.message, re.IGNORECASE) is not None


def _chat(question: Question, base_url: str) -> Body:
    asked = question.parameters
    # The API and every compatible server take "system"; some answer "developer" with a fault (openai-facts 8.6).
    head = [{"role": "system", "content": question.instructions}] if question.instructions else []
    body: Body = {
        "model": question.model,
        "messages": [*head, *({"role": message.role, "content": message.text} for message in question.messages)],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if is_openai(base_url):
        body["store"] = False
        body["stream_options"]["include_obfuscation"] = False
    return _set(
        body,
        reasoning_effort=asked.effort,
        max_completion_tokens=asked.max_output,
        temperature=asked.temperature,
        service_tier=asked.tier,
        verbosity=asked.verbosity,
        prompt_cache_key=question.cache_key,
    )


def _responses(question: Question) -> Body:
    asked = question.parameters
    body: Body = {
        "model": question.model,
        "input": [{"role": message.role, "content": message.text} for message in question.messages],
        "stream": True,
        "store": False,
    }
    return _set(
        body,
        instructions=question.instructions or None,
        reasoning={"effort": asked.effort} if asked.effort else None,
        max_output_tokens=asked.max_output,
        temperature=asked.temperature,
        service_tier=asked.tier,
        text={"verbosity": asked.verbosity} if asked.verbosity else None,
        prompt_cache_key=question.cache_key,
    )


def _set(body: Body, **values: object) -> Body:
    body.update({name: value for name, value in values.items() if value is not None})
    return body
