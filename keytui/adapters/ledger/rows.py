"""Entries as rows of the table ``entry``, and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from keytui.domain.ledger import Entry, Outcome
from keytui.domain.pricing import SMALLEST, Cost
from keytui.domain.usage import Mark, Usage

Row = tuple[Any, ...]

COLUMNS = (
    *("id", "at", "key_id", "key_name", "project", "app", "conversation", "endpoint", "base_url"),
    *("model", "served", "tier"),
    *("input", "output", "cached", "written", "written_12h", "reasoning", "mark"),
    *("cost_total", "cost_input", "cost_cached", "cost_written", "cost_output", "cost_other", "saved"),
    *("price_tier", "price_as_of", "price_source", "price_note"),
    *("outcome", "seconds", "first_token", "error"),
)

_NAMES = ", ".join(COLUMNS)
_PLACES = ", ".join("?" * len(COLUMNS))
INSERT = f"INSERT INTO entry ({_NAMES}) VALUES ({_PLACES}) ON CONFLICT (id) DO NOTHING"
SELECT = f"SELECT {_NAMES} FROM entry"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def units(amount: Decimal) -> int:
    """USD as a whole number of the ledger's unit; digits below it are rounded away (no price list has any)."""
    return int(amount.quantize(SMALLEST).scaleb(12))


def amount(units: int) -> Decimal:
    """A number of the ledger's unit as USD, without zeros that say nothing."""
    value = Decimal(units).scaleb(-12).normalize()
    # normalize() turns 20 into 2E+1, which would be written with an exponent.
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value


def moment(at: datetime) -> int:
    """A time as microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def to_row(entry: Entry) -> Row:
    """An entry as values for ``COLUMNS``."""
    usage, cost = entry.usage, entry.cost
    if cost is None:
        price: Row = (None,) * 11
    else:
        parts = [units(part) for part in (cost.input, cost.cached, cost.written, cost.output, cost.other)]
        price = (sum(parts), *parts, units(cost.saved), cost.tier, cost.as_of.isoformat(), cost.source, cost.note)
    return (
        entry.id,
        moment(entry.at),
        entry.key_id,
        entry.key_name,
        entry.project,
        entry.app,
        entry.conversation,
        entry.endpoint,
        entry.base_url,
        entry.model,
        entry.served,
        entry.tier,
        usage.input,
        usage.output,
        usage.cached,
        usage.written,
        usage.written_12h,
        usage.reasoning,
        usage.mark.value,
        *price,
        entry.outcome.value,
        entry.seconds,
        entry.first_token,
        entry.error,
    )


def to_entry(row: Row) -> Entry:
    """The entry that a row of ``COLUMNS`` holds."""
    value = dict(zip(COLUMNS, row, strict=True))
    cost = None
    if value["cost_total"] is not None:
        cost = Cost(
            input=amount(value["cost_input"]),
            cached=amount(value["cost_cached"]),
            written=amount(value["cost_written"]),
            output=amount(value["cost_output"]),
            tier=value["price_tier"],
            as_of=date.fromisoformat(value["price_as_of"]),
            source=value["price_source"],
            note=value["price_note"],
            other=amount(value["cost_other"]),
            saved=amount(value["saved"]),
        )
    return Entry(
        id=value["id"],
        at=_EPOCH + value["at"] * _MICROSECOND,
        key_id=value["key_id"],
        key_name=value["key_name"],
        project=value["project"],
        app=value["app"],
        conversation=value["conversation"],
        endpoint=value["endpoint"],
        base_url=value["base_url"],
        model=value["model"],
        served=value["served"],
        tier=value["tier"],
        usage=Usage(
            input=value["input"],
            output=value["output"],
            cached=value["cached"],
            written=value["written"],
            written_12h=value["written_12h"],
            reasoning=value["reasoning"],
            mark=Mark(value["mark"]),
        ),
        cost=cost,
        outcome=Outcome(value["outcome"]),
        seconds=value["seconds"],
        first_token=value["first_token"],
        error=value["error"],
    )
