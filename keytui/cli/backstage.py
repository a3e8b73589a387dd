"""What the interface's ``Services`` are made of: every adapter, built once, when it is first asked for."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from keytui.adapters import paths as folders
from keytui.adapters.keystore import Keys
from keytui.adapters.settings import SettingsFile
from keytui.adapters.vault import EveryPlace
from keytui.cli.engine_room import EngineRoom
from keytui.cli.once import Once
from keytui.domain.keys import KeyKind, KeyRecord, Place, StoreUnreadable, VaultTrouble, new_key_id
from keytui.domain.secrets import Secret
from keytui.tui.background import in_background

if TYPE_CHECKING:
    from keytui.adapters.ledger import SqliteLedger
    from keytui.adapters.prices import Prices
    from keytui.cli.metering_switch import Switch
    from keytui.cli.network import Network
    from keytui.domain.admin import AdminPort
    from keytui.domain.agenda import Agenda
    from keytui.domain.apply.journal import JournalStore
    from keytui.domain.apply.run import Means
    from keytui.domain.chat import Gateway, TurnEvent
    from keytui.domain.conversations import ConversationStore
    from keytui.domain.found import Found
    from keytui.domain.overhead import Calibrations
    from keytui.domain.pricing import PriceBook
    from keytui.domain.probe import Prober
    from keytui.domain.question import Question
    from keytui.domain.route import Route
    from keytui.domain.setup import ProgressStore
    from keytui.domain.turn import Booked, CapWarned
    from keytui.tui.services import PracticeKeys

PRACTICE_KEY = "practice"
"""The name of the key that the practice service gives out."""

PRACTICE_RATE = 80.0
"""Tokens a second of a practice answer: about what a small model writes."""


class Backstage(EngineRoom):
    """Implements ``keytui.tui.services.Services``."""

    def __init__(self, *, practice: bool, offline: bool, practice_rate: float | None = PRACTICE_RATE) -> None:
        super().__init__()
        self.practice = practice
        self.offline = offline
        self._practice_rate = practice_rate
        self.paths = folders.find(practice=practice)
        self.settings = SettingsFile(self.paths.settings_file)
        # A copy: while the SDK is loaded in its thread, the process's own OPENAI_* variables are out of sight.
        self._environ = dict(os.environ)
        self._vaults = EveryPlace(self.paths, environ=self._environ, cwd=Path.cwd())
        self.keys = Keys(self.paths, self._vaults, self.now)
        self._once = Once()
        self._gateways: dict[str, Gateway] = {}
        self._network: Network | None = None
        self._metering: Switch | None = None

    @cached_property
    def progress(self) -> ProgressStore:
        """How far set-up has come."""
        from keytui.adapters.setup_state import SetupState

        return SetupState(self.paths.setup_file)

    @cached_property
    def agenda(self) -> Agenda:
        """What is due with keys."""
        from keytui.adapters.agenda import AgendaFile

        return AgendaFile(self.paths.agenda_file)

    @property
    def metering(self) -> Switch:
        """The metering proxy for other programs."""
        if self._metering is None:
            from keytui.cli.metering_switch import Switch

            self._metering = Switch(self)
        return self._metering

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.now(UTC)

    # -- what begins after the first frame ----------------------------------------------

    async def start(self) -> None:
        """Start the engine and, in practice, take up the key that its practice service gives out."""
        engine = self.start_engine(self._log())
        self._loading = asyncio.create_task(self._once.get("sdk", self._load_sdk))
        if self.practice:
            await self.practice_keys()
        await engine.ready()

    def _log(self) -> Path | None:
        """The log file, with its folder made; None where that is not possible: there is no log then."""
        try:
            folders.make_private(self.paths.state)
        except OSError:
            return None
        return self.paths.log_file

    async def _load_sdk(self) -> None:
        from keytui.adapters.openai.sdk import load_sdk

        await in_background(load_sdk)

    async def _take_up(self, handed: PracticeKeys) -> None:
        secret = Secret(handed.api_key)
        record = KeyRecord(
            id=new_key_id(),
            name=PRACTICE_KEY,
            kind=KeyKind.PROJECT,
            base_url=handed.base_url,
            place=Place.SESSION,
            last4=secret.last4,
            created=self.now(),
            note="Given out by the practice service on this machine. It opens nothing else.",
        )
        await self.keys.add(record, secret)
        self.keys.activate(record.id)

    async def practice_keys(self) -> PracticeKeys:
        """The practice service's address and keys, once it listens; its key is the one in use by then."""
        from keytui.tui.services import PracticeKeys

        if not self.practice:
            raise RuntimeError("there is no practice service outside practice")
        handed = await (await self.started_engine()).practice(rate=self._practice_rate)
        keys = PracticeKeys(handed["base_url"], handed["api_key"], handed["admin_key"])
        await self._once.get("practice key", lambda: self._take_up(keys))
        return keys

    async def close(self) -> None:
        """Give the connections back."""
        for gateway in self._gateways.values():
            await gateway.close()
        self._gateways.clear()

    def end(self) -> None:
        """End what runs beside the app; for when the event loop is gone."""
        if self._metering is not None:
            self._metering.end()
        self.end_engine()

    # -- money and memory ---------------------------------------------------------------------

    async def prices(self) -> PriceBook:
        """The price book."""
        return await self._once.get("prices", self._open_prices)

    async def _open_prices(self) -> Prices:
        from keytui.adapters.prices import open_prices

        return await in_background(open_prices, self.paths.settings_file, practice=self.practice)

    async def update_prices(self) -> date:
        """Fetch newer prices; the price book that was handed out takes them up."""
        from keytui.cli.price_update import update_prices

        network, today = await self.network(), self.now().date()
        as_of = await update_prices(network, today=today, practice=self.practice, offline=self.offline)
        (await self._once.get("prices", self._open_prices)).read_again()
        return as_of

    async def ledger(self) -> SqliteLedger:
        """The ledger, which also keeps the caps."""
        return await self._once.get("ledger", self._open_ledger)

    async def _open_ledger(self) -> SqliteLedger:
        from keytui.adapters.ledger import SqliteLedger

        return await in_background(SqliteLedger, self.paths.database, journal=self.paths.journal, now=self.now)

    async def book_left_behind(self) -> int:
        """Book what a keytui that was killed had sent and not booked."""
        ledger = await self.ledger()
        if not await in_background(ledger.left_behind):
            return 0
        from keytui.domain.left_behind import book_left_behind

        conversations, prices = await self.conversations(), await self.prices()
        return len(await in_background(book_left_behind, ledger, conversations, prices, self.count_anywhere))

    async def conversations(self) -> ConversationStore:
        """The kept conversations."""
        return await self._once.get("conversations", self._open_conversations)

    async def _open_conversations(self) -> ConversationStore:
        from keytui.adapters.conversations import SqliteConversations

        return await in_background(SqliteConversations, self.paths.database)

    async def calibrations(self) -> Calibrations:
        """What was learnt about estimates."""
        return await self._once.get("calibrations", self._open_calibrations)

    async def _open_calibrations(self) -> Calibrations:
        from keytui.adapters.calibrations import SqliteCalibrations

        return await in_background(SqliteCalibrations, self.paths.database)

    # -- the network ----------------------------------------------------------------------------

    async def gateway(self, key: KeyRecord) -> Gateway:
        """The gateway of a key."""
        # A key that was rotated or bound anew gets another gateway: the old one holds the old characters.
        bound = f"gateway {key.id} {key.kept_as} {key.base_url} {key.organization} {key.project}"
        return await self._once.get(bound, lambda: self._open_gateway(key, bound))

    async def _open_gateway(self, key: KeyRecord, bound: str) -> Gateway:
        await self._once.get("sdk", self._load_sdk)
        gateway = await (await self.network()).gateway(key, await self.keys.secret(key))
        self._gateways[bound] = gateway
        return gateway

    async def prober(self) -> Prober:
        """The checker of keys and routes."""
        await self._once.get("sdk", self._load_sdk)
        return await (await self.network()).prober()

    async def admin(self, secret: Secret, base_url: str) -> AdminPort:
        """The organisation of an admin key."""
        await self._once.get("sdk", self._load_sdk)
        from keytui.adapters.openai.admin import OpenAIAdmin

        return OpenAIAdmin(secret, base_url, await (await self.network()).clients())

    async def network(self) -> Network:
        """The route to the API, the user's own proxy included."""
        if self._network is None:
            from keytui.cli.network import Network

            self._network = Network(self.paths, self.settings, self.keys, practice=self.practice, offline=self.offline)
        return self._network

    async def route(self, base_url: str) -> Route:
        """How requests to an address would travel now."""
        return await (await self.network()).route(base_url)

    async def journal(self) -> JournalStore:
        """What applying plans has done so far."""
        return await self._once.get("journal", self._open_journal)

    async def _open_journal(self) -> JournalStore:
        from keytui.cli.plan.journal import journal_for

        return await in_background(journal_for, self.paths, practice=self.practice)

    async def means(self, admin_key: Secret, base_url: str, place: Place) -> Means:
        """What applies a plan, or takes it back."""
        await self._once.get("sdk", self._load_sdk)
        from keytui.cli.plan.means import means_for

        http, journal = await (await self.network()).clients(), await self.journal()
        return means_for(admin_key, base_url, keys=self.keys, place=place, journal=journal, http=http)

    async def look_around(self, *, programs: bool = False, shell_files: bool = False) -> Found:
        """What this machine already has."""
        from keytui.adapters.found import look_around

        home = Path.home() if programs or shell_files else None
        keyring = self._vaults.get(Place.KEYRING)
        return await look_around(self._environ, Path.cwd(), keyring=keyring, home=home, shell_files=shell_files)

    async def export(self, path: str, text: str) -> str:
        """Write a new file for this user alone."""

        def write() -> str:
            target = Path(path).expanduser().absolute()
            with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
            return str(target)

        return await in_background(write)

    async def take_turn(
        self, question: Question, *, key: KeyRecord, conversation: str, app: str = "playground"
    ) -> AsyncGenerator[TurnEvent | Booked | CapWarned, None]:
        """Ask, yield the events of the answer, book it, and yield ``Booked`` last."""
        from keytui.domain.caps import caps_of
        from keytui.domain.turn import take_turn

        gateway, prices, ledger = await self.gateway(key), await self.prices(), await self.ledger()
        with suppress(VaultTrouble, StoreUnreadable):
            # "Last used" is a convenience: an index that cannot be written is told of where it matters.
            await self.keys.used(key.id)
        turn = take_turn(
            question,
            gateway=gateway,
            ledger=ledger,
            prices=prices,
            count=self.count_anywhere(question.model),
            key=key,
            app=app,
            conversation=conversation,
            now=self.now,
            sleep=asyncio.sleep,
            caps=caps_of(self.settings.load(), key),
            reservations=ledger,
            background=in_background,
        )
        async with aclosing(turn):
            async for event in turn:
                yield event
