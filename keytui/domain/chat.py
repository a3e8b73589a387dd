"""The events of an answer, and the gateway that a question is put to."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from keytui.domain.question import Question
from keytui.domain.troubles import Trouble
from keytui.domain.usage import Usage

Endpoint = Literal["chat", "responses"]


@dataclass(frozen=True, slots=True)
class Started:
    """The server took the request; the answer begins."""

    endpoint: Endpoint
    request_id: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Limits, waits, costs and who answered; nothing else. Names in lower case."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer's text. Safe to show: lone surrogates are joined and control characters removed."""

    text: str


@dataclass(frozen=True, slots=True)
class Thinking:
    """A piece of the model's summary of its reasoning."""

    text: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing is sent for ``seconds``; then the request goes out again. Sent once a wait begins."""

    seconds: float
    attempt: int
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Reported:
    """What the server said about the request once it was done."""

    usage: Usage | None
    """None when the server reports none (some gateways); then the local count stands, marked as an estimate."""
    model: str | None = None
    tier: str | None = None
    cost_usd: str | None = None
    """An amount that a gateway stated itself, as it stood there."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is whole. The last event."""

    reason: str = "stop"
    """``stop``, ``length``, ``content_filter`` or ``tool_calls``."""
    dropped: tuple[str, ...] = ()
    """Parameters that the model did not take and that were left out."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The user stopped it. The last event."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It went wrong. The last event; text that had arrived before it is kept."""

    trouble: Trouble
    dropped: tuple[str, ...] = ()
    """As in ``Finished``."""


TurnEvent = Started | Delta | Thinking | Waiting | Reported | Finished | Stopped | Failed
"""An answer is any number of events and exactly one of the last three, at its end."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model that a key may use, as the server lists it."""

    id: str
    retires: str | None = None
    """``YYYY-MM-DD``, when the server says so."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What was found out about one base URL, so that it is found out once. None: not known yet.

    Worth keeping between runs; nothing in it belongs to a key.
    """

    responses: bool | None = None
    """Whether it has the Responses API."""
    count: bool | None = None
    """Whether it counts input tokens."""
    usage: bool | None = None
    """Whether it reports the tokens of a streamed answer."""
    models: bool | None = None
    """Whether it lists its models."""
    rate_headers: bool | None = None
    """Whether it tells its rate limits."""
    unaccepted: frozenset[tuple[str, str]] = frozenset()
    """(model, parameter) pairs that were refused; the parameter as the API calls it."""


class Gateway(Protocol):
    """One key at one base URL. Knows how to ask there; holds the connection; retries nothing by itself."""

    base_url: str

    @property
    def capabilities(self) -> Capabilities:
        """What is known of the base URL by now."""
        ...

    def ask(self, question: Question) -> AsyncGenerator[TurnEvent, None]:
        """The events of one answer, ended by Finished or Failed. Close it (``aclosing``) to stop the answer.

        Expected failures are events, never exceptions.
        """
        ...

    async def models(self) -> tuple[ModelInfo, ...]:
        """Chat models this key may use, in a sensible order. Raises ``Refused``."""
        ...

    async def count(self, question: Question) -> int:
        """Input tokens of a question, counted by the server. Raises ``Refused`` (many gateways have no such page)."""
        ...

    async def close(self) -> None:
        """Give the connections back."""
        ...


class Refused(Exception):
    """The server, or the route to it, said no; ``trouble`` says why and what to do."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.title)
        self.trouble = trouble
