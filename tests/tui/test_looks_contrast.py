"""Everything that is to be read can be read: at least 4.5:1 in both themes, and never by colour alone."""

from __future__ import annotations

import pytest
from rich.color import ColorTriplet
from textual.color import Color
from textual.theme import Theme

from keytui.tui.theme import DARK, LIGHT, TERMINAL
from tests.support.stage import Stage, on_stage

ENOUGH = 4.5
"""WCAG 2.1, 1.4.3, for text of any size."""

TEXTS = ("foreground", "dim", "text-muted", "text-disabled", "accent", "secondary", "warning", "error", "success")
GROUNDS = (
    "background", "surface", "panel", "boost", "input-selection-background", "screen-selection-background",
    "block-cursor-blurred-background",
)  # fmt: skip
SHAPES = "─━│┃╌┼┬┴├┤┌┐└┘╭╮╰╯╶╴▌▎▐█▓▒░▀▄▁▂▃▅▆▇▔▊▕·"
"""Lines and bars: they frame or repeat what a word or figure beside them says."""

themes = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)


def value(theme: Theme, name: str) -> Color:
    own = theme.variables.get(name) or getattr(theme, name)
    return Color.parse(own)


def ratio(one: Color, other: Color) -> float:
    """The contrast ratio of WCAG 2.1."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(color: Color) -> float:
    parts = [part / 255 for part in color.rgb]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@themes
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", TEXTS)
def test_text_stands_out_from_every_ground(theme: Theme, text: str, ground: str) -> None:
    assert ratio(value(theme, text), value(theme, ground)) >= ENOUGH


@themes
def test_the_cursor_of_a_list_can_be_read(theme: Theme) -> None:
    cursor, letters = value(theme, "block-cursor-background"), value(theme, "block-cursor-foreground")
    assert ratio(cursor, letters) >= ENOUGH


@themes
async def test_what_is_drawn_can_be_read(theme: Theme) -> None:
    async with on_stage(rate=100_000) as stage:
        stage.app.theme = theme.name
        await stage.ready()
        await stage.type("Which headers")
        await stage.press("enter")
        await stage.until("first text after")
        faint = faint_on(stage)
        for pane in ("1", "3", "4", "2"):
            await stage.press(f"alt+{pane}")
            await stage.pilot.pause(0.3)
            faint |= faint_on(stage)
        for screen, says in (("ctrl+g", "gpt-6"), ("ctrl+p", "Search for commands"), ("f2", "Which is it?")):
            await stage.press(screen)
            await stage.until(says)
            await stage.pilot.pause(0.3)
            faint |= faint_on(stage)
            await stage.press("escape")
    assert not faint


def faint_on(stage: Stage) -> set[tuple[str, str, str]]:
    """What the screen says too faintly, in which colours. A dialog's dimmed surroundings are not there to be read."""
    found = set()
    screen = stage.app.screen
    shown = screen.children[0].region if screen.is_modal else screen.region
    for row in screen._compositor.render_strips()[shown.y : shown.bottom]:
        for text, style, _ in row.crop(shown.x, shown.right):
            words = text.strip(SHAPES + " \n")
            if not words or style is None or style.color is None or style.bgcolor is None:
                continue
            front, back = style.color.get_truecolor(), style.bgcolor.get_truecolor(foreground=False)
            if style.reverse:
                front, back = back, front
            if ratio(as_color(front), as_color(back)) < ENOUGH:
                found.add((words, front.hex, back.hex))
    return found


def as_color(triplet: ColorTriplet) -> Color:
    return Color(*triplet)


async def test_a_conversation_follows_the_theme() -> None:
    async with on_stage(rate=100_000) as stage:
        await stage.ready()
        await stage.type("Which headers")
        await stage.press("enter")
        await stage.until("first text after")
        stage.app.theme = LIGHT.name
        await stage.pilot.pause(0.3)
        old = {value(DARK, name).hex.lower() for name in ("accent", "background", "dim", "foreground")}
        drawn = {
            colour.get_truecolor().hex.lower()
            for row in stage.app.screen._compositor.render_strips()
            for _, style, _ in row
            if style is not None
            for colour in (style.color, style.bgcolor)
            if colour is not None
        }
        assert not old & drawn


async def test_every_look_that_is_offered_can_be_taken() -> None:
    async with on_stage() as stage:
        await stage.ready()
        for name in stage.app.available_themes:
            stage.app.theme = name
            await stage.pilot.pause(0.01)
            stage.app.refresh_css()
        assert "~0 tokens" in stage.text()


async def test_a_lists_cursor_is_reversed_in_the_terminals_own_colours() -> None:
    """No pair of the terminal's colours can be read in every palette; its own two, exchanged, can."""
    async with on_stage() as stage:
        stage.app.theme = TERMINAL.name
        await stage.ready()
        await stage.press("ctrl+g")
        await stage.until("gpt-6-sol", "USD for a million tokens")
        assert [text.split()[0] for text in reversed_rows(stage)] == [stage.app.settings.default_model]
        await stage.press("up")
        assert [text.split()[0] for text in reversed_rows(stage)] == ["gpt-6-sol"]
        await stage.press("escape", "alt+1", "o")
        await stage.until("Organisation", "1 project")
        assert [text.split()[:3] for text in reversed_rows(stage)] == [["The", "whole", "organisation"]]


def reversed_rows(stage: Stage) -> list[str]:
    """What stands reversed in the dialog in front, row by row; a field's own cursor is no row."""
    screen = stage.app.screen
    shown = screen.children[0].region
    rows = [row.crop(shown.x, shown.right) for row in screen._compositor.render_strips()[shown.y : shown.bottom]]
    texts = ("".join(text for text, style, _ in row if style is not None and style.reverse) for row in rows)
    return [text for text in texts if len(text) > 1]
