"""A practice service over a real socket, in a thread, with the real tokenizer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openai import DefaultHttpx2Client, OpenAI

from keytui.adapters import tokenizer as adapter
from keytui.domain.tokens import Tokenizer
from keytui.servers.practice import Handshake, PracticeService


@pytest.fixture(scope="session")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder: Path = tmp_path_factory.mktemp("vocabulary")
    return adapter.load("o200k_base", folder)


class Clock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        # 23 November 2026, noon UTC: the models of that day are listed.
        self.now = 1795435200.0

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Served:
    """A running service and clients for it."""

    service: PracticeService
    handshake: Handshake
    opened: list[OpenAI] = field(default_factory=list)

    def client(self, api_key: str | None = None, **options: Any) -> OpenAI:
        client = OpenAI(
            api_key=api_key or self.handshake.api_key.reveal(),
            admin_api_key=self.handshake.admin_key.reveal(),
            base_url=self.handshake.base_url,
            max_retries=0,
            http_client=DefaultHttpx2Client(trust_env=False, verify=False),
            **options,
        )
        self.opened.append(client)
        return client

    def key_for(self, situation: str) -> str:
        return self.service.world.handed_out[situation].reveal()

    def page(self, path: str, method: str = "GET", body: object | None = None) -> Any:
        """One of the ``/practice`` pages."""
        client = self.client().with_options(base_url=self.handshake.base_url.removesuffix("/v1"))
        if method == "GET":
            return client.get(path, cast_to=object)
        return client.post(path, cast_to=object, body=body)


Start = Callable[..., Served]


@contextmanager
def serving(tokenizer: Tokenizer, **options: Any) -> Iterator[Served]:
    service = PracticeService(tokenizer, **{"rate": None, **options})
    ready: Future[Handshake] = Future()

    def run() -> None:
        try:
            service.run(ready.set_result)
        except BaseException as error:
            ready.set_exception(error)

    thread = threading.Thread(target=run)
    thread.start()
    served = Served(service, ready.result(timeout=20))
    try:
        yield served
    finally:
        for client in served.opened:
            client.close()
        service.stop()
        thread.join(timeout=20)
        assert not thread.is_alive()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def practice(tokenizer: Tokenizer, clock: Clock) -> Iterator[Served]:
    """A service with the clock of the test."""
    with serving(tokenizer, clock=clock) as served:
        yield served


@pytest.fixture
def client(practice: Served) -> OpenAI:
    return practice.client()


@pytest.fixture(scope="package")
def shared(tokenizer: Tokenizer) -> Iterator[Served]:
    """One service for all tests that neither look at its books nor change it."""
    with serving(tokenizer, credit=Decimal(1_000_000)) as served:
        yield served


@pytest.fixture
def organization(client: OpenAI) -> Any:
    return client.admin.organization


@pytest.fixture
def project(organization: Any) -> str:
    name: str = organization.projects.create(name="work").id
    return name
