"""The plan as a checklist: what to do on which page, with the texts to enter there ready to copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from keytui.domain.checklist import Item
from keytui.domain.troubles.pages import address
from keytui.tui.screens.setup.marks import marks
from keytui.tui.screens.setup.pages import hand_to_clipboard
from keytui.tui.screens.setup.qr import QrDialog

LOW = 30
"""Rows of a screen below which there is not room for everything."""
ROWS = 11
"""Rows for items and texts on a screen of 24."""


class Checklist(Widget, can_focus=True):
    """Items above, the chosen one's page and texts below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "item", show=False),
        Binding("down,j", "move(1)", "item", show=False),
        Binding("space", "tick", "done", id="checklist.tick"),
        Binding("c", "copy", "copy", id="checklist.copy"),
        Binding("a", "copy_address", "copy address", id="checklist.address"),
        Binding("q", "code", "QR", id="checklist.code"),
    ]

    at: reactive[int] = reactive(0, layout=True)
    ticked: reactive[tuple[str, ...]] = reactive(())

    class Ticked(Message):
        """An item was ticked or its tick was taken away."""

        def __init__(self, ticked: tuple[str, ...]) -> None:
            super().__init__()
            self.ticked = ticked

    class Told(Message):
        """Something was said of an item: it needs room."""

    outcomes: reactive[Mapping[str, Content]] = reactive({}, layout=True)
    """What checks said, by the item's name; shown in place of its texts, which are entered by then."""

    def __init__(
        self,
        items: Sequence[Item],
        ticked: tuple[str, ...],
        *,
        id: str | None = None,  # noqa: A002 - Textual's own word
    ) -> None:
        super().__init__(id=id)
        self.items = tuple(items)
        open_items = [number for number, item in enumerate(self.items) if item.name not in ticked]
        self.set_reactive(Checklist.ticked, ticked)
        self.set_reactive(Checklist.at, open_items[0] if open_items else 0)
        self._next_entry = 0

    @property
    def item(self) -> Item:
        """The chosen item."""
        return self.items[self.at]

    def render(self) -> Content:
        """Items, then what belongs to the chosen one."""
        signs, item = marks(self), self.item
        rows = []
        for number, one in enumerate(self.items):
            here = number == self.at
            done = one.name in self.ticked
            rows.append(
                Content.assemble(
                    (f"{signs.after if here else ' '} ", "bold $accent"),
                    (f"{signs.done if done else signs.ahead}  ", "$accent" if done else "$dim"),
                    (one.title, "bold" if here else "$dim" if done else ""),
                )
            )
        there = address(item.page)
        rows += [
            Content(""),
            Content.styled(item.why, "$dim"),
            Content.styled(there, Style(link=there)).stylize("$accent"),
        ]
        if item.name in self.outcomes:
            return Content("\n").join([*rows, Content(""), self.outcomes[item.name]])
        column = max((len(label) for label, _ in item.entries), default=0) + 2
        width = max(20, self.size.width - column - 2)
        for number, ((label, _), lines) in enumerate(zip(item.entries, self._lines(item, width), strict=True)):
            sign = signs.after if self.has_focus and number == self._next_entry else " "
            for line, part in enumerate(lines):
                begins = (f"{sign} {label.ljust(column)}", "$dim") if not line else " " * (column + 2)
                rows.append(Content.assemble(begins, part))
        return Content("\n").join(rows)

    def _lines(self, item: Item, width: int) -> list[list[Content]]:
        """The lines of each text; where there is no room for all, the longest are cut: they are copied whole."""
        texts = [Content(text).wrap(width) for _, text in item.entries]
        room = ROWS - len(self.items) if self.app.size.height < LOW else LOW
        while sum(map(len, texts)) > room and max(map(len, texts)) > 1:
            longest = max(range(len(texts)), key=lambda number: len(texts[number]))
            first = str(texts[longest][0])
            texts[longest] = [Content(first[: width - 1].rstrip() + marks(self).more)]
        return texts

    def watch_at(self) -> None:
        """Another item: its first text is copied first, and another key may work."""
        self._next_entry = 0
        if self.is_attached:
            self.screen.refresh_bindings()

    def tell(self, item: Item, said: Content) -> None:
        """Show what a check says of an item."""
        self.outcomes = {**self.outcomes, item.name: said}
        self.post_message(self.Told())

    def action_move(self, by: int) -> None:
        """Choose another item."""
        self.at = min(max(self.at + by, 0), len(self.items) - 1)

    def action_tick(self) -> None:
        """Tick the item and go to the next one, or take the tick away."""
        name = self.item.name
        if name in self.ticked:
            self.ticked = tuple(one for one in self.ticked if one != name)
        else:
            self.ticked = (*self.ticked, name)
            self.action_move(1)
        self.post_message(self.Ticked(self.ticked))

    async def action_copy(self) -> None:
        """Copy the item's texts, one after the other."""
        if self.item.entries:
            await hand_to_clipboard(self, self.item.entries[self._next_entry][1])
            self._next_entry = (self._next_entry + 1) % len(self.item.entries)
            self.refresh()

    async def action_copy_address(self) -> None:
        """Copy the page's address."""
        await hand_to_clipboard(self, address(self.item.page))

    def action_code(self) -> None:
        """Show the page as a QR code."""
        self.app.push_screen(QrDialog(address(self.item.page)))

    def on_click(self, event: events.Click) -> None:
        """Choose the item under the mouse."""
        if 0 <= event.y < len(self.items):
            self.at = event.y
