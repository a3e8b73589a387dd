"""Reading an answer as it comes, and telling at its end whether it is whole."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import replace
from typing import Any

from keytui.adapters.openai.answers import Answer, ChatAnswer, ResponsesAnswer
from keytui.adapters.openai.failures import Asked, signal_from, signal_from_body, told_headers
from keytui.adapters.openai.sse import SseReader
from keytui.domain.chat import Endpoint, Failed, Finished, Started, TurnEvent
from keytui.domain.troubles import Signal, recognise

_LAST_WORDS = 0.1
"""Seconds a finished answer's connection is given to end by itself, so that it can be used again (the SDK's figure)."""


async def read_answer(
    response: Any, endpoint: Endpoint, asked: Asked, dropped: tuple[str, ...]
) -> AsyncGenerator[TurnEvent, None]:
    """The events of an answer whose response has begun; the response is closed at the end, also when stopped."""
    answer: Answer = ResponsesAnswer() if endpoint == "responses" else ChatAnswer()
    reader = SseReader()
    headers = told_headers(response.headers)
    failure: Signal | None = None
    pieces: AsyncGenerator[bytes, None] = response.iter_bytes()
    try:
        yield Started(endpoint, response.headers.get("x-request-id"), headers)
        while not answer.done:
            try:
                _take(answer, reader.feed(await anext(pieces)))
            except StopAsyncIteration:
                break
            except Exception as error:  # cut lines and garbage come as many kinds (openai-facts 8.2)
                if answer.reason is None:  # once the server has given its reason, the answer is whole
                    failure = signal_from(error, asked, answering=answer.written)
                break
            for event in answer.drain():
                yield event
        if failure is None:
            failure = await _ended(answer, reader, pieces, asked)
        for event in answer.finish():
            yield event
        answer.cost = answer.cost or headers.get("x-litellm-response-cost")
        if answer.usage is not None or failure is None:
            yield answer.reported()
        yield Failed(recognise(failure), dropped) if failure is not None else Finished(answer.reason or "stop", dropped)
    finally:
        await pieces.aclose()
        await response.close()


async def _ended(answer: Answer, reader: SseReader, pieces: AsyncGenerator[bytes, None], asked: Asked) -> Signal | None:
    """Whether an answer whose bytes have ended is whole; if not, what is wrong with it."""
    try:
        _take(answer, reader.finish())
        if reader.document is not None:
            _take_document(answer, reader.document)
    except Exception as error:  # whatever a server may put where a field is expected
        words = (reader.document or b"")[:2000].decode("utf-8", "replace")
        return replace(document_signal(error, asked, words), answering=answer.written)
    if answer.error is not None:
        return signal_from_body(answer.error, asked, answering=answer.written)
    if answer.done:
        with suppress(Exception):  # the answer is whole; whatever the connection does now is no matter
            async with asyncio.timeout(_LAST_WORDS):
                async for _ in pieces:
                    pass
    elif answer.reason is None:
        if answer.written:
            return signal_from_body({}, asked, code="cut", answering=True)
        if reader.stray:
            return signal_from_body({"message": reader.stray}, asked, code="garbled")
    if answer.written or answer.reason == "tool_calls":
        return None
    codes = {"length": "reasoning_used_output", "content_filter": "content_filter"}
    code = codes.get(answer.reason or "", "empty_answer")
    return signal_from_body({}, asked, code=code if answer.began else "empty_answer")


def _take(answer: Answer, events: list[bytes]) -> None:
    """Give the data of events to an answer. Raises ``ValueError`` for what is no JSON object."""
    for data in events:
        if data.startswith(b"[DONE]"):
            answer.done = True
            return
        payload = json.loads(data)
        if not isinstance(payload, dict):
            raise ValueError("an event that is no JSON object")
        answer.take(payload)


def _take_document(answer: Answer, document: bytes) -> None:
    payload = json.loads(document)
    if isinstance(payload, list) and payload and isinstance(payload[0], dict):
        payload = payload[0]  # some servers wrap an error in a list
    if not isinstance(payload, dict):
        raise ValueError("an answer that is no JSON object")
    answer.take_whole(payload)
    if not answer.written and answer.error is None and not {"choices", "output"} & payload.keys():
        answer.error = payload


def document_signal(error: Exception, asked: Asked, words: str = "") -> Signal:
    """A signal that has the first words of the page in it, when a page came where JSON was expected."""
    signal = signal_from(error, asked)
    if not words and isinstance(error, json.JSONDecodeError):
        words = error.doc[:2000]
    if signal.status is not None or not words:
        return signal
    return replace(signal, message=signal_from_body(words, asked).message)
