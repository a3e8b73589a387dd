"""CSV in the columns of FOCUS, the FinOps cost and usage specification (version 1.2), where they apply.

Columns of our own begin with ``x_``, as the specification asks. Amounts are in USD to the last digit; they are empty
where the price is not known, for zero would be untrue.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TextIO

from keytui.domain.ledger import By, Entry, Spend
from keytui.domain.money import plain

_COMMON = (
    *("BilledCost", "EffectiveCost", "BillingCurrency", "ChargeCategory", "ChargeDescription"),
    *("ChargePeriodStart", "ChargePeriodEnd", "ConsumedQuantity", "ConsumedUnit"),
    *("ProviderName", "ServiceCategory", "ServiceName", "SkuId", "SubAccountId"),
)
ENTRY_COLUMNS = (
    *_COMMON,
    *("x_RequestId", "x_Key", "x_App", "x_Conversation", "x_Endpoint", "x_ServedModel", "x_Tier"),
    *("x_InputTokens", "x_CachedTokens", "x_WrittenTokens", "x_OutputTokens", "x_ReasoningTokens"),
    *("x_InputCost", "x_CachedCost", "x_WrittenCost", "x_OutputCost", "x_OtherCost"),
    *("x_Tokens", "x_Outcome", "x_PriceSource", "x_PriceDate"),
)
SPEND_COLUMNS = (
    *_COMMON,
    *("x_Group", "x_Label", "x_Requests"),
    *("x_InputTokens", "x_CachedTokens", "x_WrittenTokens", "x_OutputTokens", "x_ReasoningTokens"),
    *("x_SavedCost", "x_EstimatedRequests", "x_UnpricedRequests"),
)

_SERVICE = {
    "BillingCurrency": "USD",
    "ChargeCategory": "Usage",
    "ConsumedUnit": "Tokens",
    "ServiceCategory": "AI and Machine Learning",
}


def write_entries(file: TextIO, entries: Iterable[Entry]) -> None:
    """A line for each request."""
    table = csv.DictWriter(file, ENTRY_COLUMNS, restval="", lineterminator="\n")
    table.writeheader()
    for entry in entries:
        table.writerow(_safe(_SERVICE | _of_entry(entry)))


def write_spends(file: TextIO, group: By, spends: Sequence[Spend]) -> None:
    """A line for each group."""
    table = csv.DictWriter(file, SPEND_COLUMNS, restval="", lineterminator="\n")
    table.writeheader()
    for spend in spends:
        table.writerow(_safe(_SERVICE | _of_spend(group, spend)))


def _of_entry(entry: Entry) -> dict[str, object]:
    usage, cost = entry.usage, entry.cost
    row: dict[str, object] = {
        "ChargeDescription": f"{entry.model}, {entry.endpoint}",
        "ChargePeriodStart": _moment(entry.at),
        "ChargePeriodEnd": _moment(entry.at + timedelta(seconds=entry.seconds)),
        "ConsumedQuantity": usage.total,
        "ProviderName": _host(entry.base_url),
        "ServiceName": "API",
        "SkuId": entry.model,
        "SubAccountId": entry.project or "",
        "x_RequestId": entry.id,
        "x_Key": entry.key_name,
        "x_App": entry.app,
        "x_Conversation": entry.conversation or "",
        "x_Endpoint": entry.endpoint,
        "x_ServedModel": entry.served or "",
        "x_Tier": cost.tier if cost else entry.tier or "",
        "x_InputTokens": usage.input,
        "x_CachedTokens": usage.cached,
        "x_WrittenTokens": usage.written,
        "x_OutputTokens": usage.output,
        "x_ReasoningTokens": usage.reasoning,
        "x_Tokens": usage.mark.value,
        "x_Outcome": entry.outcome.value,
    }
    if cost is not None:
        row |= {
            "BilledCost": plain(cost.total),
            "EffectiveCost": plain(cost.total),
            "x_InputCost": plain(cost.input),
            "x_CachedCost": plain(cost.cached),
            "x_WrittenCost": plain(cost.written),
            "x_OutputCost": plain(cost.output),
            "x_OtherCost": plain(cost.other),
            "x_PriceSource": cost.source,
            "x_PriceDate": cost.as_of.isoformat(),
        }
    return row


def _of_spend(group: By, spend: Spend) -> dict[str, object]:
    cost = "" if spend.unpriced and not spend.cost else plain(spend.cost)
    start, end = _period(group, spend.label)
    return {
        "BilledCost": cost,
        "EffectiveCost": cost,
        "ChargeDescription": f"{spend.requests} requests",
        "ChargePeriodStart": start,
        "ChargePeriodEnd": end,
        "ConsumedQuantity": spend.input + spend.output,
        "ServiceName": "API",
        "SkuId": spend.label if group == "model" else "",
        "SubAccountId": spend.label if group == "project" else "",
        "x_Group": group,
        "x_Label": spend.label,
        "x_Requests": spend.requests,
        "x_InputTokens": spend.input,
        "x_CachedTokens": spend.cached,
        "x_WrittenTokens": spend.written,
        "x_OutputTokens": spend.output,
        "x_ReasoningTokens": spend.reasoning,
        "x_SavedCost": plain(spend.saved) if cost else "",
        "x_EstimatedRequests": spend.estimated,
        "x_UnpricedRequests": spend.unpriced,
    }


def _period(group: By, label: str) -> tuple[str, str]:
    """The first moment of a day or month and the first after it, in UTC; empty for other groups."""
    if group not in ("day", "month"):
        return "", ""
    first = date.fromisoformat(label if group == "day" else f"{label}-01")
    after = first + timedelta(days=1) if group == "day" else (first + timedelta(days=31)).replace(day=1)
    midnights = (datetime(day.year, day.month, day.day).astimezone(UTC) for day in (first, after))
    start, end = map(_moment, midnights)
    return start, end


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _host(base_url: str) -> str:
    from urllib.parse import urlsplit

    return urlsplit(base_url).hostname or base_url


def _safe(row: dict[str, object]) -> dict[str, object]:
    """The row with texts that a spreadsheet would run as a formula made harmless."""
    return {
        name: f"'{value}" if isinstance(value, str) and value[:1] in "=+@\t" and value else value
        for name, value in row.items()
    }
