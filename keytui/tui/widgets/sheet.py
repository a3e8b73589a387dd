"""Names and values in two columns: the one way details are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sheet. With no value the name is a heading; with no name the value is a sentence on its own."""

    name: str = ""
    value: str = ""
    style: str = ""


class Sheet(Widget):
    """A quiet list of facts. Values wrap under themselves, so that nothing is ever cut off."""

    DEFAULT_CSS = """
    Sheet {
        height: auto;
        width: 1fr;
    }
    """

    lines: reactive[tuple[Line, ...]] = reactive((), layout=True)

    def __init__(self, lines: Sequence[Line] = (), *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.set_reactive(Sheet.lines, tuple(lines))

    def render(self) -> Content:
        """All lines."""
        width = max(20, self.content_size.width or self.size.width)
        return Content("\n").join(self._wrapped(width))

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many rows as the wrapped lines take."""
        return max(1, len(self._wrapped(max(20, width))))

    def _wrapped(self, width: int) -> list[Content]:
        column = max((len(line.name) for line in self.lines if line.name and line.value), default=0) + 2
        rows: list[Content] = []
        for line in self.lines:
            if line.name and not line.value:
                rows.append(Content.styled(line.name, "bold"))
                continue
            indent = column if line.name else 0
            value = Content.styled(line.value, line.style) if line.style else Content(line.value)
            wrapped = value.wrap(max(10, width - indent)) if line.value else [Content("")]
            for number, part in enumerate(wrapped):
                name = line.name.ljust(indent) if number == 0 else " " * indent
                rows.append(Content.assemble((name, "$dim"), part))
        return rows
