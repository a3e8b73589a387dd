"""A metering proxy in a thread, with a real ledger, in front of whatever a test names."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from keytui.adapters.ledger import SqliteLedger
from keytui.adapters.local_keys import LocalKeys
from keytui.adapters.network.http import HttpClients
from keytui.adapters.openai.answers import read_usage
from keytui.adapters.openai.failures import Asked, signal_from
from keytui.adapters.prices import Prices
from keytui.domain.caps import Cap
from keytui.domain.keys import KeyKind, KeyRecord, Place
from keytui.domain.ledger import Entry
from keytui.domain.metering import AnswerCache, Target
from keytui.domain.secrets import Secret
from keytui.domain.troubles import recognise
from keytui.servers.metering import Handshake, MeteringProxy, Ports, ProxySettings
from tests.servers.metering.upstream import Upstream, upstream
from tests.support.encoders import encoder

REAL = "sk-proj-the-real-key-that-no-program-may-ever-see-7Qf4"


@dataclass
class Running:
    """A proxy at work."""

    proxy: MeteringProxy
    ledger: SqliteLedger
    programs: LocalKeys
    base_url: str
    api_key: str
    thread: threading.Thread

    @property
    def port(self) -> int:
        return int(self.base_url.removesuffix("/v1").rpartition(":")[2])

    def ended(self) -> list[Entry]:
        """End the proxy; every entry that it booked, oldest first."""
        self.proxy.stop()
        self.thread.join(20)
        assert not self.thread.is_alive()
        return list(reversed(self.ledger.latest(10_000)))


Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a proxy in front of an address."""
    started: list[Running] = []

    def begin(
        base_url: str,
        secret: str = REAL,
        *,
        caps: Sequence[Cap] = (),
        cache: AnswerCache | None = None,
        organization: str | None = None,
        project: str | None = None,
        **settings: object,
    ) -> Running:
        folder = tmp_path / f"proxy-{len(started)}"
        folder.mkdir()
        now = lambda: datetime.now(UTC)  # noqa: E731
        record = KeyRecord("k1", "work", KeyKind.PROJECT, base_url, Place.SESSION, secret[-4:], now())
        record = replace(record, organization=organization, project=project)
        ledger = SqliteLedger(folder / "keytui.db", journal=folder / "journal", now=now)
        programs = LocalKeys(folder / "programs.json")
        prices = Prices(practice=True)
        ports = Ports(
            connect=HttpClients().lanes,
            explain=lambda error, target: recognise(
                signal_from(error, Asked("proxy", target.base_url, secrets=(target.secret,)))
            ),
            read_usage=read_usage,
            ledger=ledger,
            reservations=ledger,
            prices=lambda: prices,
            counter=lambda model: encoder("o200k_base").count,
            caps=lambda key: caps,
            now=now,
            programs=programs,
            cache=cache,
        )
        proxy = MeteringProxy(Target(record, Secret(secret)), ports, ProxySettings(**settings))  # type: ignore[arg-type]
        listens = threading.Event()
        handed: list[Handshake] = []

        def ready(handshake: Handshake) -> None:
            handed.append(handshake)
            listens.set()

        thread = threading.Thread(target=proxy.run, args=(ready,))
        thread.start()
        assert listens.wait(20)
        running = Running(proxy, ledger, programs, handed[0].base_url, handed[0].api_key.reveal(), thread)
        started.append(running)
        return running

    yield begin
    for running in started:
        running.proxy.stop()
        running.thread.join(20)
        running.ledger.close()
        assert not running.thread.is_alive()


@pytest.fixture
def told() -> Iterator[Upstream]:
    """A server that answers what the test says."""
    with upstream() as server:
        yield server
