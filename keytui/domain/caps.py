"""Caps: keytui's own limits on spend, kept on this machine. The platform's spend limits are another thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Protocol

from keytui.domain.keys import KeyRecord
from keytui.domain.ledger import Entry
from keytui.domain.money import dollars
from keytui.domain.pricing import ZERO
from keytui.domain.settings import Settings
from keytui.domain.troubles import Exit, Trouble


class Scope(Enum):
    """What a cap holds for. Days and months are local calendar ones."""

    DAY = "day"
    """All keys together, each day."""
    MONTH = "month"
    """All keys together, each month."""
    KEY = "key"
    """One key, each month."""
    PROJECT = "project"
    """One project, each month."""
    CONVERSATION = "conversation"
    """One conversation, from its beginning."""


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit on spend in USD. A hard one refuses before sending; a soft one warns, once in each period."""

    scope: Scope
    amount: Decimal
    hard: bool = True
    subject: str | None = None
    """Id of the key, project or conversation; None for the scopes that have none."""
    name: str = ""
    """The subject in the user's words."""

    @property
    def id(self) -> str:
        """Tells caps apart, the amount included: a changed cap warns anew."""
        return f"{self.scope.value}:{self.subject or ''}:{'hard' if self.hard else 'soft'}:{self.amount}"

    @property
    def words(self) -> str:
        """The cap as the user would name it: ``the monthly cap of $10.00``."""
        amount = dollars(self.amount)
        match self.scope:
            case Scope.DAY:
                return f"the daily cap of {amount}"
            case Scope.MONTH:
                return f"the monthly cap of {amount}"
            case Scope.CONVERSATION:
                return f"this conversation's cap of {amount}"
            case _:
                return f"the monthly cap of {amount} for the {self.scope.value} “{self.name or self.subject}”"

    def counts(self, entry: Entry | Intent) -> bool:
        """Whether an entry of its period, or a request, counts against it."""
        subjects = {Scope.KEY: entry.key_id, Scope.PROJECT: entry.project, Scope.CONVERSATION: entry.conversation}
        return self.scope not in subjects or self.subject == subjects[self.scope]

    def period(self, today: date) -> tuple[date | None, date | None]:
        """The first and the last local day that count; None is open."""
        if self.scope is Scope.CONVERSATION:
            return None, None
        if self.scope is Scope.DAY:
            return today, today
        first = today.replace(day=1)
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Intent:
    """A request about to be sent, as far as caps are concerned."""

    id: str
    """The id that its entry will be booked under; booking it gives the reservation back."""
    at: datetime
    key_id: str
    project: str | None
    conversation: str | None
    worst: Decimal | None
    """USD it may cost at most; None when the price is unknown."""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a cap is used."""

    cap: Cap
    spent: Decimal
    reserved: Decimal = ZERO
    """The worst case of other requests that are on their way now."""

    @property
    def left(self) -> Decimal:
        """USD that may still be spent; never below zero."""
        return max(self.cap.amount - self.spent - self.reserved, ZERO)


@dataclass(frozen=True, slots=True)
class Granted:
    """The request may be sent. ``warnings`` are soft caps that it would pass, to be shown once."""

    warnings: tuple[Standing, ...] = ()


@dataclass(frozen=True, slots=True)
class CapRefusal:
    """The request must not be sent: it could pass a hard cap, or a hard cap cannot be kept for it."""

    cap: Cap
    intent: Intent
    standing: Standing | None = None
    """None when the spend could not be read."""
    problem: str = ""
    """Why the spend could not be read, as a sentence with a next step."""

    @property
    def trouble(self) -> Trouble:
        """What to tell the user: the cap, the figures, and how to change it."""
        if self.standing is None:
            return Trouble(
                "cap-unreadable",
                f"Not sent: what was spent cannot be read, so {self.cap.words} cannot be kept.",
                self.problem or f"Repair the ledger, or {_change(self.cap)}",
                exit=Exit.CREDIT,
            )
        if self.intent.worst is None:
            return Trouble(
                "cap-unpriced",
                f"Not sent: the price of {self.intent.model} is not known, so {self.cap.words} cannot be kept.",
                f'Give its price in the settings file under [prices."{self.intent.model}"], or {_change(self.cap)}',
                exit=Exit.CREDIT,
            )
        standing = self.standing
        reserved = f" and {dollars(standing.reserved)} on its way" if standing.reserved else ""
        return Trouble(
            "cap-reached",
            f"Not sent: it could cost up to {dollars(self.intent.worst)}, and {self.cap.words} has "
            f"{dollars(standing.left)} left ({dollars(standing.spent)} spent{reserved}).",
            f"Ask for a shorter answer (max output), take a cheaper model, or {_change(self.cap)}",
            exit=Exit.CREDIT,
        )


Decision = Granted | CapRefusal


class Reservations(Protocol):
    """Keeps caps among all processes of this user. Blocking: call it from a worker."""

    def reserve(self, intent: Intent, caps: Sequence[Cap]) -> Decision:
        """Hold the worst case of a request against every cap that covers it, or refuse.

        What is held counts as spent for everybody until the entry of that id is booked, or ``release``d.
        """
        ...

    def release(self, intent_id: str) -> None:
        """Give back what was held for a request that is not going to be sent."""
        ...

    def standing(self, cap: Cap) -> Standing:
        """How far a cap is used now."""
        ...


def covering(caps: Sequence[Cap], intent: Intent) -> tuple[Cap, ...]:
    """Those of the caps that a request counts against."""
    return tuple(cap for cap in caps if cap.counts(intent))


def judge(standings: Sequence[Standing], intent: Intent) -> Decision:
    """Whether a request may be sent, given how far the caps that cover it are used.

    It may, if even its worst case stays within every hard cap. With an unknown price no hard cap can be kept.
    """
    for standing in standings:
        if standing.cap.hard and (intent.worst is None or intent.worst > standing.left):
            return CapRefusal(standing.cap, intent, standing)
    passed = (s for s in standings if not s.cap.hard and (intent.worst or ZERO) > s.left)
    return Granted(tuple(passed))


def caps_of(settings: Settings, key: KeyRecord) -> tuple[Cap, ...]:
    """The caps that the settings and a key carry."""
    found = []
    if settings.monthly_cap is not None:
        found.append(Cap(Scope.MONTH, settings.monthly_cap))
    if key.monthly_cap is not None:
        found.append(Cap(Scope.KEY, key.monthly_cap, subject=key.id, name=key.name))
    return tuple(found)


def _change(cap: Cap) -> str:
    where = "in the Keys pane (edit limits)" if cap.scope is Scope.KEY else "in the settings"
    return f"raise or remove {cap.words} {where}."
