"""The bars of the costs pane: what each day is made of."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from keytui.domain.pricing import ZERO
from keytui.tui.panes.costs.figures import Figures
from keytui.tui.widgets.day_bars import SERIES, Day


def drawn_apart(figures: Figures) -> list[str]:
    """The groups that have a colour of their own: the month's dearest, as many as there are colours but one."""
    if not figures.shares:
        return []
    dearest = sorted(figures.rows, key=lambda row: -row.cost)
    return [row.id or row.label for row in dearest[: len(SERIES) - 1] if row.cost]


def day_bar(figures: Figures, on: date) -> Day:
    """The bar of a day: what was spent, by the groups that are drawn apart, or what is still to be expected."""
    spent = next((day.cost for day in figures.days if day.label == on.isoformat()), ZERO)
    ahead = figures.forecast.ahead.get(on) if figures.forecast else None
    if ahead is not None and not spent:
        return Day(on, ahead, ahead=True)
    shares = figures.shares.get(on, {})
    parts = [shares.get(name, ZERO) for name in drawn_apart(figures)]
    rest = spent - sum(parts, ZERO)
    return Day(on, spent, (*parts, *([Decimal(0)] * (len(SERIES) - 1 - len(parts))), rest) if shares else ())
