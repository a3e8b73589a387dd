"""What stands inside a paragraph: emphasis, code, links, as runs of styled text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.style import Style

from keytui.tui.widgets.transcript.look import Look
from keytui.tui.widgets.transcript.row import Run

if TYPE_CHECKING:
    from markdown_it.token import Token

_BARE = re.compile(r"https?://[^\s<>\"'`]+[^\s<>\"'`.,;:!?)\]}*_]")
_OPENABLE = ("https://", "http://", "mailto:")

BOLD = Style(bold=True)
ITALIC = Style(italic=True)
STRUCK = Style(strike=True)


def runs(tokens: Sequence[Token] | None, look: Look, base: Style | None = None) -> list[Run]:
    """The runs of an inline token's children, on a base style."""
    found: list[Run] = []
    styles = [base or look.text]
    address = ""
    for token in tokens or ():
        style = styles[-1]
        match token.type:
            case "text":
                found += [(token.content, style)] if address else _with_bare_links(token.content, style, look)
            case "code_inline":
                found.append((token.content, style + look.code))
            case "softbreak" | "hardbreak":
                found.append(("\n", style))
            case "strong_open":
                styles.append(style + BOLD)
            case "em_open":
                styles.append(style + ITALIC)
            case "s_open":
                styles.append(style + STRUCK)
            case "link_open":
                address = str(token.attrs.get("href", ""))
                styles.append(linked(style, address, look))
            case "link_close":
                styles.pop()
                address = ""
            case "strong_close" | "em_close" | "s_close":
                styles.pop()
            case "image":
                source = str(token.attrs.get("src", ""))
                found.append((token.content or source, linked(style, source, look)))
            case _:
                found.append((token.content, style))
    return [run for run in found if run[0]]


def linked(style: Style, address: str, look: Look) -> Style:
    """The style of a link; only addresses that a terminal may open safely can be clicked."""
    shown = style + look.link
    return shown + Style(link=address) if address.lower().startswith(_OPENABLE) else shown


def _with_bare_links(text: str, style: Style, look: Look) -> list[Run]:
    if "://" not in text:
        return [(text, style)]
    parts: list[Run] = []
    at = 0
    for match in _BARE.finditer(text):
        parts.append((text[at : match.start()], style))
        parts.append((match[0], linked(style, match[0], look)))
        at = match.end()
    return [*parts, (text[at:], style)]
