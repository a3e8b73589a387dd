"""The check of a key in set-up: a row a stage, a warning in full, at any width."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from keytui.domain.probe import Stage, StageResult, Verdict
from keytui.tui.screens.setup.check import Check

WARNING = "The key has 98 characters where about 164 are usual: copy it again if it is refused."
RESULTS = (
    StageResult(Stage.SHAPE, Verdict.WARNED, note=WARNING),
    StageResult(Stage.ANSWER, Verdict.PASSED, seconds=0.05, note=Stage.ANSWER.value),
    StageResult(Stage.MODELS, Verdict.PASSED, seconds=0.01, note="23 models"),
)


class CheckApp(App[None]):
    CSS = "Check { height: auto; }"

    def compose(self) -> ComposeResult:
        yield Check()


@pytest.mark.parametrize("width", [40, 80, 200])
async def test_a_warning_is_told_whole_and_a_name_only_once(width: int) -> None:
    app = CheckApp()
    async with app.run_test(size=(width, 24)) as pilot:
        check = app.query_one(Check)
        check.results = RESULTS
        await pilot.pause()
        rows = [row.text.rstrip() for row in app.screen._compositor.render_strips()[: check.size.height]]
        text = "\n".join(rows)
        assert WARNING in " ".join(text.split())
        assert text.count(Stage.ANSWER.value) == 1
        assert "23 models" in text or width == 40
        assert rows[-1].lstrip("✓ ").startswith(Stage.MODELS.value)
        assert all(len(row) <= width for row in rows)
        assert len(rows) == 3 or width < 200
