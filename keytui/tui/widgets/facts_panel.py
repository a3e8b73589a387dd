"""The side panel of the playground: context, the next message, the last answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

if TYPE_CHECKING:
    # Imported when there are figures: the first frame has none, and does not wait for it.
    from keytui.domain.meter import Meter
    from keytui.domain.progress import Progress
    from keytui.tui.widgets.facts import LastAnswer, Spent


class FactsPanel(Widget):
    """Short lists of figures, right-aligned, drawn in one piece; where not all fit, the last ones give way."""

    ALLOW_SELECT = False

    meter: reactive[Meter | None] = reactive(None)
    last: reactive[LastAnswer | None] = reactive(None)
    spent: reactive[Spent | None] = reactive(None)
    coming: reactive[Progress | None] = reactive(None)
    """The answer that comes now; it stands in the place of the last one, row for row."""
    asked: reactive[Meter | None] = reactive(None)
    """What it was asked with."""
    clock: reactive[str] = reactive("")
    """How long the cache still lasts, in words."""

    def render(self) -> Content:
        """The panel: whole lists only, in the order of how much they matter, as many as fit."""
        if self.meter is None and self.coming is None and self.last is None and self.spent is None:
            return Content("")
        from keytui.tui.widgets.facts import Facts

        facts = Facts(self.content_size.width, ascii_only=self.app.ascii_only)  # type: ignore[attr-defined]
        lists: list[list[Content]] = []
        if self.meter is not None:
            lists += [facts.context(self.meter), facts.next_message(self.meter)]
        if self.coming is not None:
            lists.append(facts.coming(self.coming, self.asked))
        elif self.last is not None:
            lists.append(facts.last(self.last))
        if self.meter is not None:
            lists.append(facts.cache(self.meter, self.clock))
        if self.spent is not None:
            lists.append(facts.spent(self.spent))
        lines: list[Content] = []
        for rows in lists:
            if lines and len(lines) + 1 + len(rows) > self.content_size.height:
                break
            lines += [Content(""), *rows] if lines else rows
        return Content("\n").join(lines)
