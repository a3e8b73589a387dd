"""The footer: as many keys as fit, and always the way out and help."""

from __future__ import annotations

from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType

from keytui.tui.widgets.key_bar import KeyBar


class Keys(App[None]):
    """Nothing but a footer, and keys for it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "app.bell", "first"),
        Binding("b", "app.clear_notifications", "second, long"),
        Binding("c", "app.suspend_process", "3rd"),
        Binding("escape", "app.back", "leave"),
        Binding("f1", "app.show_help_panel", "help"),
    ]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The one colour that the footer takes from keytui's themes."""
        return {"dim": "#808080"}

    def compose(self) -> ComposeResult:
        """The footer."""
        yield KeyBar()


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (80, "a first  b second, long  c 3rd  f1 help  esc leave"),
        (51, "a first  b second, long  c 3rd  f1 help  esc leave"),
        (50, "a first  b second, long  f1 help  esc leave"),
        (43, "a first  f1 help  esc leave"),
        (28, "a first  f1 help  esc leave"),
        (27, "f1 help  esc leave"),
        (10, "f1 help  esc leave"),
    ],
)
async def test_the_way_out_and_help_are_shown_however_narrow_the_line_is(width: int, line: str) -> None:
    app = Keys()
    async with app.run_test(size=(width, 5)):
        assert app.query_one(KeyBar).render().plain.strip() == line
