"""An answer of the Responses API: the object, and the events that build it up (order: openai-facts 3.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count

from keytui.domain.usage import Usage
from keytui.servers.practice import errors, identity, inference
from keytui.servers.practice.bodies import Body
from keytui.servers.practice.inference import Turn
from keytui.servers.practice.prompt import Message
from keytui.servers.practice.reply import Events, Made, Segment, dumps
from keytui.servers.practice.shelf import Stored

ECHOED = (
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "previous_response_id",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
    "user",
)


Event = Callable[..., bytes]
"""Makes an event of its type and its fields; the number in the stream comes by itself."""


@dataclass(frozen=True, slots=True)
class Echo:
    """What an answer repeats of its request."""

    fields: Mapping[str, object]

    @classmethod
    def of(
        cls, body: Body, *, effort: str | None, summary: str | None, metadata: Mapping[str, object], store: bool
    ) -> Echo:
        """Read it from a request whose fields were checked."""
        given = body.fields
        text = body.part("text")
        form = None if text is None else text.fields.get("format")
        verbosity = None if text is None else text.text("verbosity")
        parallel = given.get("parallel_tool_calls")
        options = body.part("prompt_cache_options")
        fields: dict[str, object] = {
            **{name: given.get(name) for name in ECHOED},
            "background": False,
            "metadata": metadata,
            "parallel_tool_calls": True if parallel is None else parallel,
            "reasoning": {"effort": effort, "summary": summary},
            "store": store,
            "temperature": body.number("temperature", 0, 2) if body.has("temperature") else 1.0,
            "text": {"format": form or {"type": "text"}, "verbosity": verbosity or "medium"},
            "tool_choice": given.get("tool_choice") or "auto",
            "tools": given.get("tools") or [],
            "top_logprobs": body.integer("top_logprobs", 0, 20) or 0,
            "top_p": body.number("top_p", 0, 1) if body.has("top_p") else 1.0,
            "truncation": body.choice("truncation", ("auto", "disabled")) or "disabled",
        }
        if options is not None:
            fields["prompt_cache_options"] = {
                "mode": options.text("mode") or "implicit",
                "ttl": options.text("ttl") or "30m",
            }
        return cls(fields)


@dataclass
class Answer:
    """One answer."""

    turn: Turn
    echo: Echo
    id: str
    summary: tuple[str, ...] = ()
    conversation: tuple[Message, ...] | None = None
    """What came before, when the answer is to be stored."""
    message_id: str = field(default_factory=lambda: identity.identifier("msg_", 48))
    reasoning_id: str = field(default_factory=lambda: identity.identifier("rs_", 48))

    def __post_init__(self) -> None:
        self.created = int(self.turn.context.world.now)

    def whole(self) -> Made:
        """The answer in one piece."""
        generation = self.turn.generation
        frames = len(generation.pieces.texts)
        return Made(
            self._final,
            generation.wait + generation.thinking_time + generation.writing_time,
            frames,
            self.turn.settle,
            cut=self.turn.cut,
            failure=errors.server_error().body if self.turn.breaks else None,
        )

    def streamed(self, *, padded: bool) -> Events:
        """The answer as events, each with its ``sequence_number``."""
        generation = self.turn.generation
        number = count()

        def event(kind: str, **fields: object) -> bytes:
            return _frame({"type": kind, "sequence_number": next(number), **fields})

        begun = self._value("in_progress", [])
        opening = [event("response.created", response=begun), event("response.in_progress", response=begun)]
        if generation.reasoning:
            item = self._reasoning(())
            opening.append(event("response.output_item.added", output_index=0, item=item))
        thoughts = self._thoughts(event)
        middle: list[bytes] = []
        if generation.reasoning:
            item = self._reasoning(self.summary)
            middle.append(event("response.output_item.done", output_index=0, item=item))
        frames: list[bytes] = []
        if generation.pieces.texts:
            at = {"item_id": self.message_id, "output_index": self._place, "content_index": 0}
            middle += [
                event("response.output_item.added", output_index=self._place, item=self._message("in_progress", "")),
                event("response.content_part.added", **at, part=_part("")),
            ]
            first = next(number)
            frames = _deltas(generation.pieces.texts, at, first, padded=padded)
            number = count(first + len(frames))

        cut_after = inference.cut_after(self.turn.caller.situation, len(frames))

        def failure() -> bytes:
            nonlocal number
            number = count(next(number) - len(frames) + (cut_after or 0))
            words = errors.server_error().message
            failed = {**self._value("failed", []), "error": {"code": "server_error", "message": words}}
            said = event("error", code="server_error", message=words, param=None)
            return said + event("response.failed", response=failed)

        slowly = None if generation.rate is None else generation.thinking_time
        return Events(
            segments=[
                Segment(opening, wait=generation.wait),
                Segment(thoughts, rate=len(thoughts) / slowly if slowly and thoughts else None),
                Segment(middle, wait=0.0 if thoughts else generation.thinking_time),
                Segment(frames, rate=generation.rate, answer=True),
            ],
            closing=lambda: self._closing(event),
            ended=self.turn.settle,
            cut_after=cut_after,
            last_words=failure if self.turn.breaks else None,
        )

    def _thoughts(self, event: Event) -> list[bytes]:
        """The summary of what was thought, word by word."""
        thoughts: list[bytes] = []
        kind = "response.reasoning_summary_"
        for index, part in enumerate(self.summary):
            at = {"item_id": self.reasoning_id, "output_index": 0, "summary_index": index}
            thoughts.append(event(f"{kind}part.added", **at, part={"type": "summary_text", "text": ""}))
            for word in re.findall(r"\s*\S+", part):
                thoughts.append(event(f"{kind}text.delta", **at, delta=word))
            thoughts.append(event(f"{kind}text.done", **at, text=part))
            thoughts.append(event(f"{kind}part.done", **at, part={"type": "summary_text", "text": part}))
        return thoughts

    def _closing(self, event: Event) -> bytes:
        """What ends an answer that is not broken off."""
        ends: list[bytes] = []
        if text := self.turn.generation.pieces.text:
            at = {"item_id": self.message_id, "output_index": self._place, "content_index": 0}
            done = self._message(self._status, text)
            ends += [
                event("response.output_text.done", **at, text=text, logprobs=[]),
                event("response.content_part.done", **at, part=_part(text)),
                event("response.output_item.done", output_index=self._place, item=done),
            ]
        ends.append(event(f"response.{self._status}", response=self._final()))
        return b"".join(ends)

    @property
    def _place(self) -> int:
        return 1 if self.turn.generation.reasoning else 0

    @property
    def _status(self) -> str:
        return "completed" if self.turn.generation.finish == "stop" else "incomplete"

    def _final(self) -> dict[str, object]:
        """The finished answer; it is stored on the way, when it is to be."""
        generation = self.turn.generation
        output: list[object] = []
        if generation.reasoning:
            output.append(self._reasoning(self.summary))
        if text := generation.pieces.text:
            output.append(self._message(self._status, text))
        value = self._value(self._status, output, response_usage(self.turn.usage()))
        if self._status == "completed":
            value["completed_at"] = int(self.turn.context.world.now)
        else:
            value["incomplete_details"] = {"reason": "max_output_tokens"}
        if self.conversation is not None:
            messages = (*self.conversation, Message("assistant", generation.pieces.text))
            self.turn.context.world.shelf.put(self.id, Stored(self.turn.caller.project.id, value, messages))
        return value

    def _value(self, status: str, output: list[object], usage: object = None) -> dict[str, object]:
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": status,
            "completed_at": None,
            "error": None,
            "incomplete_details": None,
            "model": self.turn.model.id,
            "output": output,
            "service_tier": self.turn.tier if usage else "auto",
            "usage": usage,
            **self.echo.fields,
        }

    def _message(self, status: str, text: str) -> dict[str, object]:
        content = [_part(text)] if text else []
        return {"id": self.message_id, "type": "message", "status": status, "role": "assistant", "content": content}

    def _reasoning(self, summary: tuple[str, ...]) -> dict[str, object]:
        parts = [{"type": "summary_text", "text": text} for text in summary]
        return {"id": self.reasoning_id, "type": "reasoning", "summary": parts}


def response_usage(usage: Usage) -> dict[str, object]:
    """A usage in the shape of the Responses API."""
    return {
        "input_tokens": usage.input,
        "input_tokens_details": {
            "cached_tokens": usage.cached,
            "cache_write_tokens": usage.written,
            "cache_write_tokens_details": {
                "ttl_30m_tokens": usage.written - usage.written_12h,
                "ttl_12h_tokens": usage.written_12h,
            },
        },
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.total,
    }


def _part(text: str) -> dict[str, object]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _deltas(texts: tuple[str, ...], at: Mapping[str, object], first: int, *, padded: bool) -> list[bytes]:
    # As with chat chunks, one event is made whole and split around what differs: its number and its text.
    kind = "response.output_text.delta"
    whole = _frame({"type": kind, "sequence_number": 0, **at, "delta": "\0", "logprobs": []})
    before, rest = whole.split(b'"sequence_number":0', 1)
    between, after = rest.split(b'"\\u0000"')
    before += b'"sequence_number":'
    if not padded:
        return [b"%b%d%b%b%b" % (before, first + i, between, dumps(text), after) for i, text in enumerate(texts)]
    after = after.removesuffix(b"}\n\n") + b',"obfuscation":"'
    noise = inference.obfuscation
    return [
        b'%b%d%b%b%b%b"}\n\n' % (before, first + i, between, dumps(text), after, noise(i, len(text)).encode())
        for i, text in enumerate(texts)
    ]


def _frame(value: Mapping[str, object]) -> bytes:
    return f"event: {value['type']}\ndata: ".encode() + dumps(value) + b"\n\n"
