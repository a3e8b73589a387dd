"""The check of a key while it runs: a line for each stage, then the trouble where it stopped."""

from __future__ import annotations

from dataclasses import replace

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from keytui.domain.probe import StageResult, Verdict
from keytui.tui.screens.setup.marks import Marks, marks

STAGE_COLUMN = 25
TIME_COLUMN = 9


class Check(Widget):
    """Each stage takes one row, so that all of them and a trouble fit in 80x24; a warning is never cut."""

    results: reactive[tuple[StageResult, ...]] = reactive((), layout=True)
    running: reactive[bool] = reactive(False, layout=True)

    def restart(self) -> None:
        """Begin again."""
        self.results, self.running = (), True

    def add(self, result: StageResult) -> None:
        """One more stage is done."""
        self.results = (*self.results, result)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """A row for each stage, and one while it runs."""
        return max(1, len(self._rows(width)) + self.running)

    def _shown(self) -> list[StageResult]:
        """Once it is over, stages that do not apply here make room for what there is to say."""
        return [result for result in self.results if self.running or result.verdict is not Verdict.SKIPPED]

    def render(self) -> Content:
        """The stages so far."""
        signs = marks(self)
        rows = self._rows(self.size.width)
        if self.running:
            rows.append(Content.styled(f"{signs.ahead} checking {signs.more}", "$dim"))
        return Content("\n").join(rows)

    def _rows(self, width: int) -> list[Content]:
        signs, rows = marks(self), []
        for result in self._shown():
            whole = result.verdict is Verdict.WARNED and len(result.note) > _room(width)
            rows.append(self._row(replace(result, note="") if whole else result, signs, width))
            if whole:
                wrapped = Content.styled(result.note, "$dim").wrap(max(1, width - 2))
                rows += [Content.assemble("  ", part) for part in wrapped]
        return rows

    def _row(self, result: StageResult, signs: Marks, width: int) -> Content:
        sign, look = {
            Verdict.PASSED: (signs.done, "bold $success"),
            Verdict.FAILED: (signs.wrong, "bold $error"),
            Verdict.SKIPPED: (signs.left_out, "$dim"),
            Verdict.WARNED: (signs.warned, "bold $warning"),
        }[result.verdict]
        time = f"{result.seconds * 1000:,.0f} ms" if result.seconds >= 0.0005 else ""
        stage = result.stage.value.ljust(STAGE_COLUMN)
        room, said = _room(width), result.note if result.note != result.stage.value else ""
        note = said if len(said) <= room else said[: max(0, room - 1)] + signs.more
        skipped = result.verdict is Verdict.SKIPPED
        return Content.assemble(
            (sign, look), " ", (stage, "$dim" if skipped else ""), (f"{time:>{TIME_COLUMN}}  ", "$dim"), (note, "$dim")
        )


def _room(width: int) -> int:
    """Cells of the column of notes."""
    return max(0, width - 2 - STAGE_COLUMN - TIME_COLUMN - 2)
