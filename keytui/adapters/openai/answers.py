"""Reading the two kinds of answers, Chat Completions and Responses, into one shape.

Payloads are read as plain JSON and every field is guarded: servers leave out, null or invent most of them
(openai-facts 3.1, 3.2 and 8).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keytui.domain.chat import Delta, Endpoint, Reported, Thinking, TurnEvent
from keytui.domain.safe_text import SafeStream
from keytui.domain.usage import Mark, Usage

Payload = Mapping[str, Any]

_MOST_TOKENS = 10**9
"""A number above it counts no tokens: no model's window comes near it, and no price of it could be booked."""


class Answer:
    """An answer as far as it has come. ``take`` payloads, then ``drain`` what can be shown."""

    endpoint: Endpoint

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self.model: str | None = None
        self.tier: str | None = None
        self.cost: str | None = None
        self.reason: str | None = None
        """Why the answer ended, in our words; None until the server said so."""
        self.error: object = None
        """The body of an error told in the middle of the answer."""
        self.done = False
        """Whether the server has said its last word."""
        self.written = False
        """Whether any text of the answer has come."""
        self.began = False
        """Whether anything at all has come."""
        self._pieces: list[tuple[bool, str]] = []
        self._text, self._thinking = SafeStream(), SafeStream()

    def take(self, payload: Payload) -> None:
        """Take one payload of a stream."""
        raise TypeError("an answer is read by the class of its endpoint")

    def take_whole(self, payload: Payload) -> None:
        """Take an answer that came in one piece."""
        raise TypeError("an answer is read by the class of its endpoint")

    def drain(self) -> list[TurnEvent]:
        """What has come since the last call, neighbouring pieces joined, safe to show."""
        if not self._pieces:
            return []
        events: list[TurnEvent] = []
        pieces, self._pieces = self._pieces, []
        run: list[str] = []
        thinking = pieces[0][0]
        for kind, text in pieces:
            if kind != thinking:
                self._close(thinking, "".join(run), events)
                run, thinking = [], kind
            run.append(text)
        self._close(thinking, "".join(run), events)
        return events

    def finish(self) -> list[TurnEvent]:
        """What was held back, once nothing more comes."""
        events = self.drain()
        if rest := self._thinking.finish():
            events.append(Thinking(rest))
        if rest := self._text.finish():
            events.append(Delta(rest))
        return events

    def reported(self) -> Reported:
        """What the server said about the request."""
        return Reported(self.usage, self.model, self.tier, self.cost)

    def _say(self, text: object) -> None:
        if isinstance(text, str) and text:
            self._pieces.append((False, text))
            self.written = True

    def _think(self, text: object) -> None:
        if isinstance(text, str) and text:
            self._pieces.append((True, text))

    def _close(self, thinking: bool, text: str, events: list[TurnEvent]) -> None:
        if thinking:
            if safe := self._thinking.feed(text):
                events.append(Thinking(safe))
        elif safe := self._text.feed(text):
            events.append(Delta(safe))

    def _note(self, payload: Payload) -> None:
        """Model, tier and usage, wherever they stand."""
        if isinstance(model := payload.get("model"), str) and model:
            self.model = model
        if isinstance(tier := payload.get("service_tier"), str) and tier:
            self.tier = tier
        if isinstance(usage := payload.get("usage"), Mapping):
            self.usage = read_usage(usage) or self.usage
            cost = usage.get("cost")
            if isinstance(cost, int | float | str) and not isinstance(cost, bool):
                self.cost = str(cost)


class ChatAnswer(Answer):
    """An answer of Chat Completions."""

    endpoint: Endpoint = "chat"

    def take(self, payload: Payload) -> None:
        """Take one chunk."""
        self.began = True
        choices = payload.get("choices")
        if choices:
            for choice in choices:
                if not isinstance(choice, Mapping) or choice.get("index"):
                    continue  # a second choice was not asked for
                delta = choice.get("delta")
                if isinstance(delta, Mapping):
                    self._message(delta)
                if reason := choice.get("finish_reason"):
                    self.reason = _chat_reason(reason)
        if payload.get("error"):
            self.error, self.done = payload, True
        if self.model is None or payload.get("usage") or self.reason:
            self._note(payload)

    def take_whole(self, payload: Payload) -> None:
        """Take a completion that was not streamed."""
        self.began = self.done = True
        if payload.get("error"):
            self.error = payload
        for choice in payload.get("choices") or ():
            if isinstance(choice, Mapping) and not choice.get("index"):
                if isinstance(message := choice.get("message") or choice.get("delta"), Mapping):
                    self._message(message)
                elif isinstance(choice.get("text"), str):
                    self._say(choice["text"])
                self.reason = _chat_reason(choice.get("finish_reason") or "stop")
        self._note(payload)

    def _message(self, message: Payload) -> None:
        # Reasoning has no field of its own in the API's chunks; gateways use one of these two names.
        self._think(message.get("reasoning_content") or message.get("reasoning"))
        content = message.get("content")
        if isinstance(content, list):
            content = "".join(part.get("text") or "" for part in content if isinstance(part, Mapping))
        self._say(content)
        self._say(message.get("refusal"))


class ResponsesAnswer(Answer):
    """An answer of the Responses API."""

    endpoint: Endpoint = "responses"

    def take(self, payload: Payload) -> None:
        """Take one event. They are told apart by ``type`` alone; unknown ones are passed over."""
        self.began = True
        match payload.get("type"):
            case "response.output_text.delta" | "response.refusal.delta":
                self._say(payload.get("delta"))
            case "response.reasoning_summary_text.delta" | "response.reasoning_text.delta":
                self._think(payload.get("delta"))
            case "response.reasoning_summary_part.added":
                if payload.get("summary_index"):
                    self._think("\n\n")
            case "response.completed" | "response.incomplete":
                self._end(payload.get("response"))
            case "response.failed":
                self._end(payload.get("response"))
                self.error = self.error or {"message": "The response failed without a reason."}
            case "error":
                self.error, self.done = payload, True
            case _:
                if payload.get("error"):
                    self.error, self.done = payload, True

    def take_whole(self, payload: Payload) -> None:
        """Take a response that was not streamed."""
        self.began = True
        for item in payload.get("output") or ():
            if not isinstance(item, Mapping):
                continue
            for part in item.get("content") or ():
                if isinstance(part, Mapping):
                    self._say(part.get("text") or part.get("refusal"))
            for part in item.get("summary") or ():
                if isinstance(part, Mapping):
                    self._think(part.get("text"))
        self._end(payload)

    def _end(self, response: object) -> None:
        self.done = True
        if not isinstance(response, Mapping):
            self.reason = "stop"
            return
        self._note(response)
        if response.get("error"):
            self.error = {"error": response["error"]}
        details = response.get("incomplete_details")
        why = details.get("reason") if isinstance(details, Mapping) else None
        calls = any(isinstance(item, Mapping) and item.get("type") == "function_call" for item in _list(response))
        self.reason = (
            "length" if why == "max_output_tokens" else "content_filter" if why == "content_filter" else "stop"
        )
        if calls and self.reason == "stop":
            self.reason = "tool_calls"


def read_usage(usage: Payload) -> Usage | None:
    """A usage object of either API; None when it tells neither input nor output. Odd parts count as none."""
    told = [usage.get(name) for name in ("prompt_tokens", "input_tokens", "completion_tokens", "output_tokens")]
    numbers = [number for number in told if isinstance(number, int)]
    if not numbers or max(numbers) > _MOST_TOKENS:
        return None
    given, made = _either(usage, "input_tokens", "prompt_tokens"), _either(usage, "output_tokens", "completion_tokens")
    details_in = _mapping(usage, "input_tokens_details", "prompt_tokens_details")
    details_out = _mapping(usage, "output_tokens_details", "completion_tokens_details")
    cached = min(_count(details_in.get("cached_tokens")), given)
    written = min(_count(details_in.get("cache_write_tokens")), given - cached)
    long_kept = _count(_mapping(details_in, "cache_write_tokens_details").get("ttl_12h_tokens"))
    return Usage(
        input=given,
        output=made,
        cached=cached,
        written=written,
        written_12h=min(long_kept, written),
        reasoning=min(_count(details_out.get("reasoning_tokens")), made),
        mark=Mark.BILLED,
    )


def _chat_reason(reason: object) -> str:
    known = {"length": "length", "content_filter": "content_filter", "tool_calls": "tool_calls"}
    return known.get(str(reason), "tool_calls" if reason == "function_call" else "stop")


def _list(response: Payload) -> list[object]:
    output = response.get("output")
    return output if isinstance(output, list) else []


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST_TOKENS else 0


def _either(usage: Payload, *names: str) -> int:
    return next((_count(usage[name]) for name in names if isinstance(usage.get(name), int)), 0)


def _mapping(holder: Payload, *names: str) -> Payload:
    return next((holder[name] for name in names if isinstance(holder.get(name), Mapping)), {})
