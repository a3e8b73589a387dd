"""What the costs pane says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from rich.style import Style
from rich.text import Text
from textual.content import Content

from keytui.domain.bill.lines import BillGroup, Reason
from keytui.domain.bill.reading import BillReading
from keytui.domain.comparison import Alternative
from keytui.domain.ledger import Entry, Spend
from keytui.domain.money import UNKNOWN, cents, dollars
from keytui.domain.pricing import STANDARD
from keytui.tui.panes.costs.figures import Figures, Sort
from keytui.tui.widgets.bar import EMPTY, EMPTY_ASCII, FULL_ASCII, bar
from keytui.tui.widgets.figure import Tall

HELP = """\
# Costs

Every request keytui makes is booked here when it ends, at the price of that moment.

- **←** and **→** go through the months, **k** narrows all to one key.
- **b** shows the table by another group, **s** sorts it, **/** filters it.
- **e** shows what the same month would have cost on another model or tier, **d** the dearest turns; enter opens the
  conversation that a turn was in.
- **p** sets the platform's own figures beside these, with an admin key, and explains what differs: requests of other
  programs and other keys, days that begin at another hour, estimates, prices. **t** takes over what is missing.
- **c** sets caps, keytui's own limits on spend, and shows the platform's spend limits beside them.

Amounts are **estimates from published prices**; the platform's invoice is what counts.
`≥` means that some requests have no known price, so the sum is a lower bound. An unknown price is `$?`, never zero.
A request that was stopped or cut is booked as an estimate: the platform bills what it produced.
**Saved by caching** is what the same input would have cost uncached, less what it did cost.
The bars have the colours of the table's rows; what is faint is still to come, as the forecast has it.
The dashed line across the bars is the daily cap, or the monthly one spread over its days.
The forecast goes by your last eight weeks; in eight of ten such months the sum ends within its range.
"""

NOTHING_YET = """\
Nothing has been booked yet.

Ask something in the Playground (press 2): each answer is booked here with its tokens and its price, \
and so is every request of “keytui ask” and of the metering proxy."""
NO_KEY_YET = "\n\nNo key yet? f2 walks you to one. “keytui --practice” tries everything without one."

SHARE = 8
"""Cells of the bar beside a row's share."""

SORTED: dict[Sort, str] = {
    "cost": "dearest first",
    "requests": "most requests first",
    "input": "most input first",
    "cached": "most cached first",
    "output": "most output first",
    "name": "by name",
}


def month_name(month: date, today: date) -> str:
    """``November``, and ``November 2025`` in another year."""
    return f"{month:%B}" if month.year == today.year else f"{month:%B %Y}"


def requests(number: int) -> str:
    """How many, in words: ``1 request``, ``1,024 requests``."""
    return f"{number:,} request{'' if number == 1 else 's'}"


def amount(spend: Spend) -> str:
    """What was spent, as far as it is known: ``$1.20``, ``≥ $1.20``, ``$?``."""
    return "$?" if spend.unpriced and not spend.cost else dollars(spend.cost, at_least=spend.at_least)


def known(spend: Spend) -> Tall:
    """The amount without the sign of a lower bound, which large digits have not."""
    return tall(None if spend.unpriced and not spend.cost else spend.cost)


def tall(amount: Decimal | None) -> Tall:
    """An amount as a large figure: in dollars, below ten cents in cents, so that its digits are few."""
    if amount is None:
        return Tall(UNKNOWN)
    small = cents(amount)
    if small is None:
        return Tall(dollars(amount), dollars(amount))
    return Tall(dollars(amount), small, "cent" if small == "1" else "cents")


def at_least(name: str, spend: Spend) -> str:
    """The name of a figure, with what the digits cannot say."""
    return f"{name} ≥" if spend.at_least and spend.cost else name


def against_cap(spend: Spend, cap: Decimal | None, *, ascii_only: bool) -> tuple[Content, ...]:
    """How far the month's cap is used, as a gauge and in figures, from the widest wording to the narrowest.

    Without a cap, how many requests there were.
    """
    if not cap:
        return Content(requests(spend.requests) + (", no cap" if cap is None else ", cap $0.00")), Content("no cap")
    share = float(spend.cost / cap)
    style = "$error" if share >= 1 else "$warning" if share >= 0.8 else "$accent"
    gauge = bar(share, 6, style=style, ascii_only=ascii_only)
    used = f"{share * 100:,.0f} % of {dollars(cap)}"
    return Content.assemble(gauge, f" {used}"), Content(used), Content(f"{share * 100:,.0f} %")


def third_figure(figures: Figures) -> tuple[str, Tall, str, str]:
    """The forecast, or for a month that is over what a day cost: name, amount, and notes, the widest first."""
    if not figures.asked.current:
        days = (figures.asked.last - figures.asked.month).days + 1
        used = sum(1 for day in figures.days if day.cost)
        return "A day", tall(figures.month.cost / days), f"spent on {used} of {days} days", f"{used} of {days} days"
    if figures.forecast is None:
        return "Forecast", Tall("–"), "after three days of use", "after three days"
    low, high = figures.forecast.low, figures.forecast.high
    return "Forecast", tall(figures.forecast.expected), f"{dollars(low)} to {dollars(high)}", f"to {dollars(high)}"


def saved(spend: Spend) -> tuple[Tall, str]:
    """What caching saved, and how much of the input was read from the cache."""
    share = f"{spend.cached / spend.input * 100:.0f} % of input cached" if spend.input else "no input yet"
    return tall(spend.saved), share


def share_cell(share: float, style: Style, *, ascii_only: bool) -> Text:
    """A part of the whole as a bar, in the colour it has in the chart, and in percent."""
    full, empty = (FULL_ASCII, EMPTY_ASCII) if ascii_only else ("█", EMPTY)
    filled = min(max(round(share * SHARE), 1 if share > 0 else 0), SHARE)
    track = style + Style(dim=True)
    return Text.assemble((full * filled, style), (empty * (SHARE - filled), track), f" {share * 100:>3.0f} %")


def in_percent(other: Alternative, paid: Decimal) -> str:
    """How much dearer (+) or cheaper (-): in percent, or above the tenfold as a factor."""
    if not paid:
        return ""
    ratio = other.cost / paid
    if ratio >= 10:
        return f"{ratio:,.0f} times"
    return f"{(ratio - 1) * 100:+,.0f} %"


def other_name(other: Alternative, *alike: Alternative) -> str:
    """``all on gpt-6-sol``, ``as it is, batch``, with tiers of the same cost ``as it is, batch or flex``."""
    tiers = " or ".join(one.tier or STANDARD for one in (other, *alike))
    return f"all on {other.model}" if other.model else f"as it is, {tiers}"


def turn_title(entry: Entry, titles: dict[str, str]) -> str:
    """What an entry was about: its conversation's title, or else the app that asked."""
    if entry.conversation and entry.conversation in titles:
        return titles[entry.conversation] or "untitled"
    return entry.app


def bill_name(reading: BillReading, by: BillGroup, label: str) -> str:
    """A line of the bill as the user knows it: a day with its weekday, a project or key by its name."""
    if by == "day":
        return f"{date.fromisoformat(label):%Y-%m-%d %a}"
    names = reading.projects if by == "project" else reading.keys
    return names.get(label, label) or f"no {by}"


def taking_over(entries: int) -> str:
    """What follows from taking over."""
    many = f"{entries:,} entries are booked, one for each key and day" if entries != 1 else "One entry is booked"
    return f"{many}, under the app “elsewhere”. They count like all others then, for caps too; twice changes nothing."


def bill_foot(reading: BillReading) -> str:
    """What can be said of a bill below its reasons."""
    bill = reading.bill
    if not bill.charged and not bill.booked:
        return "Nothing was charged and nothing is booked in these days."
    if not bill.parts:
        return "They agree, to the last digit."
    if reading.missing:
        amount = dollars(sum((entry.cost.total for entry in reading.missing if entry.cost), Decimal(0)))
        return f"{amount} of it can be taken over into the ledger as “elsewhere” (t)."
    if Reason.OTHER_KEYS in bill.parts or Reason.OTHER_APPS in bill.parts:
        return "What was spent elsewhere can be taken over two days after the end of its day: then it is settled there."
    return "The platform's figures come hours later."


def empty_month(figures: Figures) -> str:
    """Nothing in this month: where there is something."""
    today = figures.asked.today
    month = month_name(figures.asked.month, today)
    whose = " with this key" if figures.asked.key_id else ""
    before = [one for one in figures.months if one < figures.asked.month]
    after = [one for one in figures.months if one > figures.asked.month]
    way = (
        f" ← shows {month_name(before[-1], today)}."
        if before
        else f" → shows {month_name(after[0], today)}."
        if after
        else ""
    )
    return f"Nothing was spent in {month}{whose}.{way}"


def foot(figures: Figures, prices: date, *, with_saved: bool) -> str:
    """What the figures rest on."""
    month = figures.month
    parts = [f"prices of {prices:%d %b %Y}"]
    if with_saved:
        parts.append(f"saved by caching {dollars(month.saved)}")
    if month.estimated:
        parts.append(f"{month.estimated:,} of {requests(month.requests)} estimated")
    if month.unpriced:
        parts.append(f"{month.unpriced:,} at an unknown price ($?)")
    if figures.waiting:
        parts.append(f"{figures.waiting:,} entries wait beside the database, which cannot be written")
    if figures.problem:
        parts.append(figures.problem)
    return " · ".join(parts)
