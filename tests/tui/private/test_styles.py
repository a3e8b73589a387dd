from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from textual.color import Color
from textual.css import stylesheet
from textual.widgets import Button

from keytui.adapters import paths
from keytui.tui.screens.setup.screen import SetupScreen
from keytui.tui.theme import LIGHT
from tests.support.stage import on_stage


async def test_a_stylesheet_is_read_once_whatever_is_opened(sealed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Counter[str]()
    parse = stylesheet.parse

    def counted(scope: str, css: str, read_from: tuple[str, str], **rest: Any) -> Iterable[Any]:
        if read_from[0].endswith(".tcss"):
            read[Path(read_from[0]).name] += 1
        return parse(scope, css, read_from, **rest)

    monkeypatch.setattr(stylesheet, "parse", counted)
    async with on_stage() as stage:
        await stage.ready()
        assert set(read) == {"app.tcss", "main.tcss", "playground.tcss", "buttons.tcss"}
        await stage.press("alt+1")
        await stage.until("not checked")
        await stage.press("alt+2", "f4")
        await stage.until("longest answer")
        await stage.press("escape")
        await stage.when(lambda: "longest answer" not in stage.text())
        await stage.press("f2")
        await stage.until("Where do you stand?")
    assert {"keys.tcss", "dialogs.tcss", "setup.tcss"} < set(read)
    assert set(read.values()) == {1}


async def test_the_chosen_look_is_there_from_the_start(sealed: Path) -> None:
    file = paths.find(practice=True).settings_file
    file.parent.mkdir(parents=True)
    file.write_text(f'theme = "{LIGHT.name}"\n')
    async with on_stage() as stage:
        app = stage.app
        assert app.theme == LIGHT.name
        assert app.has_class("-light-mode", f"-theme-{LIGHT.name}")
        assert not app.has_class("-dark-mode")
        assert app.screen.styles.background == Color.parse(str(LIGHT.background))


async def test_buttons_of_what_is_opened_at_once_look_like_all_others(sealed: Path) -> None:
    async with on_stage() as stage:
        await stage.app.push_screen(SetupScreen(stage.services))
        await stage.when(lambda: stage.services.keys.records(), "the practice key")
        assert {str(button.styles.min_width) for button in stage.app.screen.query(Button)} == {"0"}
