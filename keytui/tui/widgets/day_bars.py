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


@dataclass(frozen=True, slots=True)
class Day:
    """One bar: a day and its spend in USD."""

    on: date
    cost: Decimal


class DayBars(Widget):
    """A bar for each day, the dearest at full height, today in the accent; a rule at an even spend of the cap."""

    DEFAULT_CSS = """
    DayBars {
        height: 8;
        width: 1fr;
    }
    """

    days: reactive[tuple[Day, ...]] = reactive(())
    even: reactive[Decimal | None] = reactive(None)
    """USD a day that would use up the cap exactly by the end of the month."""
    today: reactive[date | None] = reactive(None)

    def render(self) -> Content:
        """The chart: an axis of amounts on the left, days below."""
        width, height = self.content_size.width, self.content_size.height - 1
        top = max([day.cost for day in self.days] + [self.even or Decimal(0)], default=Decimal(0))
        if not self.days or top <= 0 or height < 2:
            return Content.styled("Nothing spent in these days.", "$dim")
        axis = max(len(dollars(top)), len(dollars(top / 2)))
        cell = max(1, min(4, (width - axis - 2) // len(self.days)))
        days = self.days[-((width - axis - 2) // cell) :]
        rows = [self._row(number, height, top, days, axis, cell) for number in range(height, 0, -1)]
        return Content("\n").join([*rows, self._labels(days, axis, cell)])

    def _row(self, number: int, height: int, top: Decimal, days: Sequence[Day], axis: int, cell: int) -> Content:
        even_row = 0 if self.even is None else max(1, round(float(self.even / top) * height))
        label = {height: dollars(top), max(1, height // 2): dollars(top * max(1, height // 2) / height)}.get(number, "")
        parts: list[Content | tuple[str, str]] = [(f"{label:>{axis}} ", "$dim")]
        for day in days:
            eighths = round(float(day.cost / top) * height * 8) - (number - 1) * 8
            if day.cost > 0 and number == 1:
                eighths = max(eighths, 1)
            filled = self._block(min(max(eighths, 0), 8))
            style = "$accent" if day.on == self.today else "$secondary"
            gap = 1 if cell > 1 else 0
            if filled == " " and number == even_row:
                parts.append((("╌" if not self._ascii else "-") * cell, "$warning"))
            else:
                parts.append((filled * (cell - gap) + " " * gap, style))
        if number == even_row:
            parts.append((" cap", "$warning"))
        return Content.assemble(*parts)

    @property
    def _ascii(self) -> bool:
        return bool(self.app.ascii_only)  # type: ignore[attr-defined]

    def _block(self, eighths: int) -> str:
        if self._ascii:
            return "#" if eighths >= 4 else " "
        return EIGHTHS[eighths]

    def _labels(self, days: Sequence[Day], axis: int, cell: int) -> Content:
        line = [" "] * (axis + 1 + cell * len(days) + 2)
        for number, day in enumerate(days):
            text = str(day.on.day)
            wanted = day.on.day == 1 or day.on == self.today or day.on.day % 5 == 0 or cell >= 3
            at = axis + 1 + number * cell
            if wanted and all(character == " " for character in line[max(0, at - 1) : at + len(text)]):
                line[at : at + len(text)] = text
        return Content.styled("".join(line).rstrip(), "$dim")
