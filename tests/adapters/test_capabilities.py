from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.adapters.capabilities import EndpointMemory
from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.route import Routes
from keytui.adapters.openai.gateway import OpenAIGateway
from keytui.domain.chat import Capabilities
from keytui.domain.endpoints import described, lacks
from keytui.domain.question import ChatMessage, Question
from keytui.domain.secrets import Secret
from tests.support.faulty import HEAD, error, events, faulty_server, piece

URL = "http://127.0.0.1:4000/v1"
KNOWN = Capabilities(responses=False, usage=True, unaccepted=frozenset({("told", "temperature")}))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "endpoints.json"


def test_nothing_is_known_at_first(file: Path) -> None:
    assert EndpointMemory(file).of(URL) == Capabilities()
    assert not file.parent.exists()


def test_what_was_learnt_is_known_to_the_next_run(file: Path) -> None:
    memory = EndpointMemory(file)
    memory.learn(URL, KNOWN)
    assert memory.of(URL) == KNOWN
    memory.settle()
    assert EndpointMemory(file).of(URL) == KNOWN
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_newer_answer_counts_and_silence_takes_nothing_away(file: Path) -> None:
    memory = EndpointMemory(file)
    memory.learn(URL, KNOWN)
    memory.learn(URL, Capabilities(responses=True, count=False))
    assert memory.of(URL) == Capabilities(True, False, True, unaccepted=KNOWN.unaccepted)


def test_two_keytui_learn_beside_each_other(file: Path) -> None:
    first, second = EndpointMemory(file), EndpointMemory(file)
    first.of(URL), second.of(URL)
    first.learn(URL, KNOWN)
    second.learn("http://other/v1", Capabilities(models=False))
    first.settle()
    second.settle()
    assert EndpointMemory(file).of(URL) == KNOWN
    assert EndpointMemory(file).of("http://other/v1") == Capabilities(models=False)


def test_what_is_old_is_found_out_again(file: Path) -> None:
    then = datetime(2026, 1, 1, tzinfo=UTC)
    memory = EndpointMemory(file, now=lambda: then)
    memory.learn(URL, KNOWN)
    memory.settle()
    assert EndpointMemory(file, now=lambda: then + timedelta(days=30)).of(URL) == KNOWN
    assert EndpointMemory(file, now=lambda: then + timedelta(days=31)).of(URL) == Capabilities()


def test_the_file_does_not_grow_without_end(file: Path) -> None:
    memory = EndpointMemory(file)
    for number in range(120):
        memory.learn(f"http://host{number}/v1", KNOWN)
    memory.settle(30)
    assert len(json.loads(file.read_text())["endpoints"]) <= 100


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5),
    lambda part: st.lists(part) | st.dictionaries(st.sampled_from(["endpoints", URL, "seen", "unaccepted"]), part),
)


@given(ANYTHING)
def test_any_document_is_survived(tmp_path_factory: pytest.TempPathFactory, document: object) -> None:
    file = tmp_path_factory.mktemp("any") / "endpoints.json"
    file.write_text(json.dumps(document))
    file.chmod(0o600)
    assert isinstance(EndpointMemory(file).of(URL), Capabilities)


def test_a_file_that_cannot_be_written_troubles_nobody(file: Path) -> None:
    file.parent.write_text("in the way")
    memory = EndpointMemory(file)
    memory.learn(URL, KNOWN)
    memory.settle()
    assert memory.of(URL) == KNOWN


async def test_a_gateway_asks_a_server_once_in_all_runs(file: Path) -> None:
    question = Question("told", (ChatMessage("user", "hi"),))
    async with faulty_server() as server:
        server.on("/responses", error(404, "Not Found"))
        server.on("/chat/completions", HEAD, events(piece("Hi", "stop"), "[DONE]"))
        for _ in range(2):
            memory = EndpointMemory(file)
            known = memory.of(server.base_url)
            gateway = OpenAIGateway(
                Secret("sk-test-12345678"),
                server.base_url,
                HttpClients(Routes({})),
                remembered=Capabilities(responses=True) if known == Capabilities() else known,
                learnt=lambda found, memory=memory: memory.learn(server.base_url, found),  # type: ignore[misc]
            )
            async for _ in gateway.ask(question):
                pass
            await gateway.close()
            memory.settle()
        assert len(server.asked("/responses")) == 1
        assert len(server.asked("/chat/completions")) == 2
        assert lacks(EndpointMemory(file).of(server.base_url))[0] == "the Responses API"


def test_in_words() -> None:
    said = described(KNOWN)
    assert ("the Responses API", "not offered: Chat Completions is used", True) in said
    assert ("temperature", "refused by told: it is left out", True) in said
    assert described(Capabilities()) == []
