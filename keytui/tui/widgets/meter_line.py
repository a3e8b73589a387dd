"""The line under the draft: its tokens, and what sending it would cost."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from keytui.domain.meter import Meter
from keytui.domain.money import dollars
from keytui.domain.tokens import Exactness
from keytui.tui.widgets.bar import bar


class MeterLine(Widget):
    """``~38 tokens · $0.0001 in + up to $0.0010 out · cache ▓▓▓▓▓▓▓▓▓░ 97 %``, as much of it as fits."""

    ALLOW_SELECT = False

    meter: reactive[Meter | None] = reactive(None)
    hint: reactive[str] = reactive("")
    """What replaces the keys at the right end while there is something to say."""

    def render(self) -> Content:
        """As much as fits; the count itself always does."""
        meter, width = self.meter, self.size.width
        if meter is None or meter.draft is None:
            return Content.styled("counting starts in a moment", "$dim")
        count = Content.assemble((f"~{meter.draft:,}", "bold"), (" tokens", "$dim"))
        if meter.pending:
            count += Content.styled(" and counting", "$dim")
        if meter.exactness is Exactness.ROUGH:
            count += Content.styled(" (rough)", "$warning")
        parts = [count, *self._cost(meter)]
        line = Content("")
        for part in parts:
            joined = line + Content.styled(" · ", "$dim") + part if line else part
            if joined.cell_length > width:
                break
            line = joined
        if self.hint:
            gap = width - line.cell_length - len(self.hint)
            if gap >= 2:
                line = line + Content(" " * gap) + Content.styled(self.hint, "$dim")
        return line

    def _cost(self, meter: Meter) -> list[Content]:
        if not meter.draft:
            return []
        if meter.least is None or meter.most is None:
            return [Content.styled("$? (no price known for this model)", "$warning")]
        cost = Content.assemble(
            (dollars(meter.least.total), ""),
            (" in", "$dim"),
            (" + up to ", "$dim"),
            dollars(meter.most.output),
            (" out", "$dim"),
        )
        if not meter.cached or not meter.input:
            return [cost]
        share = meter.cached / meter.input
        ascii_only: bool = self.app.ascii_only  # type: ignore[attr-defined]
        cache = Content.styled("cache ", "$dim") + bar(share, 10, ascii_only=ascii_only) + Content(f" {share:.0%}")
        return [cost, cache]
