"""What the interface asks of the rest of keytui. The composition root (``keytui.cli``) provides it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # Nothing here is needed to run: the first frame does not wait for the whole domain to be imported.
    from keytui.domain.admin import AdminPort
    from keytui.domain.agenda import Agenda

    # What applies plans is loaded when there is one to apply.
    from keytui.domain.apply.journal import JournalStore
    from keytui.domain.apply.run import Means
    from keytui.domain.chat import Gateway, TurnEvent
    from keytui.domain.conversations import ConversationStore
    from keytui.domain.counting import LiveCounter
    from keytui.domain.found import Found
    from keytui.domain.keys import KeyRecord, KeyStore, Place
    from keytui.domain.ledger import Ledger
    from keytui.domain.metering import MeteringSwitch
    from keytui.domain.network import Network
    from keytui.domain.overhead import Calibrations
    from keytui.domain.pricing import PriceBook
    from keytui.domain.probe import Prober
    from keytui.domain.question import Question
    from keytui.domain.route import Route
    from keytui.domain.secrets import Secret
    from keytui.domain.settings import SettingsStore
    from keytui.domain.setup import ProgressStore
    from keytui.domain.turn import Booked, CapWarned


@dataclass(frozen=True, slots=True)
class PracticeKeys:
    """Where the practice service listens, and the keys it gave out. They open nothing else."""

    base_url: str
    api_key: str
    admin_key: str


class Services(Protocol):
    """Everything below the interface. What is ``async`` may wait; nothing here blocks the event loop."""

    practice: bool
    offline: bool
    settings: SettingsStore
    keys: KeyStore

    @property
    def progress(self) -> ProgressStore:
        """How far set-up has come."""
        ...

    @property
    def agenda(self) -> Agenda:
        """What is due with keys."""
        ...

    @property
    def metering(self) -> MeteringSwitch:
        """The metering proxy for other programs."""
        ...

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...

    async def start(self) -> None:
        """Begin what comes after the first frame: the token engine, the SDK, and the practice service if wanted."""
        ...

    async def close(self) -> None:
        """End what ``start`` began."""
        ...

    async def practice_keys(self) -> PracticeKeys:
        """The practice service's address and keys, once it listens. Raises ``RuntimeError`` outside practice."""
        ...

    def counter(self, model: str) -> LiveCounter:
        """A live counter for drafts to this model."""
        ...

    async def settle(self, counter: LiveCounter, model: str) -> None:
        """Count what a counter has put off (a giant piece, a paste, an engine that was still starting)."""
        ...

    async def count(self, texts: Sequence[str], model: str) -> list[int]:
        """Tokens of whole texts."""
        ...

    async def pieces(self, text: str, model: str) -> list[tuple[int, bytes]]:
        """Id and bytes of each token of a text."""
        ...

    async def prices(self) -> PriceBook:
        """The price book."""
        ...

    async def update_prices(self) -> date:
        """Fetch newer prices, which hold in the price book at once; gives their date. Raises ``PricesUnchanged``."""
        ...

    async def ledger(self) -> Ledger:
        """The ledger; its methods block, so call them through ``keytui.tui.background.in_background``."""
        ...

    async def book_left_behind(self) -> int:
        """Book what a keytui that was killed had sent and not booked; how many requests that were.

        Raises ``StoreUnreadable``.
        """
        ...

    async def conversations(self) -> ConversationStore:
        """The kept conversations; its methods block as well."""
        ...

    async def calibrations(self) -> Calibrations:
        """What was learnt about estimates; its methods block as well."""
        ...

    async def gateway(self, key: KeyRecord) -> Gateway:
        """The gateway of a key: the same one each time, so that connections are used again."""
        ...

    async def prober(self) -> Prober:
        """The checker of keys and routes."""
        ...

    async def admin(self, secret: Secret, base_url: str) -> AdminPort:
        """The organisation of an admin key, which is kept in memory until it is closed."""
        ...

    def take_turn(
        self, question: Question, *, key: KeyRecord, conversation: str, app: str = "playground"
    ) -> AsyncGenerator[TurnEvent | Booked | CapWarned, None]:
        """Ask, yield the events of the answer, book it, and yield ``Booked`` last. Raises ``VaultTrouble``."""
        ...

    async def route(self, base_url: str) -> Route:
        """How requests to an address would travel now."""
        ...

    async def network(self) -> Network:
        """The route to the API: the user's own proxy and certificates, what servers lack, what is wrong here."""
        ...

    async def journal(self) -> JournalStore:
        """What applying plans has done so far; its methods block as well."""
        ...

    async def means(self, admin_key: Secret, base_url: str, place: Place) -> Means:
        """What applies a plan, or takes it back. ``means.admin.close()`` lets go of the admin key."""
        ...

    async def look_around(self, *, programs: bool = False, shell_files: bool = False) -> Found:
        """What this machine already has: keys in the environment, a ``.env``, a keyring, a proxy, an ssh session.

        With ``programs`` also in the usual files of other programs, with ``shell_files`` in the shell's: only when
        the user asks for it.
        """
        ...

    async def export(self, path: str, text: str) -> str:
        """Write a new file for this user alone; relative to where keytui was started. Gives the whole path.

        Raises ``OSError``; ``FileExistsError`` for a file that is there already, which is left as it is.
        """
        ...
