"""The line under the draft: its tokens, and what sending it would cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from keytui.domain.money import dollars, tokens
from keytui.domain.tokens import Exactness
from keytui.domain.usage import Mark
from keytui.tui.widgets.bar import bar

if TYPE_CHECKING:
    from keytui.domain.meter import Meter
    from keytui.domain.progress import Progress
    from keytui.tui.widgets.facts import LastAnswer


class MeterLine(Widget):
    """``~38 tokens · $0.0001 in + up to $0.0010 out · cache ▓▓▓▓▓▓▓▓▓░ 97 %``, as much of it as fits."""

    ALLOW_SELECT = False

    meter: reactive[Meter | None] = reactive(None)
    last: reactive[LastAnswer | None] = reactive(None)
    coming: reactive[Progress | None] = reactive(None)
    """The answer that comes now."""
    folded: reactive[bool] = reactive(False)
    """Whether there is no side panel, so that context and last answer have to be told here."""
    stop: reactive[str] = reactive("")
    """Why the draft would not be sent as it is, such as a cap."""
    clock: reactive[str] = reactive("")
    """How long the cache still lasts, in words."""
    hint: reactive[str] = reactive("")
    """What takes the whole line while there is something to say, such as a wait."""

    def render(self) -> Content:
        """As much as fits; the count itself always does."""
        meter, width = self.meter, self.size.width
        if self.hint:
            return Content.styled(self.hint, "$warning")
        if meter is None or meter.draft is None:
            return Content.styled("counting starts in a moment", "$dim")
        count = Content.assemble((f"~{meter.draft:,}", "bold"), (" tokens", "$dim"))
        if meter.pending:
            count += Content.styled(" and counting", "$dim")
        if meter.counted is not None:
            count += Content.assemble((", ", "$dim"), tokens(meter.counted, meter.mark), (" with all before", "$dim"))
        elif meter.exactness is Exactness.ROUGH:
            count += Content.styled(" (rough)", "$warning")
        stop = [Content.styled(self.stop, "$error")] if self.stop and meter.draft else []
        parts = [count, *stop, *self._cost(meter), *(self._beside(meter) if self.folded else [])]
        line = Content("")
        for part in parts:
            joined = line + Content.styled(" · ", "$dim") + part if line else part
            if joined.cell_length > width:
                break
            line = joined
        return line

    def _beside(self, meter: Meter) -> list[Content]:
        """What the side panel would say, in few words; the last answer only until the next draft is begun."""
        beside = []
        if meter.full is not None:
            style = "$error" if meter.full >= 1 else "$warning" if meter.full >= 0.8 else "$dim"
            beside.append(Content.styled(f"context {meter.full * 100:.1f} %", style))
        if self.coming is not None:
            beside.append(self._coming(self.coming))
        elif self.last is not None and not meter.draft:
            usage = self.last.usage
            sign = "" if usage.mark is Mark.BILLED else "~"
            cost = "$?" if self.last.cost is None else sign + dollars(self.last.cost)
            took = f"last {sign}{usage.input:,} in, {sign}{usage.output:,} out, {cost}"
            beside.append(Content.styled(took + (" billed" if not sign else ""), "$dim"))
        return beside

    def _coming(self, progress: Progress) -> Content:
        """How far the answer is, in few words."""
        if not progress.output:
            return Content.styled(f"{progress.phase} {progress.seconds:.0f} s", "$dim")
        pace = "" if progress.speed is None else f", {progress.speed:,.0f} tok/s"
        return Content.assemble(("answer ", "$dim"), f"~{progress.output:,}", (f" tokens{pace}", "$dim"))

    def _cost(self, meter: Meter) -> list[Content]:
        if not meter.draft:
            return []
        if not meter.priced:
            return [Content.styled("the price in a moment", "$dim")]
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
        cache = (
            Content.styled("cache ", "$dim") + bar(share, 10, ascii_only=ascii_only) + Content(f" {share * 100:.0f} %")
        )
        if self.folded and self.clock:
            cache += Content.styled(f" {self.clock}", "$dim")
        return [cost, cache]
