"""A gateway asked at a server that says what it is told to."""

from __future__ import annotations

from typing import Any

from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.route import Routes
from keytui.adapters.openai.gateway import OpenAIGateway
from keytui.domain.chat import (
    Capabilities,
    Delta,
    TurnEvent,
)
from keytui.domain.question import ChatMessage, Parameters, Question
from keytui.domain.secrets import Secret

KEY = "sk-proj-" + "aB3dE6gH9jK2mN5p" * 4
RESPONSES = Capabilities(responses=True)
DONE = "[DONE]"


def question(text: str = "hello", model: str = "told", **parameters: Any) -> Question:
    return Question(model, (ChatMessage("user", text),), "be brief", Parameters(**parameters), cache_key="c1")


async def asked(
    base_url: str,
    wanted: Question | None = None,
    *,
    remembered: Capabilities | None = None,
    gateway: OpenAIGateway | None = None,
) -> list[TurnEvent]:
    own = gateway or OpenAIGateway(Secret(KEY), base_url, HttpClients(Routes({})), remembered=remembered)
    try:
        return [event async for event in own.ask(wanted or question())]
    finally:
        if gateway is None:
            await own.close()


def text(found: list[TurnEvent]) -> str:
    return "".join(event.text for event in found if isinstance(event, Delta))


def said(*deltas: str, **more: Any) -> list[Any]:
    """Events of the Responses API around these deltas."""
    inner = {"model": "told", "service_tier": "default", **more}
    return [
        {"type": "response.created", "response": {}},
        *({"type": "response.output_text.delta", "delta": delta} for delta in deltas),
        {"type": "response.some_future_event", "delta": "not text"},
        {"type": "response.completed", "response": {**inner, "output": []}},
    ]
