"""The one line above everything that is always true."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from keytui.domain.money import dollars
from keytui.tui.widgets.bar import bar


@dataclass(frozen=True, slots=True)
class Status:
    """What the status line says."""

    key_name: str | None = None
    last4: str = ""
    model: str = ""
    today: Decimal | None = None
    """USD; None while it is not known yet."""
    month: Decimal | None = None
    cap: Decimal | None = None
    unpriced: bool = False
    """Some requests of the month have no known price, so the sums are lower bounds."""
    mode: str = ""
    """``practice``, ``offline``, ``admin key in memory``: shown at the end, or nothing."""


class StatusLine(Widget):
    """Active key, model, and the month's spend against the cap."""

    DEFAULT_CSS = """
    StatusLine {
        height: 1;
        background: $panel;
        color: $foreground;
    }
    """

    status: reactive[Status] = reactive(Status())

    def render(self) -> Content:
        """As much as fits; what matters least goes first."""
        status, width = self.status, self.size.width
        left = Content.assemble((" keytui", "bold $accent"), "   ")
        if status.key_name:
            mask = "····" if not self.app.ascii_only else "...."  # type: ignore[attr-defined]
            left += Content.assemble(
                (status.key_name, "bold"), (f" {mask}{status.last4}" if status.last4 else "", "$dim")
            )
        else:
            left += Content.styled("no key yet", "$warning")
        if status.model:
            left += Content(f"   {status.model}")
        mode = Content.styled(f"  {status.mode} ", "bold $warning") if status.mode else Content(" ")
        for right in self._figures(status):
            gap = width - left.cell_length - right.cell_length - mode.cell_length
            if gap >= 2:
                return left + Content(" " * gap) + right + mode
        gap = width - left.cell_length - mode.cell_length
        return left + Content(" " * gap) + mode if gap >= 0 else left

    def _figures(self, status: Status) -> list[Content]:
        """The spend, from the widest way of saying it to the narrowest."""
        if status.month is None or status.today is None:
            return [Content("")]
        least = "≥ " if status.unpriced else ""
        today = Content.assemble(("today ", "$dim"), f"{least}{dollars(status.today)}")
        month = Content.assemble(("month ", "$dim"), f"{least}{dollars(status.month)}")
        if status.cap:
            share = float(status.month / status.cap)
            style = "$error" if share >= 1 else "$warning" if share >= 0.8 else "$accent"
            ascii_only: bool = self.app.ascii_only  # type: ignore[attr-defined]
            of = month + Content.assemble((" of ", "$dim"), dollars(status.cap))
            gauge = of + Content(" ") + bar(share, 10, style=style, ascii_only=ascii_only)
            return [today + Content("   ") + gauge, gauge, of, month]
        return [today + Content("   ") + month, month]
