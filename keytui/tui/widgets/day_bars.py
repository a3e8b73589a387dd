"""Spend a day as upright bars."""

from __future__ import annotations

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

Part = Content | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Day:
    """One bar: a day and its spend in USD."""

    on: date
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Rule:
    """A level across the chart: USD a day, and a word for it."""

    amount: Decimal
    word: str


class DayBars(Widget):
    """A bar for each day, the dearest at full height, today's named; a rule at what a cap allows a day."""

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
        for day in days:
            filled = self._block(self._eighths(day, number, height, top))
            if filled == " " and number == rule_row:
                parts.append((("-" if self._ascii else "╌") * cell, "$warning"))
            else:
                parts.append((filled * (cell - gap) + " " * gap, "$accent" if day.on == self.today else "$secondary"))
        if number == rule_row and self.rule is not None:
            parts.append((f" {self.rule.word}", "$warning"))
        return Content.assemble(*parts)

    def _eighths(self, day: Day, number: int, height: int, top: Decimal) -> int:
        """How much of a bar's cell in row ``number`` (1 is the lowest) is full."""
        eighths = round(float(day.cost / top) * height * 8) - (number - 1) * 8
        if day.cost > 0 and number == 1:
            eighths = max(eighths, 1)
        return min(max(eighths, 0), 8)

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
        if self.today in where:
            put(where[self.today], "today")
        every = 1 if cell >= 3 else 5
        for on, at in where.items():
            if on.day == 1 or on.day % every == 0:
                put(at, str(on.day))
        return Content.styled("".join(line).rstrip(), "$dim")
