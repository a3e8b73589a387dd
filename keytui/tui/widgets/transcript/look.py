"""The styles of a transcript, taken from the style sheet once and handed to all that draw."""

from __future__ import annotations

from dataclasses import dataclass

from rich.style import Style


@dataclass(frozen=True, slots=True)
class Look:
    """Complete styles, background included."""

    text: Style
    dim: Style
    title: Style
    heading: Style
    code: Style
    """Code between backquotes."""
    block: Style
    """Code blocks."""
    link: Style
    warning: Style
    keyword: Style
    string: Style
    number: Style
    comment: Style
    name: Style

    def of_kind(self, kind: str) -> Style:
        """The style of a kind of code: ``keyword``, ``string``, ``number``, ``comment``, ``name``, or other."""
        match kind:
            case "keyword":
                return self.keyword
            case "string":
                return self.string
            case "number":
                return self.number
            case "comment":
                return self.comment
            case "name":
                return self.name
            case _:
                return self.block
