"""What a key really took, and whether its limits fit that: advice from use, where set-up could only reckon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from keytui.domain.advice import DAYS, fitting_cap
from keytui.domain.keys import KeyRecord
from keytui.domain.ledger import Ledger, Spend

ENOUGH_DAYS = 7
"""Days of use before less is advised: a first week says little of a month."""
ENOUGH_REQUESTS = 10
NEAR = Decimal("0.9")
"""Part of a cap from which on it is said that it will not do."""
OFTEN = 3
"""Times that waiting for a rate limit is taken for a limit that is too low."""

LIMITS: tuple[tuple[frozenset[str], int, str, str], ...] = (
    (
        frozenset({"rate-limited", "slow-down", "long-wait"}),
        OFTEN,
        "a rate limit",
        "Raise the project's rate limit, or let programs ask less at once.",
    ),
    (
        frozenset({"project-spend-limit", "organization-spend-limit"}),
        1,
        "the platform's spend limit",
        "Raise the spend limit, or choose a cheaper model.",
    ),
    (
        frozenset({"tier-ceiling", "free-tier", "below-tier"}),
        1,
        "the limits of the usage tier",
        "Raise the tier with more paid credit, or choose another model.",
    ),
    (
        frozenset({"no-credit"}),
        1,
        "an empty balance",
        "Add credit; an alert and auto-reload are settled on the billing page.",
    ),
)
"""Limits of the platform: the troubles they are booked as, from how many times on they count, their name, and the one
thing to do."""


@dataclass(frozen=True, slots=True)
class RealUse:
    """What a key took of late."""

    days: int
    """Days that this is about: ``DAYS``, or as many as keytui has known the key, at least one."""
    spend: Spend
    refusals: Mapping[str, int]
    """How often a request ended in a trouble, by the trouble's name."""

    @property
    def month(self) -> Decimal:
        """USD that a month takes at this rate."""
        return self.spend.cost * DAYS / self.days


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing that use has shown."""

    id: str
    """Stable name of the rule: ``needs-less``, ``needs-more``, ``limit-hit``."""
    what: str
    """One sentence, with the key's name in it."""
    why: str
    action: str


def real_use(ledger: Ledger, record: KeyRecord, now: datetime) -> RealUse:
    """What a key took in the last ``DAYS`` days. Blocking, as the ledger is."""
    days = min(DAYS, max(1, (now - record.created).days))
    since = now.astimezone().date() - timedelta(days=days - 1)
    spend = ledger.total(since=since, key_id=record.id)
    return RealUse(days, spend, ledger.refusals(record.id, since=since))


def advise(record: KeyRecord, use: RealUse) -> tuple[Advice, ...]:
    """Whether a key needs no more than it may take, or more; nothing while there is too little use to tell."""
    return (*_cap(record, use), *_limits(record, use))


def _cap(record: KeyRecord, use: RealUse) -> tuple[Advice, ...]:
    cap, fits = record.monthly_cap, fitting_cap(use.month)
    if cap is None or use.spend.at_least:
        return ()
    took = f"“{record.name}” took ${use.spend.cost:.2f} in {_days(use.days)}"
    if use.spend.cost > 0 and use.month >= cap * NEAR and fits > cap:
        return (
            Advice(
                "needs-more",
                f"{took}: a cap of ${cap:.2f} a month will not do.",
                "What would pass the cap is refused before it is sent.",
                f"Raise the cap to ${fits:.0f}, or choose a cheaper model.",
            ),
        )
    if fits < cap and use.days >= ENOUGH_DAYS and use.spend.requests >= ENOUGH_REQUESTS:
        return (
            Advice(
                "needs-less",
                f"{took} and needs no more than a cap of ${fits:.0f}; it has one of ${cap:.2f}.",
                "What a key does not need, a loop or a thief can take.",
                f"Lower the cap to ${fits:.0f}; it can be raised at any time.",
            ),
        )
    return ()


def _limits(record: KeyRecord, use: RealUse) -> tuple[Advice, ...]:
    found = []
    for troubles, least, name, action in LIMITS:
        times = sum(count for trouble, count in use.refusals.items() if trouble in troubles)
        if times >= least:
            often = "once" if times == 1 else f"{times} times"
            what = f"“{record.name}” hit {name} {often} in {_days(use.days)}."
            found.append(Advice("limit-hit", what, "Requests waited or failed for it.", action))
    return tuple(found)


def _days(days: int) -> str:
    return "a day" if days == 1 else f"{days} days"
