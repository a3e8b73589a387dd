"""One key at one base URL, asked through the official SDK."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from keytui.adapters.openai.answers import Answer, ChatAnswer, ResponsesAnswer
from keytui.adapters.openai.failures import Asked, signal_from, signal_from_body, told_headers
from keytui.adapters.openai.requests import (
    Body,
    body_for,
    lacks_endpoint,
    refused_parameter,
    told,
    wants_responses,
    without,
)
from keytui.adapters.openai.sse import SseReader
from keytui.domain.chat import (
    Capabilities,
    Endpoint,
    Failed,
    Finished,
    ModelInfo,
    Question,
    Refused,
    Started,
    TurnEvent,
)
from keytui.domain.models import chat_models
from keytui.domain.routes import is_openai
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Signal, Trouble, recognise

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from keytui.adapters.http import HttpClients

_MOST_ATTEMPTS = 8
"""Requests for one question that only differ in what a server refused; each refusal costs nothing."""
_LAST_WORDS = 0.1
"""Seconds a finished answer's connection is given to end by itself, so that it can be used again (the SDK's figure)."""


class OpenAIGateway:
    """A ``Gateway`` on the unmodified SDK. Making one is instant; the SDK is loaded in a thread at first use."""

    def __init__(
        self,
        secret: Secret,
        base_url: str,
        http: HttpClients,
        *,
        organization: str | None = None,
        project: str | None = None,
        remembered: Capabilities | None = None,
    ) -> None:
        self.base_url = base_url
        self._secret = secret
        self._http = http
        self._organization, self._project = organization, project
        self._capabilities = remembered or Capabilities()
        self._client: AsyncOpenAI | None = None
        self._opening = asyncio.Lock()
        self._through_responses: set[str] = set()

    @property
    def capabilities(self) -> Capabilities:
        """What is known of the base URL by now."""
        return self._capabilities

    async def ask(self, question: Question) -> AsyncIterator[TurnEvent]:
        """The events of one answer. A parameter or an endpoint that the server refuses is left out and asked anew."""
        opened = await self._open(self._asked("chat", question.model))
        if isinstance(opened, Trouble):
            yield Failed(opened)
            return
        dropped: list[str] = []
        endpoint = self._endpoint(question.model)
        body = self._remembered_body(endpoint, question, dropped)
        refusal = Signal()
        for _ in range(_MOST_ATTEMPTS):
            asked = self._asked(endpoint, question.model)
            response, signal = await self._send(opened, endpoint, body, asked)
            if signal is None:
                async for event in self._read(response, endpoint, asked, tuple(dropped)):
                    yield event
                return
            refusal = signal
            if (other := self._other_endpoint(endpoint, signal)) is not None:
                endpoint = other
                body = self._remembered_body(endpoint, question, dropped)
            elif (left := self._without_refused(body, signal, question.model, dropped)) is not None:
                body = left
            else:
                break
        yield Failed(recognise(refusal))

    async def models(self) -> tuple[ModelInfo, ...]:
        """Chat models this key may use. Raises ``Refused``."""
        asked = self._asked("models")
        opened = await self._open(asked)
        trouble: Trouble
        if isinstance(opened, Trouble):
            trouble = opened
        else:
            signal: Signal
            try:
                reply = await opened.models.with_raw_response.list()
                listed = _listed(json.loads(reply.http_response.text))
            except Exception as error:  # the SDK lets ValueError, AttributeError and others through (openai-facts 8.4)
                signal = _document_signal(error, asked)
            else:
                self._note(models=True)
                return chat_models(listed, openai=is_openai(self.base_url))
            if lacks_endpoint(signal):
                self._note(models=False)
            trouble = recognise(signal)
        raise Refused(trouble)

    async def count(self, question: Question) -> int:
        """Input tokens of a question, counted by the server. Raises ``Refused``."""
        asked = self._asked("count", question.model)
        opened = await self._open(asked)
        if isinstance(opened, Trouble):
            trouble = opened
        else:
            body = body_for("responses", question, self.base_url)
            sent: Any = {
                name: body[name] for name in ("model", "input", "instructions", "reasoning", "text") if name in body
            }
            try:
                reply = await opened.responses.input_tokens.with_raw_response.count(**sent)
                counted = json.loads(reply.http_response.text)["input_tokens"]
                if not isinstance(counted, int):
                    raise ValueError("no count in the answer")
            except Exception as error:  # the SDK lets ValueError, AttributeError and others through (openai-facts 8.4)
                signal = _document_signal(error, asked)
            else:
                self._note(count=True)
                return counted
            if lacks_endpoint(signal):
                self._note(count=False)
                signal = replace(signal, code="no_exact_count")
            trouble = recognise(signal)
        raise Refused(trouble)

    async def close(self) -> None:
        """Give the connections back."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.close()

    # Opening.

    def _asked(self, where: str, model: str | None = None) -> Asked:
        kind = "admin key" if self._secret.reveal().startswith("sk-admin-") else None
        return Asked(where, self.base_url, model, kind, self._http.proxy_of(self.base_url), (self._secret,))

    async def _open(self, asked: Asked) -> AsyncOpenAI | Trouble:
        """The SDK's client, made at first use, or why there cannot be one."""
        if (code := unsendable(self._secret)) is not None:
            return recognise(signal_from_body({}, asked, code=code))
        async with self._opening:
            if self._client is None:
                try:
                    self._client = await asyncio.to_thread(self._make)
                except Refused as refused:
                    return refused.trouble
                except Exception as error:  # a bad environment breaks construction in many ways (openai-facts 8.14)
                    return recognise(signal_from(error, asked))
            return self._client

    def _make(self) -> AsyncOpenAI:
        from keytui.adapters.openai.sdk import client

        http = self._http.client(self.base_url)
        return client(self._secret, self.base_url, http, organization=self._organization, project=self._project)

    # What the server takes.

    def _endpoint(self, model: str) -> Endpoint:
        known = self._capabilities.responses
        if known or model in self._through_responses:
            return "responses"
        return "responses" if known is None and is_openai(self.base_url) else "chat"

    def _other_endpoint(self, endpoint: Endpoint, signal: Signal) -> Endpoint | None:
        """The endpoint to ask instead, when the server has not this one; each way at most once."""
        if endpoint == "responses" and lacks_endpoint(signal):
            self._note(responses=False)
            self._through_responses.clear()
            return "chat"
        if endpoint == "chat" and wants_responses(signal) and self._capabilities.responses is not False:
            self._through_responses.add(signal.model or "")
            return "responses"
        return None

    def _remembered_body(self, endpoint: Endpoint, question: Question, dropped: list[str]) -> Body:
        body = body_for(endpoint, question, self.base_url)
        for model, param in self._capabilities.unaccepted:
            if model == question.model and (left := without(body, param)) is not None:
                body = left
                self._name(param, body, dropped)
        return body

    def _without_refused(self, body: Body, signal: Signal, model: str, dropped: list[str]) -> Body | None:
        param = refused_parameter(signal)
        left = without(body, param) if param else None
        if param is None or left is None:
            return None
        self._name(param, left, dropped)
        if signal.code != "unsupported_value":  # a value may be refused today, or beside another one, and taken later
            self._note(unaccepted=self._capabilities.unaccepted | {(model, param)})
        return left

    @staticmethod
    def _name(param: str, body: Body, dropped: list[str]) -> None:
        name = told(param, body)
        if name and name not in dropped:
            dropped.append(name)

    def _note(self, **found: Any) -> None:
        self._capabilities = replace(self._capabilities, **found)

    # Sending and reading.

    @staticmethod
    async def _send(client: AsyncOpenAI, endpoint: Endpoint, body: Body, asked: Asked) -> tuple[Any, Signal | None]:
        resource: Any = client.responses if endpoint == "responses" else client.chat.completions
        try:
            # Reading the bytes here takes a fraction of the SDK's own stream (tests/benchmarks/gateway).
            return await resource.with_streaming_response.create(**body).__aenter__(), None
        except Exception as error:  # the SDK lets ValueError, AttributeError and others through (openai-facts 8.4)
            return None, signal_from(error, asked)

    async def _read(
        self, response: Any, endpoint: Endpoint, asked: Asked, dropped: tuple[str, ...]
    ) -> AsyncIterator[TurnEvent]:
        answer: Answer = ResponsesAnswer() if endpoint == "responses" else ChatAnswer()
        reader = SseReader()
        headers = told_headers(response.headers)
        if endpoint == "responses" and self._capabilities.responses is None:
            self._note(responses=True)
        self._note(rate_headers=any(name.startswith("x-ratelimit-") for name in headers))
        failure: Signal | None = None
        pieces = response.iter_bytes().__aiter__()
        try:
            yield Started(endpoint, response.headers.get("x-request-id"), headers)
            while not answer.done:
                try:
                    _take(answer, reader.feed(await anext(pieces)))
                except StopAsyncIteration:
                    break
                except Exception as error:  # cut lines and garbage come as many kinds (openai-facts 8.2)
                    failure = signal_from(error, asked, answering=answer.written)
                    break
                for event in answer.drain():
                    yield event
            if failure is None:
                failure = await self._ended(answer, reader, pieces, asked)
            for event in answer.finish():
                yield event
            answer.cost = answer.cost or headers.get("x-litellm-response-cost")
            if answer.usage is not None or failure is None:
                self._note(usage=answer.usage is not None)
                yield answer.reported()
            yield Failed(recognise(failure)) if failure is not None else Finished(answer.reason or "stop", dropped)
        finally:
            await response.close()

    async def _ended(
        self, answer: Answer, reader: SseReader, pieces: AsyncIterator[bytes], asked: Asked
    ) -> Signal | None:
        """Whether an answer whose bytes have ended is whole; if not, what is wrong with it."""
        try:
            _take(answer, reader.finish())
            if reader.document is not None:
                _take_document(answer, reader.document)
        except ValueError as error:
            words = (reader.document or b"")[:2000].decode("utf-8", "replace")
            return replace(_document_signal(error, asked, words), answering=answer.written)
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


def unsendable(secret: Secret) -> str | None:
    """The code of what makes a key impossible to send, before anything is built that would keep it; else None."""
    characters = secret.reveal()
    if not characters:
        return "no_key"
    if not characters.isascii():
        return "key_not_ascii"
    return None if characters.isprintable() and " " not in characters else "key_malformed"


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


def _document_signal(error: Exception, asked: Asked, words: str = "") -> Signal:
    """A signal that has the first words of the page in it, when a page came where JSON was expected."""
    signal = signal_from(error, asked)
    if not words and isinstance(error, json.JSONDecodeError):
        words = error.doc[:2000]
    if signal.status is not None or not words:
        return signal
    return replace(signal, message=signal_from_body(words, asked).message)


def _listed(body: object) -> list[ModelInfo]:
    """The models of a list in any of the shapes met. Raises ``ValueError`` when it is no list of models."""
    if isinstance(body, dict):
        body = body.get("data") if body.get("data") is not None else body.get("models", body.get("error", body))
    if not isinstance(body, list):
        raise ValueError("a list of models that is none")
    models = []
    for item in body:
        name = item if isinstance(item, str) else None
        retires = None
        if isinstance(item, dict):
            name, retires = item.get("id") or item.get("name"), item.get("shutdown_date")
        if isinstance(name, str) and name:
            models.append(ModelInfo(name, retires if isinstance(retires, str) else None))
    return models
