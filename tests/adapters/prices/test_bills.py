"""Known bills: tokens, tier and date, and what they cost by the published rules, worked out by hand.

Sources of the rates: openai-facts 3.4 (tiers, long context, regions), 3.5 (caching), 3.7 (models), 6.4 (the formula).
``sum`` shows the working: tokens times USD for a million of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from keytui.adapters.prices import Prices
from keytui.domain.usage import Usage

OPENAI = "https://api.openai.com/v1"
PRICES = Prices()


@dataclass(frozen=True)
class Bill:
    title: str
    model: str
    tier: str | None
    day: str
    usage: Usage
    sum: str
    usd: str
    regional: bool = False


BILLS = [
    # Standard prices, every model of facts 3.7.
    Bill("plain", "gpt-6.2-astra", None, "2026-11-23", Usage(input=1_000, output=500), "1000*8 + 500*40", "0.028"),
    Bill("plain", "gpt-6.2-sol", None, "2026-11-23", Usage(input=1_000, output=500), "1000*2 + 500*10", "0.007"),
    Bill("plain", "gpt-6.1-sol", None, "2026-11-23", Usage(input=1_234, output=567), "1234*2 + 567*10", "0.008138"),
    Bill("plain", "gpt-6.1-terra", None, "2026-11-23", Usage(input=1_000, output=1), "1000*1 + 1*5", "0.001005"),
    Bill("plain", "gpt-6-astra", None, "2026-11-23", Usage(input=7, output=3), "7*10 + 3*50", "0.00022"),
    Bill("plain", "gpt-6-sol", None, "2026-11-23", Usage(input=1_000, output=500), "1000*2 + 500*10", "0.007"),
    Bill("plain", "gpt-6-luna", None, "2026-11-23", Usage(input=412, output=380), "412*0.10 + 380*0.50", "0.0002312"),
    Bill("one token in", "gpt-6-luna", None, "2026-11-23", Usage(input=1), "1*0.10", "0.0000001"),
    Bill("nothing", "gpt-6-luna", None, "2026-11-23", Usage(), "0*0.10", "0"),
    Bill("plain", "gpt-5.6-sol", None, "2026-11-23", Usage(input=1_000, output=500), "1000*4 + 500*20", "0.014"),
    Bill("plain", "gpt-5.6-terra", None, "2026-11-23", Usage(input=1_000, output=500), "1000*2 + 500*12", "0.008"),
    Bill("plain", "gpt-5.6-luna", None, "2026-11-23", Usage(input=1_000, output=500), "1000*0.2 + 500*1.2", "0.0008"),
    Bill("plain", "gpt-5.5", None, "2026-11-23", Usage(input=1_000, output=500), "1000*5 + 500*30", "0.02"),
    Bill("plain", "gpt-5.4", None, "2026-11-23", Usage(input=1_000, output=500), "1000*2.5 + 500*15", "0.01"),
    Bill("plain", "gpt-5.4-mini", None, "2026-11-23", Usage(input=1_000, output=500), "1000*0.75 + 500*4.5", "0.003"),
    Bill("plain", "gpt-5.2", None, "2026-11-23", Usage(input=1_000, output=500), "1000*1.75 + 500*14", "0.00875"),
    Bill("plain", "gpt-5.1", None, "2026-11-23", Usage(input=1_000, output=500), "1000*1.25 + 500*10", "0.00625"),
    Bill("plain", "gpt-5", None, "2026-11-23", Usage(input=1_000, output=500), "1000*1.25 + 500*10", "0.00625"),
    Bill("plain", "gpt-4.1", None, "2026-11-23", Usage(input=1_000, output=500), "1000*2 + 500*8", "0.006"),
    Bill("plain", "gpt-4o", None, "2026-11-23", Usage(input=1_000, output=500), "1000*2.5 + 500*10", "0.0075"),
    Bill(
        "plain", "gpt-4o-mini", None, "2026-11-23", Usage(input=1_001, output=503), "1001*0.15 + 503*0.6", "0.00045195"
    ),
    # A dated variant costs what its model costs.
    Bill(
        "dated",
        "gpt-6-luna-2026-09-01",
        None,
        "2026-11-23",
        Usage(input=412, output=380),
        "412*0.10 + 380*0.50",
        "0.0002312",
    ),
    Bill(
        "dated", "gpt-4o-2024-08-06", None, "2026-11-23", Usage(input=1_000, output=500), "1000*2.5 + 500*10", "0.0075"
    ),
    Bill(
        "dated",
        "gpt-6.2-sol-2026-11-17",
        None,
        "2026-11-23",
        Usage(input=1_000, output=500),
        "1000*2 + 500*10",
        "0.007",
    ),
    # Cache reads: the rest pays the plain rate (facts 3.5).
    Bill(
        "read",
        "gpt-6.2-astra",
        None,
        "2026-11-23",
        Usage(input=9_204, cached=8_960, output=100),
        "244*8 + 8960*0.40 + 100*40",
        "0.009536",
    ),
    Bill(
        "read",
        "gpt-6.2-sol",
        None,
        "2026-11-23",
        Usage(input=9_204, cached=8_960, output=100),
        "244*2 + 8960*0.10 + 100*10",
        "0.002384",
    ),
    Bill(
        "read",
        "gpt-6.1-sol",
        None,
        "2026-11-23",
        Usage(input=9_204, cached=8_960, output=100),
        "244*2 + 8960*0.10 + 100*10",
        "0.002384",
    ),
    Bill(
        "read",
        "gpt-6.1-terra",
        None,
        "2026-11-23",
        Usage(input=9_204, cached=8_960, output=100),
        "244*1 + 8960*0.05 + 100*5",
        "0.001192",
    ),
    Bill(
        "read",
        "gpt-6-astra",
        None,
        "2026-11-23",
        Usage(input=9_204, cached=8_960, output=100),
        "244*10 + 8960*1 + 100*50",
        "0.0164",
    ),
    Bill("read", "gpt-6-sol", None, "2026-11-23", Usage(input=2_048, cached=1_024), "1024*2 + 1024*0.20", "0.0022528"),
    Bill(
        "read",
        "gpt-6-luna",
        None,
        "2026-11-23",
        Usage(input=9_204, cached=8_960, output=100),
        "244*0.10 + 8960*0.01 + 100*0.50",
        "0.000164",
    ),
    Bill(
        "read",
        "gpt-5.6-sol",
        None,
        "2026-11-23",
        Usage(input=2_048, cached=1_024, output=10),
        "1024*4 + 1024*0.4 + 10*20",
        "0.0047056",
    ),
    Bill(
        "read",
        "gpt-5.4",
        None,
        "2026-11-23",
        Usage(input=2_048, cached=1_152, output=10),
        "896*2.5 + 1152*0.25 + 10*15",
        "0.002678",
    ),
    Bill(
        "read",
        "gpt-5.4-mini",
        None,
        "2026-11-23",
        Usage(input=2_048, cached=1_152, output=10),
        "896*0.75 + 1152*0.075 + 10*4.5",
        "0.0008034",
    ),
    Bill(
        "read",
        "gpt-5.2",
        None,
        "2026-11-23",
        Usage(input=2_048, cached=1_152, output=10),
        "896*1.75 + 1152*0.175 + 10*14",
        "0.0019096",
    ),
    Bill(
        "read",
        "gpt-4.1",
        None,
        "2026-11-23",
        Usage(input=2_048, cached=1_152, output=10),
        "896*2 + 1152*0.5 + 10*8",
        "0.002448",
    ),
    Bill(
        "read",
        "gpt-4o",
        None,
        "2026-11-23",
        Usage(input=2_048, cached=1_152, output=10),
        "896*2.5 + 1152*1.25 + 10*10",
        "0.00378",
    ),
    Bill(
        "read",
        "gpt-4o-mini",
        None,
        "2026-11-23",
        Usage(input=2_048, cached=1_152, output=10),
        "896*0.15 + 1152*0.075 + 10*0.6",
        "0.0002268",
    ),
    # Cache writes: 1.25 x input from GPT-5.6 on, nothing extra before.
    Bill(
        "write",
        "gpt-6-luna",
        None,
        "2026-11-23",
        Usage(input=1_500, written=1_024, output=20),
        "476*0.10 + 1024*0.125 + 20*0.50",
        "0.0001856",
    ),
    Bill(
        "write",
        "gpt-6.2-sol",
        None,
        "2026-11-23",
        Usage(input=1_500, written=1_024, output=20),
        "476*2 + 1024*2.50 + 20*10",
        "0.003712",
    ),
    Bill(
        "write",
        "gpt-6.2-astra",
        None,
        "2026-11-23",
        Usage(input=1_500, written=1_024, output=20),
        "476*8 + 1024*10 + 20*40",
        "0.014848",
    ),
    Bill(
        "read and write",
        "gpt-6.1-terra",
        None,
        "2026-11-23",
        Usage(input=4_000, cached=2_000, written=1_500, output=20),
        "500*1 + 2000*0.05 + 1500*1.25 + 20*5",
        "0.002575",
    ),
    Bill(
        "write",
        "gpt-5.6-luna",
        None,
        "2026-11-23",
        Usage(input=1_500, written=1_024, output=20),
        "476*0.2 + 1024*0.25 + 20*1.2",
        "0.0003752",
    ),
    Bill(
        "write",
        "gpt-5.6-terra",
        None,
        "2026-11-23",
        Usage(input=1_500, written=1_024, output=20),
        "476*2 + 1024*2.5 + 20*12",
        "0.003752",
    ),
    Bill(
        "write without a fee",
        "gpt-5.5",
        None,
        "2026-11-23",
        Usage(input=1_500, written=1_024, output=20),
        "1500*5 + 20*30",
        "0.0081",
    ),
    Bill(
        "write without a fee",
        "gpt-4o",
        None,
        "2026-11-23",
        Usage(input=1_500, written=1_024, output=20),
        "1500*2.5 + 20*10",
        "0.00395",
    ),
    Bill(
        "12-hour write",
        "gpt-6-luna",
        None,
        "2026-11-23",
        Usage(input=1_500, written=1_024, written_12h=1_024, output=20),
        "476*0.10 + 1024*0.25 + 20*0.50",
        "0.0003136",
    ),
    Bill(
        "12-hour write",
        "gpt-6.2-sol",
        None,
        "2026-11-23",
        Usage(input=1_500, written=1_024, written_12h=1_024, output=20),
        "476*2 + 1024*5 + 20*10",
        "0.006272",
    ),
    Bill(
        "both kinds of write",
        "gpt-6-astra",
        None,
        "2026-11-23",
        Usage(input=3_000, written=2_000, written_12h=500),
        "1000*10 + 1500*12.50 + 500*25",
        "0.04125",
    ),
    Bill(
        "12-hour write without a fee",
        "gpt-5.4",
        None,
        "2026-11-23",
        Usage(input=1_500, written=1_024, written_12h=1_024, output=20),
        "1500*2.5 + 20*15",
        "0.00405",
    ),
    # Tiers, as the reply names them (facts 3.4).
    Bill(
        "the default",
        "gpt-6-luna",
        "default",
        "2026-11-23",
        Usage(input=1_000, output=100),
        "1000*0.10 + 100*0.50",
        "0.00015",
    ),
    Bill(
        "auto is the default",
        "gpt-6-luna",
        "auto",
        "2026-11-23",
        Usage(input=1_000, output=100),
        "1000*0.10 + 100*0.50",
        "0.00015",
    ),
    Bill(
        "batch", "gpt-6-luna", "batch", "2026-11-23", Usage(input=1_000, output=100), "1000*0.05 + 100*0.25", "0.000075"
    ),
    Bill(
        "batch",
        "gpt-6.2-astra",
        "batch",
        "2026-11-23",
        Usage(input=1_000, cached=400, output=100),
        "600*4 + 400*0.20 + 100*20",
        "0.00448",
    ),
    Bill(
        "batch",
        "gpt-5.2",
        "batch",
        "2026-11-23",
        Usage(input=1_000, cached=400, output=100),
        "600*0.875 + 400*0.0875 + 100*7",
        "0.00126",
    ),
    Bill(
        "batch, cache not discounted",
        "gpt-4.1",
        "batch",
        "2026-11-23",
        Usage(input=2_000, cached=1_024, output=100),
        "976*1 + 1024*0.5 + 100*4",
        "0.001888",
    ),
    Bill(
        "batch, cache not discounted",
        "gpt-4o",
        "batch",
        "2026-11-23",
        Usage(input=2_000, cached=1_024, output=100),
        "976*1.25 + 1024*1.25 + 100*5",
        "0.003",
    ),
    Bill(
        "flex",
        "gpt-6-sol",
        "flex",
        "2026-11-23",
        Usage(input=1_000, cached=400, output=100),
        "600*1 + 400*0.10 + 100*5",
        "0.00114",
    ),
    Bill(
        "flex",
        "gpt-6.1-terra",
        "flex",
        "2026-11-23",
        Usage(input=1_000, written=1_000, output=100),
        "1000*0.625 + 100*2.5",
        "0.000875",
    ),
    Bill(
        "flex",
        "gpt-5-mini",
        "flex",
        "2026-11-23",
        Usage(input=1_000, cached=400, output=100),
        "600*0.125 + 400*0.0125 + 100*1",
        "0.00018",
    ),
    Bill(
        "fast",
        "gpt-6-luna",
        "fast",
        "2026-11-23",
        Usage(input=1_000, cached=400, output=100),
        "600*0.20 + 400*0.02 + 100*1",
        "0.000228",
    ),
    Bill(
        "priority is fast",
        "gpt-6-luna",
        "priority",
        "2026-11-23",
        Usage(input=1_000, cached=400, output=100),
        "600*0.20 + 400*0.02 + 100*1",
        "0.000228",
    ),
    Bill(
        "fast",
        "gpt-6.2-sol",
        "fast",
        "2026-11-23",
        Usage(input=1_000, written=500, output=100),
        "500*4 + 500*5 + 100*20",
        "0.0065",
    ),
    Bill(
        "fast at 2.5",
        "gpt-5.5",
        "priority",
        "2026-11-23",
        Usage(input=1_000, cached=400, output=100),
        "600*12.5 + 400*1.25 + 100*75",
        "0.0155",
    ),
    Bill(
        "fast at 1.75",
        "gpt-4.1",
        "priority",
        "2026-11-23",
        Usage(input=1_000, cached=400, output=100),
        "600*3.5 + 400*0.875 + 100*14",
        "0.00385",
    ),
    Bill(
        "fast at 1.7",
        "gpt-4o",
        "priority",
        "2026-11-23",
        Usage(input=1_000, cached=400, output=100),
        "600*4.25 + 400*2.125 + 100*17",
        "0.0051",
    ),
    Bill(
        "fast at 1.8",
        "gpt-5-mini",
        "fast",
        "2026-11-23",
        Usage(input=1_000, cached=400, output=100),
        "600*0.45 + 400*0.045 + 100*3.6",
        "0.000648",
    ),
    Bill(
        "ultrafast at 6",
        "gpt-6-astra",
        "ultrafast",
        "2026-11-23",
        Usage(input=1_000, cached=400, written=100, output=100),
        "500*60 + 400*6 + 100*75 + 100*300",
        "0.0699",
    ),
    Bill(
        "ultrafast at 3 for a while",
        "gpt-6.2-sol",
        "ultrafast",
        "2026-11-23",
        Usage(input=1_000, cached=400, output=100),
        "600*6 + 400*0.30 + 100*30",
        "0.00672",
    ),
    Bill(
        "the last day at 3",
        "gpt-6.2-sol",
        "ultrafast",
        "2027-02-28",
        Usage(input=1_000, output=100),
        "1000*6 + 100*30",
        "0.009",
    ),
    Bill(
        "then at 6",
        "gpt-6.2-sol",
        "ultrafast",
        "2027-03-01",
        Usage(input=1_000, output=100),
        "1000*12 + 100*60",
        "0.018",
    ),
    # Above 272,000 tokens of input the whole request pays 2 x in, 1.5 x out (facts 3.4).
    Bill(
        "just at the step",
        "gpt-6-luna",
        None,
        "2026-11-23",
        Usage(input=272_000, output=100),
        "272000*0.10 + 100*0.50",
        "0.02725",
    ),
    Bill(
        "one above it",
        "gpt-6-luna",
        None,
        "2026-11-23",
        Usage(input=272_001, output=100),
        "272001*0.20 + 100*0.75",
        "0.0544752",
    ),
    Bill(
        "with the cache",
        "gpt-6-luna",
        None,
        "2026-11-23",
        Usage(input=300_000, cached=200_000, written=50_000, output=100),
        "50000*0.20 + 200000*0.02 + 50000*0.25 + 100*0.75",
        "0.026575",
    ),
    Bill(
        "just at the step",
        "gpt-6.2-astra",
        None,
        "2026-11-23",
        Usage(input=272_000, output=100),
        "272000*8 + 100*40",
        "2.18",
    ),
    Bill(
        "one above it",
        "gpt-6.2-astra",
        None,
        "2026-11-23",
        Usage(input=272_001, output=100),
        "272001*16 + 100*60",
        "4.358016",
    ),
    Bill(
        "and fast",
        "gpt-6.2-sol",
        "fast",
        "2026-11-23",
        Usage(input=300_000, cached=100_000, output=100),
        "200000*8 + 100000*0.40 + 100*30",
        "1.643",
    ),
    Bill(
        "and fast", "gpt-6.1-sol", "fast", "2026-11-23", Usage(input=300_000, output=100), "300000*8 + 100*30", "2.403"
    ),
    Bill(
        "and fast, by the general rule",
        "gpt-5.5",
        "fast",
        "2026-11-23",
        Usage(input=300_000, output=100),
        "300000*25 + 100*112.5",
        "7.51125",
    ),
    Bill(
        "and batch",
        "gpt-5.5",
        "batch",
        "2026-11-23",
        Usage(input=300_000, output=100),
        "300000*5 + 100*22.5",
        "1.50225",
    ),
    Bill(
        "and ultrafast",
        "gpt-6-astra",
        "ultrafast",
        "2026-11-23",
        Usage(input=300_000, output=100),
        "300000*120 + 100*450",
        "36.045",
    ),
    Bill(
        "12-hour write above it",
        "gpt-6-luna",
        None,
        "2026-11-23",
        Usage(input=300_000, written=100_000, written_12h=100_000),
        "200000*0.20 + 100000*0.50",
        "0.09",
    ),
    Bill(
        "no step in a smaller window",
        "gpt-5.2",
        None,
        "2026-11-23",
        Usage(input=272_001, output=100),
        "272001*1.75 + 100*14",
        "0.47740175",
    ),
    Bill(
        "no step for GPT-4.1",
        "gpt-4.1",
        None,
        "2026-11-23",
        Usage(input=500_000, output=100),
        "500000*2 + 100*8",
        "1.0008",
    ),
    # Regional hosts: a tenth more for models released on 2026-03-05 or later.
    Bill(
        "regional",
        "gpt-6-luna",
        None,
        "2026-11-23",
        Usage(input=1_000, cached=400, output=100),
        "600*0.11 + 400*0.011 + 100*0.55",
        "0.0001254",
        regional=True,
    ),
    Bill(
        "regional",
        "gpt-5.4",
        None,
        "2026-11-23",
        Usage(input=1_000, output=100),
        "1000*2.75 + 100*16.5",
        "0.0044",
        regional=True,
    ),
    Bill(
        "regional and fast",
        "gpt-6.2-sol",
        "fast",
        "2026-11-23",
        Usage(input=1_000, output=100),
        "1000*4.4 + 100*22",
        "0.0066",
        regional=True,
    ),
    Bill(
        "regional, older model",
        "gpt-5.2",
        None,
        "2026-11-23",
        Usage(input=1_000, output=100),
        "1000*1.75 + 100*14",
        "0.00315",
        regional=True,
    ),
    Bill(
        "regional, long and written for 12 hours",
        "gpt-6-luna",
        None,
        "2026-11-23",
        Usage(input=300_000, written=1_000, written_12h=1_000),
        "299000*0.22 + 1000*0.55",
        "0.06633",
        regional=True,
    ),
    # Prices that changed: what held on the day counts.
    Bill(
        "before the cut", "gpt-5.6-sol", None, "2026-08-20", Usage(input=1_000, output=100), "1000*5 + 100*30", "0.008"
    ),
    Bill(
        "from the day of the cut",
        "gpt-5.6-sol",
        None,
        "2026-08-21",
        Usage(input=1_000, output=100),
        "1000*4 + 100*20",
        "0.006",
    ),
    Bill("o3 after its cut", "o3", None, "2026-01-02", Usage(input=1_000, output=100), "1000*2 + 100*8", "0.0028"),
]


def test_there_are_at_least_sixty_known_bills() -> None:
    assert len(BILLS) >= 60


@pytest.mark.parametrize("bill", BILLS, ids=lambda bill: f"{bill.model} {bill.tier or ''} {bill.title}")
def test_a_known_bill_is_reproduced_to_the_last_decimal(bill: Bill) -> None:
    at = datetime.fromisoformat(f"{bill.day}T12:00:00+00:00")
    cost = PRICES.cost(bill.model, bill.usage, tier=bill.tier, at=at, base_url=OPENAI, regional=bill.regional)
    assert cost is not None
    assert cost.total == Decimal(bill.usd)
    assert cost.input + cost.cached + cost.written + cost.output == cost.total


@pytest.mark.parametrize("bill", BILLS, ids=lambda bill: f"{bill.model} {bill.tier or ''} {bill.title}")
def test_the_working_of_a_bill_adds_up(bill: Bill) -> None:
    terms = [term.split("*") for term in bill.sum.split("+")]
    worked = sum(Fraction(tokens.strip()) * Fraction(rate.strip()) for tokens, rate in terms)
    assert worked / 1_000_000 == Fraction(bill.usd)


def test_the_day_is_the_one_in_utc() -> None:
    # Two in the morning of the 21st in Kathmandu is still the 20th in UTC, when the higher price held.
    at = datetime.fromisoformat("2026-08-21T02:00:00+05:45")
    cost = PRICES.cost("gpt-5.6-sol", Usage(input=1000), tier=None, at=at, base_url=OPENAI)
    assert cost is not None
    assert cost.total == Decimal("0.005")
