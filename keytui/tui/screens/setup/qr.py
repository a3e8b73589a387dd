"""A page's address as a QR code, for the phone beside an ssh session."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.style import Style
from textual.widgets import Static

QUIET = 2
"""Modules of empty border: the standard asks for four, cameras are content with two."""


def qr_rows(address: str, *, ascii_only: bool = False) -> list[str]:
    """The code as rows of text, dark modules drawn on light: two a character, or two characters each when ASCII."""
    import segno

    matrix = segno.make(address, error="l", boost_error=False, micro=False).matrix
    side = len(matrix) + 2 * QUIET
    dark = [[False] * side for _ in range(side + side % 2)]
    for row, modules in enumerate(matrix):
        for column, module in enumerate(modules):
            dark[row + QUIET][column + QUIET] = bool(module)
    if ascii_only:
        return ["".join("##" if module else "  " for module in row) for row in dark[:side]]
    pairs = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}
    rows = []
    for top, bottom in zip(dark[::2], dark[1::2], strict=True):
        rows.append("".join(pairs[pair] for pair in zip(top, bottom, strict=True)))
    return rows


class QrDialog(ModalScreen[None]):
    """The code, and the address below it. Any of enter, escape and q closes it."""

    CSS_PATH = "setup.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q", "close", "close")]

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def compose(self) -> ComposeResult:
        """Code and address; where the code does not fit, the address alone, and why."""
        with Vertical(id="qr"):
            yield Static(id="code", markup=False)
            address = Content.styled(self._address, Style(link=self._address))
            yield Static(Content.assemble(address, ("   esc closes", "$dim")), id="address", markup=False)

    def on_mount(self) -> None:
        """Draw the code when it fits."""
        self._draw()

    def on_resize(self) -> None:
        """Draw anew."""
        self._draw()

    def _draw(self) -> None:
        ascii_only = bool(getattr(self.app, "ascii_only", False))
        rows = qr_rows(self._address, ascii_only=ascii_only)
        fits = len(rows) + 1 <= self.size.height and len(rows[0]) <= self.size.width
        code = self.query_one("#code", Static)
        code.set_class(fits, "-code")
        code.update("\n".join(rows) if fits else "The code needs a larger window; the address is below.")

    def action_close(self) -> None:
        """Back to the step."""
        self.dismiss(None)
