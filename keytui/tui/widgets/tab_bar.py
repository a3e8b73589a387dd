"""The names of the panes, with the number key of each."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class TabBar(Widget):
    """One line of names; the active one stands out by weight and underline as well as by colour."""

    DEFAULT_CSS = """
    TabBar {
        height: 2;
        background: $background;
        border-bottom: solid $line;
    }
    """

    active: reactive[str] = reactive("")

    class Chosen(Message):
        """A name was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, names: Sequence[tuple[str, str]], *, id: str | None = None) -> None:  # noqa: A002
        """Take (name, title) pairs in the order of their number keys."""
        super().__init__(id=id)
        self._names = tuple(names)

    def render(self) -> Content:
        """The names."""
        parts: list[Content] = [Content(" ")]
        for number, (name, title) in enumerate(self._names, 1):
            if name == self.active:
                parts.append(Content.assemble((f"{number} ", "$accent"), (title, "bold underline $accent"), "   "))
            else:
                parts.append(Content.assemble((f"{number} {title}", "$dim"), "   "))
        return Content("").join(parts)

    def on_click(self, event: events.Click) -> None:
        """Choose the name under the mouse."""
        at = 1
        for name, title in self._names:
            width = len(title) + 5
            if at <= event.x < at + width:
                self.post_message(self.Chosen(name))
                return
            at += width
