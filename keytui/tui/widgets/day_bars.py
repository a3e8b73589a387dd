"""Spend a day as upright bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from keytui.domain.money import dollars

EIGHTHS = " ▁▂▃▄▅▆▇█"
WIDEST = 4
"""Cells that a day takes at most, the gap after it included."""

SERIES = ("$series-1", "$series-2", "$series-3", "$series-4", "$series-5")
"""The colours of a bar's parts, from its foot upwards; the last one is that of all the rest."""

Part = Content | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Day:
    """One bar: a day and its spend in USD."""

    on: date
    cost: Decimal
    parts: tuple[Decimal, ...] = ()
    """The spend by the series that it is made of, in their order; empty for a bar in one colour."""
    ahead: bool = False
    """Still to come: what it will probably bring, drawn faintly."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A level across the chart: USD a day, and a word for it."""

    amount: Decimal
    word: str


class DayBars(Widget):
    """A bar for each day, the dearest at full height, today's named; a rule at what a cap allows a day.

    The parts of a bar have colours where the terminal has: what they are is named beside the chart.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    DayBars {
        height: 8;
        width: 1fr;
    }
    """

    days: reactive[tuple[Day, ...]] = reactive(())
    """Every day of the stretch, those to come among them, so that the axis stays where it is."""
    rule: reactive[Rule | None] = reactive(None)
    today: reactive[date | None] = reactive(None)

    def render(self) -> Content:
        """The chart: an axis of amounts on the left, days below."""
        width, height = self.content_size.width, self.content_size.height - 1
        top = self._top
        if not self.days or top <= 0 or height < 2:
            return Content("")
        axis = max(len(dollars(top)), len(dollars(top / 2)))
        word = len(self.rule.word) + 1 if self.rule else 0
        cell = max(1, min(WIDEST, (width - axis - 1 - word) // len(self.days)))
        days = self.days[-((width - axis - 1 - word) // cell) :]
        rows = [self._row(number, height, top, days, axis, cell) for number in range(height, 0, -1)]
        return Content("\n").join([*rows, self._labels(days, axis, cell)])

    @property
    def _top(self) -> Decimal:
        """The amount at full height. A rule far above all bars would flatten them: it is left out then."""
        dearest = max((day.cost for day in self.days), default=Decimal(0))
        if self.rule is not None and dearest < self.rule.amount <= dearest * 3:
            return self.rule.amount
        return dearest

    def _row(self, number: int, height: int, top: Decimal, days: tuple[Day, ...], axis: int, cell: int) -> Content:
        ruled = self.rule is not None and self.rule.amount <= top
        rule_row = max(1, round(float(self.rule.amount / top) * height)) if self.rule and ruled else 0
        middle = max(1, height // 2)
        label = {height: dollars(top), middle: dollars(top * middle / height)}.get(number, "")
        parts: list[Part] = [(f"{label:>{axis}} ", "$dim")]
        gap = 1 if cell > 1 else 0
        between = ("-" if self._ascii else "╌", "$warning") if number == rule_row else (" ", "")
        for day in days:
            filled, style = self._cell(day, number, height, top)
            if filled == " " and number == rule_row:
                parts.append((between[0] * (cell - gap), "$warning"))
            elif filled == " " and number == 1:
                parts.append((("_" if self._ascii else "▁") * (cell - gap), "$track"))
            else:
                parts.append((filled * (cell - gap), style))
            parts.append((between[0] * gap, between[1]))
        if number == rule_row and self.rule is not None:
            parts.append((f" {self.rule.word}", "$warning"))
        return Content.assemble(*parts)

    def _cell(self, day: Day, number: int, height: int, top: Decimal) -> tuple[str, str]:
        """What a bar has in row ``number`` (1 is the lowest), and in which colours."""
        foot = (number - 1) * 8
        full = self._eighths(day.cost, height, top)
        if day.cost > 0:
            full = max(full, 1)
        filled = min(max(full - foot, 0), 8)
        if day.ahead:
            faint = "." if self._ascii else "░"
            return (faint, "$track") if filled >= 4 or (filled and number == 1) else (" ", "")
        if filled == 0 or self._ascii or self.app.no_color:
            return self._block(filled), "$secondary"
        # Where one part ends and the next begins within a cell, one is the letter and the other its ground.
        ends = [self._eighths(sum(day.parts[: at + 1], Decimal(0)), height, top) for at in range(len(day.parts))]
        lower = _at(ends, foot)
        upper = _at(ends, foot + filled - 1)
        if lower == upper or filled < 8:
            return self._block(filled), SERIES[_at(ends, foot + filled // 2)] if ends else "$secondary"
        return self._block(min(max(ends[lower] - foot, 1), 7)), f"{SERIES[lower]} on {SERIES[upper]}"

    def _eighths(self, amount: Decimal, height: int, top: Decimal) -> int:
        """An amount as eighths of a cell above the chart's foot."""
        return round(float(amount / top) * height * 8)

    @property
    def _ascii(self) -> bool:
        return bool(self.app.ascii_only)  # type: ignore[attr-defined]

    def _block(self, eighths: int) -> str:
        if self._ascii:
            return "#" if eighths >= 4 else "_" if eighths else " "
        return EIGHTHS[eighths]

    def _labels(self, days: tuple[Day, ...], axis: int, cell: int) -> Content:
        """Days of the month below their bars; today by its name, for colour alone must not say it."""
        line = [" "] * (axis + 1 + cell * len(days) + 6)

        def put(at: int, text: str) -> bool:
            around = line[max(0, at - 1) : at + len(text) + 1]
            if any(character != " " for character in around):
                return False
            line[at : at + len(text)] = text
            return True

        where = {day.on: axis + 1 + number * cell for number, day in enumerate(days)}
        today = where.get(self.today) if self.today else None
        if today is not None:
            put(today, "today")
        every = 1 if cell >= 3 else 5
        for on, at in where.items():
            if on.day == 1 or on.day % every == 0:
                put(at, str(on.day))
        text = "".join(line).rstrip()
        if today is None:
            return Content.styled(text, "$dim")
        end = today + len("today")
        return Content.assemble((text[:today], "$dim"), (text[today:end], "bold"), (text[end:], "$dim"))


def _at(ends: Sequence[int], eighth: int) -> int:
    """Which part an eighth of a cell belongs to; what rounding leaves over is the last one's."""
    return next((part for part, end in enumerate(ends) if eighth < end), max(len(ends) - 1, 0))
