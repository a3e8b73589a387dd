"""Lists of figures about a conversation: its context, the next message, the last answer, the cache, what was spent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from textual.content import Content

from keytui.domain.cache import THRESHOLD, State
from keytui.domain.money import dollars, tokens
from keytui.domain.tokens import Exactness
from keytui.domain.usage import Mark, Usage
from keytui.tui.widgets.bar import bar

if TYPE_CHECKING:
    from keytui.domain.caps import Standing
    from keytui.domain.meter import Meter
    from keytui.domain.progress import Progress


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """What the last answer took."""

    usage: Usage
    cost: Decimal | None
    """USD; None when the price is unknown."""
    seconds: float
    first_token: float | None
    estimated: int | None = None
    """Input tokens as they were estimated before sending, with all that was learnt; None when that is not known."""
    expected_cached: int | None = None
    """Tokens that were expected to be read from the cache."""

    @property
    def speed(self) -> float | None:
        """Visible tokens a second from the first text on; None when it cannot be told."""
        from keytui.domain.progress import speed

        return speed(self.usage.output - self.usage.reasoning, self.seconds, self.first_token)


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent so far, USD."""

    conversation: Decimal
    today: Decimal
    tightest: Standing | None
    """The cap with least left; None when there is no cap."""


def compact(tokens: int) -> str:
    """A large number of tokens in few characters: ``9,204``, ``400k``, ``1.05M``."""
    if tokens >= 1_000_000:
        return f"{tokens / 1_000_000:.2f}".rstrip("0").rstrip(".") + "M"
    if tokens >= 100_000:
        return f"{tokens / 1_000:.0f}k"
    return f"{tokens:,}"


SURE = {Exactness.EXACT: "", Exactness.ASSUMED: "encoding assumed", Exactness.ROUGH: "encoding guessed"}
"""What is said beside figures of a model whose encoding is not known for certain."""


def _beside(last: LastAnswer) -> str:
    """The estimate beside the bill, where they differ."""
    if last.estimated is None or last.usage.mark is not Mark.BILLED:
        return ""
    return f" (~{last.estimated:,})" if last.estimated != last.usage.input else " = estimate"


def _against(expected: int | None, real: int) -> str:
    """What was expected, where it came otherwise."""
    return f" (~{expected:,})" if expected is not None and expected != real else ""


class Facts:
    """Each list as its rows: names on the left, figures on the right."""

    def __init__(self, width: int, *, ascii_only: bool) -> None:
        """``width`` is in cells."""
        self._width, self._ascii_only = width, ascii_only

    def _figure(self, name: str, value: str, style: str = "") -> Content:
        gap = max(1, self._width - len(name) - len(value))
        return Content.assemble((name, "$dim"), " " * gap, (value, style))

    def _head(self, name: str, value: str = "") -> Content:
        gap = max(1, self._width - len(name) - len(value))
        return Content.assemble((name, "bold"), " " * gap, (value, "$dim"))

    def context(self, meter: Meter) -> list[Content]:
        """How full the model's context will be."""
        if meter.window is None or meter.full is None:
            return [
                self._head("Context"),
                self._figure("to be sent", tokens(meter.input, meter.mark)),
                self._figure("limit", "not known" if meter.priced else "…"),
            ]
        style = "$error" if meter.full >= 1 else "$warning" if meter.full >= 0.8 else "$accent"
        share, sign = f"{meter.full * 100:.1f} %", "" if meter.mark is Mark.COUNTED else "~"
        gauge = self._width - len(share) - 1
        return [
            self._head("Context", f"{sign}{compact(meter.input)} of {compact(meter.window)}"),
            bar(meter.full, max(gauge, 4), style=style, ascii_only=self._ascii_only) + Content(f" {share}"),
        ]

    def next_message(self, meter: Meter) -> list[Content]:
        """What will be sent, and what it costs."""
        draft = "…" if meter.draft is None else f"~{meter.draft:,}"
        least = "…" if not meter.priced else dollars(meter.least.total if meter.least else None)
        most = "…" if not meter.priced else dollars(meter.output_cost)
        rows = [
            self._head("This message", SURE[meter.exactness]),
            self._figure("draft", draft),
            self._figure("history", f"~{meter.history:,}"),
            self._figure("message format", f"~{meter.overhead:,}"),
        ]
        if meter.learnt:
            rows.append(self._figure("learnt so far", f"{meter.learnt:+,}"))
        if meter.counted is not None:
            rows.append(self._figure("to be sent", tokens(meter.counted, meter.mark), "bold"))
        if not meter.draft:
            return rows  # what an empty message would cost is nobody's question
        return [*rows, self._figure("cost in", least), self._figure("out, at most", most)]

    def cache(self, meter: Meter, clock: str) -> list[Content]:
        """What the next request may expect of the cache, how long that still lasts, and what it is worth."""
        cache, money = meter.cache, meter.cache_price
        if cache.state is State.WARM:
            rows = [self._head("Cache", clock), self._figure("expected", f"~{meter.cached:,}")]
        else:
            rows = [self._head("Cache", cache.state.value)]
            if meter.input < THRESHOLD:
                rows.append(self._figure(f"begins at {THRESHOLD:,}", f"~{THRESHOLD - meter.input:,} to go"))
        if cache.lost:
            rows.append(self._figure("lost by the edit", f"~{cache.lost:,}", "$warning"))
            if money.lost is not None:
                rows.append(self._figure("dearer by", dollars(money.lost), "$warning"))
        if money.surcharge:
            rows.append(self._figure("writing adds", dollars(money.surcharge)))
            times = "1 reading" if money.reads == 1 else f"{money.reads} readings"
            rows.append(self._figure("paid for after", times))
        return rows

    def spent(self, spent: Spent) -> list[Content]:
        """What was spent."""
        rows = [
            self._head("Spent"),
            self._figure("conversation", dollars(spent.conversation)),
            self._figure("today", dollars(spent.today)),
        ]
        if (tightest := spent.tightest) is not None:
            style = "" if tightest.left else "$error"
            rows.append(self._figure(f"left of {tightest.cap.scope.value} cap", dollars(tightest.left), style))
        return rows

    def coming(self, progress: Progress, asked: Meter | None) -> list[Content]:
        """The answer that comes, row for row where it will be told of when it has come."""
        # Once there is text to read, nobody counts the seconds any more.
        since = "" if progress.phase == "writing" else f" {progress.seconds:.0f} s"
        lines = [self._head("This answer", progress.phase + since)]
        if asked is not None:
            lines.append(self._figure("in", tokens(asked.input, asked.mark)))
            lines.append(self._figure("of that cached", f"~{asked.cached:,}"))
        lines.append(self._figure("out", f"~{progress.output:,}"))
        if asked is not None:
            cost = asked.so_far(progress.output)
            lines.append(self._figure("cost so far", "$?" if cost is None else f"~{dollars(cost)}"))
        speed = "…" if progress.speed is None else f"{progress.speed:,.0f} tok/s"
        first = "…" if progress.first_token is None else f"{progress.first_token:.1f} s"
        return [*lines, self._figure("speed", speed), self._figure("first text after", first)]

    def last(self, last: LastAnswer) -> list[Content]:
        """What the last answer took."""
        usage = last.usage
        billed = usage.mark is Mark.BILLED
        sign = "" if billed else "~"
        lines = [
            self._head("Last answer", "billed" if billed else "estimate"),
            self._figure("in", f"{sign}{usage.input:,}{_beside(last)}"),
            self._figure("of that cached", f"{sign}{usage.cached:,}{_against(last.expected_cached, usage.cached)}"),
            self._figure("out", f"{sign}{usage.output:,}"),
        ]
        if usage.reasoning:
            lines.append(self._figure("of that reasoning", f"{usage.reasoning:,}"))
        lines.append(self._figure("cost", "$?" if last.cost is None else sign + dollars(last.cost), "bold"))
        if last.speed is not None:
            lines.append(self._figure("speed", f"{last.speed:,.0f} tok/s"))
        if last.first_token is not None:
            lines.append(self._figure("first text after", f"{last.first_token:.1f} s"))
        return lines
