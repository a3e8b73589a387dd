"""Caps: keytui's own limits on spend, kept on this machine. The platform's spend limits are another thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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


SETTINGS = {
    Scope.DAY: ("daily_cap", "daily_warning"),
    Scope.MONTH: ("monthly_cap", "monthly_warning"),
    Scope.PROJECT: ("project_cap", "project_warning"),
    Scope.CONVERSATION: ("conversation_cap", "conversation_warning"),
}
"""The settings that caps stand in: the hard one, and the soft one."""


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit on spend in USD. A hard one refuses before sending; a soft one warns, once in each period."""

    scope: Scope
    amount: Decimal
    hard: bool = True
    subject: str | None = None
    """Id of the key, project or conversation; None for the scopes that have none, and for each conversation."""
    name: str = ""
    """The subject in the user's words."""

    @property
    def id(self) -> str:
        """Tells caps apart, the amount included: a changed cap warns anew."""
        return f"{self.scope.value}:{self.subject or ''}:{'hard' if self.hard else 'soft'}:{self.amount}"

    @property
    def words(self) -> str:
        """The cap as the user would name it: ``the monthly cap of $10.00``, ``the daily warning at $1.00``."""
        what = f"cap of {dollars(self.amount)}" if self.hard else f"warning at {dollars(self.amount)}"
        match self.scope:
            case Scope.DAY:
                return f"the daily {what}"
            case Scope.MONTH:
                return f"the monthly {what}"
            case Scope.CONVERSATION:
                return f"each conversation's {what}" if self.subject is None else f"this conversation's {what}"
            case _:
                return f"the monthly {what} for the {self.scope.value} “{self.name or self.subject}”"

    @property
    def setting(self) -> str | None:
        """The name of the setting that it stands in; None for a key's own cap, which stands with the key."""
        if self.scope is Scope.KEY:
            return None if self.hard else "key_warning"
        return SETTINGS[self.scope][0 if self.hard else 1]

    def for_request(self, intent: Intent) -> Cap:
        """The same, or where it holds for each conversation that of the request."""
        if self.scope is Scope.CONVERSATION and self.subject is None and intent.conversation is not None:
            return replace(self, subject=intent.conversation)
        return self

    def counts(self, entry: Entry | Intent) -> bool:
        """Whether an entry of its period, or a request, counts against it."""
        subjects = {Scope.KEY: entry.key_id, Scope.PROJECT: entry.project, Scope.CONVERSATION: entry.conversation}
        return self.scope not in subjects or (self.subject is not None and self.subject == subjects[self.scope])

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
            f"Lower the longest answer, take a cheaper model, or {_change(self.cap)}",
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
    return tuple(cap for cap in (one.for_request(intent) for one in caps) if cap.counts(intent))


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
    """The caps that the settings and a key carry, hard ones first."""
    found = []
    for hard in (True, False):
        for scope, names in SETTINGS.items():
            amount: Decimal | None = getattr(settings, names[0 if hard else 1])
            subject, name = None, ""
            if scope is Scope.PROJECT:
                if key.project is None:
                    continue
                subject, name = key.project, key.project_name or ""
            if amount is not None:
                found.append(Cap(scope, amount, hard, subject, name))
        own = key.monthly_cap if hard else settings.key_warning
        if own is not None:
            found.append(Cap(Scope.KEY, own, hard, key.id, key.name))
    return tuple(found)


def _change(cap: Cap) -> str:
    where = f", or {cap.setting} in the settings file" if cap.setting else ""
    return f"raise or remove {cap.words} (Costs pane, key c{where})."
