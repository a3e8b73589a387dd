"""Lists of models, and counts."""

from __future__ import annotations

from typing import Any

import pytest

from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.route import Routes
from keytui.adapters.openai.gateway import OpenAIGateway
from keytui.domain.chat import (
    ModelInfo,
    Refused,
)
from keytui.domain.secrets import Secret
from tests.adapters.openai.gateways import KEY, question
from tests.support.faulty import (
    Faulty,
    error,
    reply,
)


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"data": [{"id": "a", "created": None, "owned_by": None}, {"id": "a"}, {"id": "b"}]}, ["a", "b"]),
        ({"data": [{"id": "a", "shutdown_date": "2027-01-14"}], "has_more": True}, ["a"]),
        ({"models": ["a", "b"]}, ["a", "b"]),
        ([{"name": "a"}, {"id": None}, 7], ["a"]),
        ({"data": []}, []),
    ],
)
async def test_lists_of_models(faulty: Faulty, body: Any, names: list[str]) -> None:
    faulty.on("/models", reply(200, body))
    gateway = OpenAIGateway(Secret(KEY), faulty.base_url, HttpClients(Routes({})))
    assert [model.id for model in await gateway.models()] == names
    await gateway.close()


@pytest.mark.parametrize(
    ("answer", "trouble_id"),
    [
        (reply(200, "<html>hotel</html>", content="text/html"), "web-page"),
        (reply(200, "hello"), "garbled-answer"),
        (reply(200, '{"data": [', content="application/json"), "garbled-answer"),
        (reply(200, {"data": None}), "garbled-answer"),
        (reply(404, "no", content="text/plain"), "wrong-base-url"),
        (error(401, "Incorrect API key provided", "invalid_api_key"), "invalid-key"),
    ],
)
async def test_a_list_that_is_none(faulty: Faulty, answer: bytes, trouble_id: str) -> None:
    faulty.on("/models", answer)
    gateway = OpenAIGateway(Secret(KEY), faulty.base_url, HttpClients(Routes({})))
    with pytest.raises(Refused) as refused:
        await gateway.models()
    assert refused.value.trouble.id == trouble_id
    await gateway.close()


async def test_counts(faulty: Faulty) -> None:
    faulty.on("/responses/input_tokens", reply(200, {"input_tokens": 12}))
    faulty.on("/responses/input_tokens", reply(200, {"input_tokens": None}))
    gateway = OpenAIGateway(Secret(KEY), faulty.base_url, HttpClients(Routes({})))
    assert await gateway.count(question()) == 12
    with pytest.raises(Refused) as refused:
        await gateway.count(question())
    assert refused.value.trouble.id == "garbled-answer"
    await gateway.close()


def test_a_model_that_retires_says_so() -> None:
    from keytui.adapters.openai.gateway import _listed

    assert _listed({"data": [{"id": "a", "shutdown_date": "2027-01-14"}]}) == [ModelInfo("a", "2027-01-14")]
