"""How a row of the organisation reads in the list, and what is told beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from textual.content import Content

from keytui.domain.money import dollars
from keytui.domain.organization.held import (
    Held,
    alert_words,
    in_words,
    models_words,
    rate_words,
    tiers_words,
    tools_words,
)
from keytui.domain.organization.reading import Reading
from keytui.domain.organization.rows import OrganizationRow
from keytui.tui.widgets.sheet import Line

RATES = 4
"""Allowed models whose rate limits are told beside a project; the rest are a key away."""


def line(row: OrganizationRow, width: int) -> Content:
    """One line of the list: what it is, and what it cost this month."""
    cost = "" if row.cost is None else dollars(row.cost)
    left = _left(row).truncate(max(8, width - len(cost) - 2), ellipsis=True)
    return left + Content(" " * max(1, width - left.cell_length - len(cost) - 1)) + Content(cost)


def _left(row: OrganizationRow) -> Content:
    indent = "  " * row.depth
    if row.project is None:
        return Content.styled("The whole organisation", "bold $accent")
    if row.key is not None:
        owner = "" if row.account is not None else f"  {row.key.owner or 'somebody'}"
        left = "" if row.key.owner_active else ", who has left" if row.account is None else "  without a role"
        used = f"used {day(row.key.last_used)}" if row.key.last_used else "never used"
        name = row.key.name or "unnamed"
        return Content.assemble(f"{indent}{name}  ", (row.key.redacted, "$dim"), f"{owner}{left}  {used}")
    if row.account is not None:
        return Content.assemble(indent, row.account.name, ("  service account", "$dim"))
    return Content.styled(row.project.name, "bold")


def facts(row: OrganizationRow, reading: Reading, held: Held | str | None) -> list[Line]:
    """What is told beside a row: its own facts, then what holds for its project (or why that cannot be read)."""
    lines = _own(row)
    project = row.project
    if project is not None and lines:
        lines += [Line(), Line(project.name)]
    elif project is not None:
        lines = [Line(project.name)]
    cost = reading.cost(None if project is None else project.id)
    lines.append(Line("this month", money(cost)))
    if held is None:
        lines.append(Line("", "Reading its limits …", "$dim"))
    elif isinstance(held, str):
        lines.append(Line("", held, "$error"))
    else:
        lines += _held(held, cost, whole=project is None)
    if project is not None:
        lines += [Line(), Line("id", project.id), Line("made", day(project.created))]
        lines += [Line("data in", project.residency)] if project.residency else []
    return lines


def _own(row: OrganizationRow) -> list[Line]:
    """The facts of a key, an account, or the organisation; a project's come for each of its rows."""
    if row.project is None:
        return [Line("The whole organisation")]
    if row.key is not None:
        key = row.key
        access = "" if key.owner_active else ", without a role" if row.account else ", no longer in the project"
        return [
            Line(key.name or "unnamed key"),
            Line("key", key.redacted),
            Line("owner", f"{key.owner or 'not told'}{access}"),
            Line("made", day(key.created)),
            Line("last used", day(key.last_used) if key.last_used else "never"),
            Line("expires", day(key.expires) if key.expires else "never"),
            Line("this month", money(row.cost)),
        ]
    if row.account is not None:
        account = row.account
        return [
            Line(account.name),
            Line("", "service account"),
            Line("role", account.role),
            Line("made", day(account.created)),
            Line("this month", money(row.cost)),
        ]
    return []


def _held(held: Held, cost: Decimal | None, *, whole: bool) -> list[Line]:
    lines = [Line("spend limit", in_words(held.spend_cents, cost))]
    lines += [Line("alert at", alert_words(alert, cost)) for alert in held.alerts] or [Line("alerts", "none")]
    if whole:
        return lines
    lines.append(Line("models", models_words(held.permissions)))
    if held.tools:
        lines.append(Line("tools", tools_words(held.tools)))
    if held.tiers is not None:
        lines.append(Line("tiers", tiers_words(held.tiers)))
    allowed = held.permissions.models if held.permissions and held.permissions.mode == "allow_list" else ()
    rates = [rate for rate in held.rates if rate.model in allowed][:RATES]
    lines += [Line(), Line("rate limits")] if held.rates else []
    lines += [Line(rate.model, rate_words(rate)) for rate in rates]
    if len(held.rates) > len(rates):
        others = f"{len(held.rates) - len(rates)} {'other ' if rates else ''}models"
        lines.append(Line("", f"of {others}: enter lists them", "$dim"))
    return lines


def day(moment: datetime | None) -> str:
    """A date as it is read."""
    return f"{moment.astimezone():%d %b %Y}" if moment else "not known"


def money(amount: Decimal | None) -> str:
    """An amount, or that it is not known."""
    return "not known" if amount is None else dollars(amount)


def how_far(reading: Reading, shown: Sequence[OrganizationRow]) -> str:
    """How far the organisation was read, as one sentence."""
    projects, read_in, keys = len(reading.projects), len(reading.sections), reading.keys
    counts = [f"{projects:,} project{'' if projects == 1 else 's'}", f"{keys:,} key{'' if keys == 1 else 's'}"]
    far = "" if reading.complete else f", read from {read_in:,} of them so far"
    return f"{', '.join(counts)}{far}; {len(shown):,} row{'' if len(shown) == 1 else 's'} shown."
