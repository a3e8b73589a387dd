"""What the metering proxy is made of: the adapters that its ports stand for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from keytui.adapters.local_keys import LocalKeys
from keytui.adapters.paths import Paths
from keytui.domain.booking import Count
from keytui.domain.caps import Cap, caps_of
from keytui.domain.encodings import encoding_for
from keytui.domain.keys import KeyRecord, KeyStore, StoreUnreadable
from keytui.domain.metering import AnswerCache, Target
from keytui.domain.pricing import PriceBook
from keytui.domain.settings import SettingsStore
from keytui.domain.tokens import Tokenizer
from keytui.domain.troubles import Trouble, recognise

if TYPE_CHECKING:
    from keytui.adapters.ledger import SqliteLedger
    from keytui.adapters.network.http import HttpClients
    from keytui.servers.metering import Ports


def local_keys(paths: Paths) -> LocalKeys:
    """The local keys of programs."""
    return LocalKeys(paths.data / "programs.json")


@dataclass(frozen=True, slots=True)
class Around:
    """What a proxy shares with the program that it runs in."""

    paths: Paths
    settings: SettingsStore
    keys: KeyStore
    clients: HttpClients
    ledger: SqliteLedger
    prices: Callable[[], PriceBook]
    """The first call may take long."""


def ports(paths: Paths, *, practice: bool = False, answers: AnswerCache | None = None) -> Ports:
    """The ports of a proxy on its own, which books in the ledger of these folders."""
    from keytui.adapters.keystore import open_keys
    from keytui.adapters.ledger import SqliteLedger
    from keytui.adapters.settings import SettingsFile
    from keytui.cli.network import Network

    settings = SettingsFile(paths.settings_file)
    keys = open_keys(paths)
    # The user's own proxy is read here, before anything is served; its sign-in may lie in the vault.
    clients = asyncio.run(Network(paths, settings, keys, practice=practice).clients())

    @cache
    def prices() -> PriceBook:
        from keytui.adapters.prices import open_prices

        return open_prices(paths.settings_file, practice=practice)

    ledger = SqliteLedger(paths.database, journal=paths.journal, now=_now)
    return ports_within(Around(paths, settings, keys, clients, ledger, prices), answers=answers)


def ports_within(around: Around, *, answers: AnswerCache | None = None) -> Ports:
    """The ports of a proxy inside a program."""
    from keytui.adapters.openai.answers import read_usage
    from keytui.adapters.openai.failures import Asked, signal_from
    from keytui.servers.metering import Ports

    loading = Lock()
    loaded: dict[str, Tokenizer] = {}

    def tokenizer(encoding: str) -> Tokenizer:
        # Each takes a fifth of a second and some 50 MB: two threads must not load one twice.
        with loading:
            if encoding not in loaded:
                from keytui.adapters.tokenizer import load

                loaded[encoding] = load(encoding, around.paths.vocabulary)
            return loaded[encoding]

    def counter(model: str) -> Count:
        name = encoding_for(model).name
        return lambda text: tokenizer(name).count(text)

    def caps(key: KeyRecord) -> Sequence[Cap]:
        try:
            current = next((known for known in around.keys.records() if known.id == key.id), key)
        except StoreUnreadable:
            current = key
        return caps_of(around.settings.load(), current)

    def explain(error: BaseException, target: Target) -> Trouble:
        proxy = around.clients.proxy_of(target.base_url)
        asked = Asked("proxy", target.base_url, proxy=proxy, secrets=(target.secret,))
        return recognise(signal_from(error, asked))

    return Ports(
        connect=around.clients.lanes,
        explain=explain,
        read_usage=read_usage,
        ledger=around.ledger,
        reservations=around.ledger,
        prices=around.prices,
        counter=counter,
        caps=caps,
        now=_now,
        programs=local_keys(around.paths),
        cache=answers,
    )


def _now() -> datetime:
    return datetime.now(UTC)
