"""The ways on, to choose one from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from keytui.domain.setup import Way
from keytui.tui.screens.setup.marks import marks


class WayList(Widget, can_focus=True):
    """A row for each way; up and down choose."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "choose", key_display="↑↓", id="ways.up"),
        Binding("down,j", "move(1)", "choose", show=False, id="ways.down"),
    ]

    at: reactive[int] = reactive(0)

    def __init__(self, ways: Sequence[Way], *, id: str | None = None) -> None:  # noqa: A002 - Textual's own word
        super().__init__(id=id)
        self._ways = tuple(ways)

    @property
    def way(self) -> Way:
        """The chosen way."""
        return self._ways[self.at]

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """A row each."""
        return len(self._ways)

    def render(self) -> Content:
        """Titles and what they mean."""
        sign = marks(self).after
        column = max(len(way.title) for way in self._ways) + 3
        rows = []
        for number, way in enumerate(self._ways):
            here = number == self.at
            rows.append(
                Content.assemble(
                    (f"{sign if here else ' '} ", "bold $accent"),
                    (way.title.ljust(column), "bold $accent" if here else ""),
                    (way.says if 2 + column + len(way.says) <= self.size.width else "", "" if here else "$dim"),
                )
            )
        return Content("\n").join(rows)

    def action_move(self, by: int) -> None:
        """Choose a neighbour."""
        self.at = min(max(self.at + by, 0), len(self._ways) - 1)

    async def on_click(self, event: events.Click) -> None:
        """Choose the way under the mouse; a double click takes it."""
        if 0 <= event.y < len(self._ways):
            self.at = event.y
            if event.chain > 1:
                await self.run_action("screen.go_on")
