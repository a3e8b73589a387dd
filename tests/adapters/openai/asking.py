"""One question through the real SDK, for what it ends with."""

from __future__ import annotations

from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.route import Routes
from keytui.adapters.openai.gateway import OpenAIGateway
from keytui.domain.chat import Failed
from keytui.domain.question import ChatMessage, Question
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Trouble

KEY = "sk-proj-" + "aB3dE6gH9jK2mN5p" * 4
QUESTION = Question("gpt-6-luna", (ChatMessage("user", "hello"),))


async def ask(
    base_url: str,
    key: str = KEY,
    *,
    environment: dict[str, str] | None = None,
    answer_within: float = 20.0,
    question: Question = QUESTION,
) -> Trouble:
    """The trouble that asking ends with."""
    http = HttpClients(Routes(environment or {}), answer_within=answer_within)
    gateway = OpenAIGateway(Secret(key), base_url, http)
    try:
        found = [event async for event in gateway.ask(question)]
    finally:
        await gateway.close()
    assert isinstance(found[-1], Failed), found
    assert key not in repr(found)
    return found[-1].trouble
