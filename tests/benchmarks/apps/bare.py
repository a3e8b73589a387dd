"""The least a Textual app with a text field can be: what keytui's start and memory are measured against."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Footer, Header, TextArea


class Bare(App[None]):
    """Header, text field, footer."""

    TITLE = "Bare"

    def compose(self) -> ComposeResult:
        yield Header()
        yield TextArea()
        yield Footer()


if __name__ == "__main__":
    Bare().run()
