"""Pages of the platform: name, full address, link; copied with a key, or shown as a QR code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from keytui.tui.private.clipboard import copy
from keytui.tui.screens.setup.marks import marks
from keytui.tui.screens.setup.qr import QrDialog


class Pages(Widget, can_focus=True):
    """A list of addresses. Each is shown whole, so that any terminal can select it."""

    ALLOW_SELECT = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "page", key_display="↑↓", show=False),
        Binding("down,j", "move(1)", "page", show=False),
        Binding("q", "code", "QR code", id="pages.code"),
        Binding("c", "copy", "copy", id="pages.copy"),
    ]

    at: reactive[int] = reactive(0)

    def __init__(
        self,
        pages: Sequence[tuple[str, str]],
        *,
        id: str | None = None,  # noqa: A002 - Textual's own word
    ) -> None:
        """``pages`` are (name, address)."""
        super().__init__(id=id)
        self.pages = tuple(pages)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """A row each."""
        return len(self.pages)

    def render(self) -> Content:
        """Names and addresses; the chosen one stands out when the list has the focus."""
        column = max(len(name) for name, _ in self.pages) + 1
        rows = []
        for number, (name, address) in enumerate(self.pages):
            here = number == self.at and self.has_focus
            sign = marks(self).after if here else " "
            rows.append(
                Content.assemble(
                    (f"{sign} ", "bold $accent"),
                    (name.ljust(column), "bold" if here else ""),
                    Content.styled(address, Style(link=address)).stylize("bold $accent" if here else "$accent"),
                )
            )
        return Content("\n").join(rows)

    @property
    def address(self) -> str:
        """The chosen page's address."""
        return self.pages[self.at][1]

    def action_move(self, by: int) -> None:
        """Choose another page."""
        self.at = min(max(self.at + by, 0), len(self.pages) - 1)

    def on_click(self, event: events.Click) -> None:
        """Choose the page under the mouse."""
        if 0 <= event.y < len(self.pages):
            self.at = event.y

    def action_code(self) -> None:
        """Show the page as a QR code."""
        self.app.push_screen(QrDialog(self.address))

    async def action_copy(self) -> None:
        """Put the address on the clipboard."""
        await hand_to_clipboard(self, self.address)


async def hand_to_clipboard(widget: Widget, text: str) -> None:
    """Copy a text by the best way there is, and say what became of it."""
    copied = await copy(widget.app, text)
    widget.app.notify(copied.words, markup=False, timeout=5)
