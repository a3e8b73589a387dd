"""The one paid request of a check: its price beforehand, its entry, and what it proves."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, KeyState, Place
from keytui.domain.ledger import Entry, Outcome
from keytui.domain.pricing import ZERO, Cost, ModelFacts
from keytui.domain.probe import Stage, StageResult, Verdict
from keytui.domain.proof import entry_of, most, prove
from keytui.domain.secrets import Secret
from keytui.domain.troubles import explain
from keytui.domain.usage import Mark, Usage

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = KeyRecord("k1", "work", KeyKind.PROJECT, OPENAI_BASE_URL, Place.FILE, "1vW4", NOW, project="p1")
USAGE = Usage(input=9, output=1, mark=Mark.BILLED)
PAID = StageResult(Stage.PAID, Verdict.PASSED, 0.5, usage=USAGE)


class Prices:
    """A dollar for a token of input, ten for one of output; ``odd`` has no price, ``new`` no known limits."""

    def facts(self, model: str) -> ModelFacts:
        return ModelFacts(model, max_output=None if model in ("new", "gpt-6-luna") else 9)

    def cost(self, model: str, usage: Usage, **_: Any) -> Cost | None:
        if model == "odd":
            return None
        return Cost(Decimal(usage.input), ZERO, ZERO, Decimal(usage.output * 10), "standard", date(2026, 11, 1), "test")


PRICES: Any = Prices()


@pytest.mark.parametrize(("model", "usd"), [("gpt-6-luna", 192), ("gpt-4.1", 192), ("new", None), ("odd", None)])
def test_what_it_costs_at_most_is_known_before(model: str, usd: int | None) -> None:
    assert most(PRICES, model, at=NOW, base_url="") == usd


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [(Verdict.PASSED, Outcome.FINISHED), (Verdict.WARNED, Outcome.FINISHED), (Verdict.FAILED, Outcome.FAILED)],
)
def test_what_was_billed_is_booked(verdict: Verdict, outcome: Outcome) -> None:
    entry = entry_of(StageResult(Stage.PAID, verdict, 0.5, usage=USAGE), key=KEY, model="m", prices=PRICES, at=NOW)
    assert entry is not None
    assert entry == Entry(
        *(entry.id, NOW, "k1", "work", "p1", "probe", None, "chat", OPENAI_BASE_URL, "m", None, None),
        usage=USAGE,
        cost=PRICES.cost("m", USAGE),
        outcome=outcome,
        seconds=0.5,
    )


def test_what_was_not_billed_is_not_booked() -> None:
    for free in (StageResult(Stage.PAID, Verdict.FAILED), StageResult(Stage.MODELS, Verdict.PASSED, usage=USAGE)):
        assert entry_of(free, key=KEY, model="m", prices=PRICES, at=NOW) is None


class Known:
    """A prober, a ledger and a store in one: stages to give, and what was told."""

    def __init__(self, *stages: StageResult) -> None:
        self.stages = stages
        self.told: list[Any] = []

    async def key(self, secret: Secret, base_url: str, *, model: str, paid: bool) -> AsyncGenerator[StageResult, None]:
        assert (secret, base_url, model, paid) == (Secret("s"), OPENAI_BASE_URL, "m", True)
        for stage in self.stages:
            yield stage

    def book(self, entry: Entry) -> None:
        self.told.append(entry.usage)

    async def secret(self, record: KeyRecord) -> Secret:
        return Secret("s")

    async def replace(self, record: KeyRecord) -> None:
        self.told.append((record.state, record.verified))


async def at_once(work: Callable[[], Any]) -> Any:
    return work()


PASSED = StageResult(Stage.MODELS, Verdict.PASSED)
REFUSED = StageResult(Stage.MODELS, Verdict.FAILED, trouble=explain("invalid-key"))
UNREACHED = StageResult(Stage.CONNECT, Verdict.FAILED, trouble=explain("proxy-address"))
NO_CREDIT = StageResult(Stage.PAID, Verdict.FAILED, trouble=explain("no-credit"))


@pytest.mark.parametrize(
    ("stages", "shown", "told"),
    [
        ((PASSED, PAID), [PAID], [USAGE, (KeyState.WORKS, NOW)]),
        ((PASSED, NO_CREDIT), [NO_CREDIT], [(KeyState.LIMITED, NOW)]),
        ((REFUSED,), [REFUSED], [(KeyState.REFUSED, NOW)]),
        ((UNREACHED,), [UNREACHED], []),
        ((PASSED,), [], []),
    ],
)
async def test_what_is_proved_is_noted_before_it_is_shown(
    stages: tuple[StageResult, ...], shown: list[StageResult], told: list[Any]
) -> None:
    known: Any = Known(*stages)
    proving = prove(
        KEY, "m", prober=known, prices=PRICES, ledger=known, keys=known, now=lambda: NOW, background=at_once
    )
    assert [result async for result in proving] == shown
    assert known.told == told
