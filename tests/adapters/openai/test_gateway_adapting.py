"""What a server takes is found out by asking, and remembered."""

from __future__ import annotations

import pytest

from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.route import Routes
from keytui.adapters.openai.gateway import OpenAIGateway
from keytui.domain.chat import (
    Failed,
    Finished,
)
from keytui.domain.secrets import Secret
from tests.adapters.openai.gateways import DONE, KEY, RESPONSES, asked, question, said, text
from tests.support.faulty import (
    HEAD,
    Faulty,
    error,
    events,
    piece,
    reply,
    usage,
)


async def test_a_server_without_responses_is_asked_by_chat_and_remembered(faulty: Faulty) -> None:
    faulty.on("/responses", reply(404, {"detail": "Not Found"}))
    faulty.on("/chat/completions", HEAD, events(piece("Hi", "stop"), usage(), DONE))
    gateway = OpenAIGateway(Secret(KEY), faulty.base_url, HttpClients(Routes({})), remembered=RESPONSES)
    assert text(await asked("", gateway=gateway)) == "Hi"
    assert text(await asked("", gateway=gateway)) == "Hi"
    assert len(faulty.asked("/responses")) == 1
    assert gateway.capabilities.responses is False
    await gateway.close()


async def test_a_server_that_answers_like_openai_is_asked_like_openai(faulty: Faulty) -> None:
    faulty.on("/models", reply(200, {"data": [{"id": "told"}]}, openai_version="2020-10-01"))
    faulty.on("/responses", HEAD, events(*said("Hi")))
    gateway = OpenAIGateway(Secret(KEY), faulty.base_url, HttpClients(Routes({})))
    await gateway.models()
    assert text(await asked("", gateway=gateway)) == "Hi"
    await gateway.close()


async def test_a_missing_model_is_no_missing_endpoint(faulty: Faulty) -> None:
    faulty.on("/responses", error(404, "The model `told` does not exist.", "model_not_found"))
    (failed,) = await asked(faulty.base_url, remembered=RESPONSES)
    assert isinstance(failed, Failed)
    assert failed.trouble.id == "model-not-found"
    assert faulty.asked("/chat/completions") == []


async def test_a_model_for_responses_only_is_asked_there(faulty: Faulty) -> None:
    refusal = "This model is only supported in v1/responses and not in v1/chat/completions."
    faulty.on("/chat/completions", error(404, refusal, None, "invalid_request_error"))
    faulty.on("/responses", HEAD, events(*said("Hi")))
    assert text(await asked(faulty.base_url)) == "Hi"


@pytest.mark.parametrize(
    "refusal",
    [
        error(400, "Unsupported parameter: 'temperature'", "unsupported_parameter", param="temperature"),
        error(400, "'temperature' does not support 0.2 with this model.", "unsupported_value", param="temperature"),
        reply(
            422, {"detail": [{"loc": ["body", "temperature"], "msg": "Extra inputs are not permitted", "type": "x"}]}
        ),
        error(400, "litellm.UnsupportedParamsError: told does not support parameters: ['temperature']"),
        error(400, "Unrecognized request argument supplied: temperature"),
    ],
    ids=["parameter", "value", "fastapi", "litellm", "words"],
)
async def test_a_refused_parameter_is_left_out_and_named(faulty: Faulty, refusal: bytes) -> None:
    faulty.on("/chat/completions", refusal)
    faulty.on("/chat/completions", HEAD, events(piece("Hi", "stop"), DONE))
    found = await asked(faulty.base_url, question(temperature=0.2, effort="low"))
    assert found[-1] == Finished("stop", ("temperature",))
    first, second = (request.body for request in faulty.requests)
    assert first.pop("temperature") == 0.2
    assert first == second


async def test_what_is_never_taken_is_not_sent_again_but_still_named(faulty: Faulty) -> None:
    faulty.on("/chat/completions", error(400, "no", "unsupported_parameter", param="prompt_cache_key"))
    faulty.on("/chat/completions", HEAD, events(piece("Hi", "stop"), DONE))
    gateway = OpenAIGateway(Secret(KEY), faulty.base_url, HttpClients(Routes({})))
    for _ in range(2):
        assert (await asked("", gateway=gateway))[-1] == Finished("stop", ("cache_key",))
    assert len(faulty.requests) == 3
    assert gateway.capabilities.unaccepted == {("told", "prompt_cache_key")}
    await gateway.close()


async def test_an_older_server_gets_the_older_name_of_the_longest_answer(faulty: Faulty) -> None:
    faulty.on("/chat/completions", error(400, "no", "unsupported_parameter", param="max_completion_tokens"))
    faulty.on("/chat/completions", HEAD, events(piece("Hi", "stop"), DONE))
    assert (await asked(faulty.base_url, question(max_output=9)))[-1] == Finished("stop", ())
    assert faulty.requests[1].body["max_tokens"] == 9


async def test_without_verification_the_answer_comes_unstreamed(faulty: Faulty) -> None:
    words = "Your organization must be verified to stream this model."
    faulty.on("/chat/completions", error(400, words, "unsupported_value", param="stream"))
    whole = {"choices": [{"message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}], **usage()}
    whole["choices"] = [{"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"}]
    faulty.on("/chat/completions", reply(200, whole))
    found = await asked(faulty.base_url)
    assert text(found) == "Hi"
    assert found[-1] == Finished("stop", ("stream",))


async def test_a_server_that_refuses_everything_is_not_asked_for_ever(faulty: Faulty) -> None:
    faulty.on("/chat/completions", error(400, "no", "unsupported_parameter", param="stream_options"))
    (failed,) = await asked(faulty.base_url)
    assert isinstance(failed, Failed)
    assert failed.trouble.id == "parameter-not-taken"
    assert len(faulty.requests) <= 3
