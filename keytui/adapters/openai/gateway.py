"""One key at one base URL, asked through the official SDK."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from keytui.adapters.bounded import bounded
from keytui.adapters.network.http import HttpClients
from keytui.adapters.openai.failures import Asked, signal_from, signal_from_body
from keytui.adapters.openai.reading import document_signal, read_answer
from keytui.adapters.openai.requests import (
    Body,
    body_for,
    lacks_endpoint,
    refused_parameter,
    told,
    wants_responses,
    without,
)
from keytui.domain.addresses import is_openai
from keytui.domain.chat import (
    Capabilities,
    Endpoint,
    Failed,
    ModelInfo,
    Refused,
    Reported,
    Started,
    TurnEvent,
)
from keytui.domain.models import chat_models
from keytui.domain.question import Question
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Signal, Trouble, recognise

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_OPEN_WITHIN = 60.0
"""Seconds for loading the SDK and reading certificates; a file among these may lie on a disk that hangs."""
_MOST_ATTEMPTS = 8
"""Requests for one question that only differ in what a server refused; each refusal costs nothing."""


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
        learnt: Callable[[Capabilities], None] | None = None,
    ) -> None:
        """``remembered`` is what earlier runs found out; ``learnt`` is told what is known whenever that changes."""
        self.base_url = base_url
        self._secret = secret
        self._http = http
        self._organization, self._project = organization, project
        self._capabilities = remembered or Capabilities()
        self._learnt = learnt
        self._client: AsyncOpenAI | None = None
        self._opening = asyncio.Lock()
        self._through_responses: set[str] = set()

    @property
    def capabilities(self) -> Capabilities:
        """What is known of the base URL by now."""
        return self._capabilities

    async def ask(self, question: Question) -> AsyncGenerator[TurnEvent, None]:
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
                async with aclosing(read_answer(response, endpoint, asked, tuple(dropped))) as events:
                    async for event in events:
                        self._learn(event)
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
        yield Failed(recognise(refusal), tuple(dropped))

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
                signal = document_signal(error, asked)
            else:
                self._note(models=True)
                if "openai-version" in reply.headers and self._capabilities.responses is None:
                    # Whoever answers like OpenAI in this is asked like OpenAI; a refusal leads back to chat.
                    self._note(responses=True)
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
                signal = document_signal(error, asked)
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
                    self._client = await bounded(self._make, _OPEN_WITHIN)
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

    def _learn(self, event: TurnEvent) -> None:
        """Remember what an event tells of the server."""
        if isinstance(event, Started):
            self._note(rate_headers=any(name.startswith("x-ratelimit-") for name in event.headers))
            if event.endpoint == "responses" and self._capabilities.responses is None:
                self._note(responses=True)
        elif isinstance(event, Reported):
            self._note(usage=event.usage is not None)

    def _note(self, **found: Any) -> None:
        known = replace(self._capabilities, **found)
        if known != self._capabilities:
            self._capabilities = known
            if self._learnt is not None:
                self._learnt(known)

    # Sending and reading.

    @staticmethod
    async def _send(client: AsyncOpenAI, endpoint: Endpoint, body: Body, asked: Asked) -> tuple[Any, Signal | None]:
        resource: Any = client.responses if endpoint == "responses" else client.chat.completions
        try:
            # Reading the bytes here takes a fraction of the SDK's own stream (tests/benchmarks/gateway).
            return await resource.with_streaming_response.create(**body).__aenter__(), None
        except Exception as error:  # the SDK lets ValueError, AttributeError and others through (openai-facts 8.4)
            return None, signal_from(error, asked)


def unsendable(secret: Secret) -> str | None:
    """The code of what makes a key impossible to send, before anything is built that would keep it; else None."""
    characters = secret.reveal()
    if not characters:
        return "no_key"
    if not characters.isascii():
        return "key_not_ascii"
    return None if characters.isprintable() and " " not in characters else "key_malformed"


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
