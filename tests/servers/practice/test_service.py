"""The service's life: starting, ending, and what happens to answers under way."""

from __future__ import annotations

import json
import socket
import threading
import time
from typing import Any

import pytest

from keytui.domain.tokens import Tokenizer
from keytui.servers.practice import PracticeService
from keytui.servers.quiet import CannotListen
from tests.servers.practice.conftest import Served, serving

MODEL = "gpt-6-luna"


def eventually(practice: Served, count: int) -> list[dict[str, Any]]:
    """The entries of the ledger, once there are that many."""
    deadline = time.monotonic() + 20
    while True:
        entries: list[dict[str, Any]] = practice.page("/practice/ledger")["entries"]
        if len(entries) >= count or time.monotonic() > deadline:
            return entries
        time.sleep(0.01)


def test_the_keys_can_be_given_and_do_not_show(tokenizer: Tokenizer) -> None:
    with serving(tokenizer, api_key="sk-proj-mine-1234567890", admin_key="sk-admin-mine-1234567890") as served:
        assert served.client("sk-proj-mine-1234567890").models.list().data
        assert "mine" not in repr(served.handshake)
        line = json.loads(served.handshake.line)
        assert list(line) == ["base_url", "api_key", "admin_key"]
        assert line["base_url"].startswith("http://127.0.0.1:")


def test_a_taken_port_is_said_before_anything_is_served(tokenizer: Tokenizer) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        service = PracticeService(tokenizer, port=other.getsockname()[1])
        with pytest.raises(CannotListen):
            service.run(lambda handshake: pytest.fail("it must not be ready"))


def test_the_port_is_free_again_afterwards(tokenizer: Tokenizer) -> None:
    with serving(tokenizer) as served:
        port = int(served.handshake.base_url.rsplit(":", 1)[1].removesuffix("/v1"))
        served.client().models.list()
    with serving(tokenizer, port=port) as served:
        assert served.client().models.list().data


def test_stopping_before_the_start_means_not_starting(tokenizer: Tokenizer) -> None:
    service = PracticeService(tokenizer)
    service.stop()
    service.run(lambda handshake: pytest.fail("it must not be ready"))


def test_stopping_from_within_ready_ends_it(tokenizer: Tokenizer) -> None:
    service = PracticeService(tokenizer)
    service.run(lambda handshake: service.stop())


def test_an_answer_that_the_client_leaves_is_billed_as_far_as_it_came(tokenizer: Tokenizer) -> None:
    with serving(tokenizer, rate=200.0) as practice:
        client = practice.client()
        stream = client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "[[tokens=5000]]"}], stream=True
        )
        for index, _ in enumerate(stream):
            if index == 10:
                break
        stream.close()
        (entry,) = eventually(practice, 1)
        assert entry["outcome"] == "stopped"
        assert 10 <= entry["output_tokens"] < 5000


def test_stopping_ends_answers_under_way(tokenizer: Tokenizer) -> None:
    with serving(tokenizer, rate=50.0) as practice:
        stream = practice.client().responses.create(model=MODEL, input="[[tokens=5000]]", stream=True)
        next(iter(stream))
        practice.service.stop()
        arrived = threading.Event()

        def drain() -> None:
            try:
                for _ in stream:
                    pass
            except Exception:  # whatever the SDK makes of a line that ended
                pass
            arrived.set()

        thread = threading.Thread(target=drain)
        thread.start()
        assert arrived.wait(20)
        thread.join()
    (entry,) = practice.service.world.book.rows
    assert entry.outcome == "stopped"


def test_the_pace_does_not_drift(tokenizer: Tokenizer) -> None:
    with serving(tokenizer, rate=400.0) as practice:
        client = practice.client()
        start = time.monotonic()
        stream = client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "[[tokens=400]]"}], stream=True
        )
        count = sum(1 for chunk in stream if chunk.choices and chunk.choices[0].delta.content)
        assert count == 400
        # 400 tokens at 400 a second: never sooner. How much later is the machine's affair.
        assert time.monotonic() - start >= 1.0


def test_many_answers_at_once_do_not_mix(tokenizer: Tokenizer) -> None:
    with serving(tokenizer, rate=2000.0) as practice:
        client = practice.client()
        texts: dict[int, str] = {}

        def ask(tokens: int) -> None:
            stream = client.chat.completions.create(
                model=MODEL, messages=[{"role": "user", "content": f"[[tokens={tokens}]]"}], stream=True
            )
            texts[tokens] = "".join(chunk.choices[0].delta.content or "" for chunk in stream)

        threads = [threading.Thread(target=ask, args=(tokens,)) for tokens in range(100, 120)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {tokens: tokenizer.count(text) for tokens, text in texts.items()} == {n: n for n in range(100, 120)}
        assert len(eventually(practice, 20)) == 20
