"""What was spent, against what may be spent: read after every booking, so that a draft can be held against it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from keytui.tui.background import in_background

if TYPE_CHECKING:
    # The rules of caps are loaded when something was spent or is about to be, not before the first frame.
    from keytui.domain.caps import Cap, CapRefusal, Intent, Standing
    from keytui.domain.keys import KeyRecord
    from keytui.domain.ledger import Ledger
    from keytui.domain.meter import Meter
    from keytui.domain.settings import Settings
    from keytui.domain.thread import Thread
    from keytui.tui.services import Services
    from keytui.tui.widgets.facts import Spent


class Spending:
    """The spend that matters for the next message. The turn itself holds every cap once more when it is sent."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._standings: tuple[Standing, ...] = ()
        self._today = Decimal(0)

    async def read(self, settings: Settings, key: KeyRecord | None, thread: Thread) -> None:
        """Read the day's spend and how far each cap is used."""
        from keytui.domain.caps import caps_of, covering

        ledger = await self._services.ledger()
        now = self._services.now()
        caps = covering(caps_of(settings, key), _intent(key, thread, (), now)) if key else ()
        self._today, self._standings = await in_background(_read, ledger, caps, now)

    def so_far(self, thread: Thread) -> Spent:
        """What to show beside the next message."""
        from keytui.tui.widgets.facts import Spent

        tightest = min(self._standings, key=lambda standing: standing.left, default=None)
        return Spent(thread.cost, self._today, tightest)

    def refusal(self, meters: Sequence[Meter], key: KeyRecord, thread: Thread) -> CapRefusal | None:
        """The cap that stands against sending the next message to all these models; None when none does."""
        from keytui.domain.caps import CapRefusal, judge

        decision = judge(self._standings, _intent(key, thread, meters, self._services.now()))
        return decision if isinstance(decision, CapRefusal) else None


def _intent(key: KeyRecord, thread: Thread, meters: Sequence[Meter], now: datetime) -> Intent:
    from keytui.domain.caps import Intent

    unpriced = [meter.model for meter in meters if meter.worst is None]
    worst = None if unpriced else sum((meter.worst or Decimal(0) for meter in meters), Decimal(0))
    model = unpriced[0] if unpriced else ", ".join(meter.model for meter in meters)
    return Intent("", now, key.id, key.project, thread.head.id, worst, model)


def _read(ledger: Ledger, caps: tuple[Cap, ...], now: datetime) -> tuple[Decimal, tuple[Standing, ...]]:
    from keytui.domain.caps import Standing

    today = now.astimezone().date()
    day = ledger.total(since=today, until=today).cost
    return day, tuple(Standing(cap, _spent(ledger, cap, now)) for cap in caps)


def _spent(ledger: Ledger, cap: Cap, now: datetime) -> Decimal:
    from keytui.domain.caps import Scope

    since, until = cap.period(now.astimezone().date())
    match cap.scope:
        case Scope.DAY | Scope.MONTH:
            return ledger.total(since=since, until=until).cost
        case Scope.KEY:
            return ledger.total(since=since, until=until, key_id=cap.subject).cost
        case Scope.PROJECT | Scope.CONVERSATION:
            spends = ledger.by("project" if cap.scope is Scope.PROJECT else "conversation", since=since, until=until)
            return sum((spend.cost for spend in spends if cap.subject in (spend.label, spend.id)), Decimal(0))
