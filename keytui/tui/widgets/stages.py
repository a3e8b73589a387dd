"""The stages of a check, each with its tick, its time and its note."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from keytui.domain.probe import StageResult, Verdict

SIGNS = {
    Verdict.PASSED: ("✓", "$success"),
    Verdict.FAILED: ("✗", "$error"),
    Verdict.SKIPPED: ("–", "$dim"),
    Verdict.WARNED: ("!", "$warning"),
}
ONE_LINE = 60
"""Cells from which all notes have a column of their own."""
NARROW = 44
"""Cells that a stage takes at most where they have none; the time is at its end."""


class Stages(Widget):
    """A list that grows while a check runs; the trouble and its remedy stand below the stage that failed."""

    DEFAULT_CSS = """
    Stages {
        height: auto;
        width: 1fr;
    }
    """

    about = ""
    """The id of the key whose check is shown."""

    results: reactive[tuple[StageResult, ...]] = reactive((), layout=True)
    running: reactive[bool] = reactive(False, layout=True)

    def watch_results(self) -> None:
        """Nothing to say takes no room."""
        self.display = bool(self.results) or self.running

    def watch_running(self) -> None:
        """See ``watch_results``."""
        self.watch_results()

    def add(self, result: StageResult) -> None:
        """One more stage is done."""
        self.results = (*self.results, result)

    def restart(self, about: str = "") -> None:
        """Begin again; ``about`` is the id of the key that is checked."""
        self.results, self.running, self.about = (), True, about

    def render(self) -> Content:
        """All stages so far."""
        return Content("\n").join(self._rows(max(30, self.content_size.width or self.size.width)))

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """One row a stage, and what its note takes."""
        return len(self._rows(max(30, width)))

    def _rows(self, width: int) -> list[Content]:
        rows: list[Content] = []
        for result in self.results:
            sign, style = SIGNS[result.verdict]
            time = f"{result.seconds * 1000:,.0f} ms" if result.seconds >= 0.0005 else ""
            name = result.stage.value
            if result.verdict is Verdict.SKIPPED and len(name) + len(result.note) + 5 <= width:
                apart = f"{name:<36}" if width >= ONE_LINE else f"{name}: "
                rows.append(Content.styled(f"{sign} {apart}{result.note}", "$dim"))
                continue
            note = result.note if result.note != name else ""
            mark = Content.assemble((f"{sign} ", f"bold {style}"))
            if width >= ONE_LINE:
                head, said = mark + Content.assemble(f"{name:<24}", (f"{time:>9}", "$dim")), f"   {note}"
                beside = head.cell_length + cell_len(said) <= width
                rows.append(head + Content.styled(said, "$dim") if beside else head)
            else:
                end, said = min(width, NARROW), f"{name}  {note}"
                beside = mark.cell_length + cell_len(said) + len(time) + 1 <= end
                gap = end - mark.cell_length - cell_len(said if beside else name)
                words = Content.assemble(
                    name, (said[len(name) :] if beside else "", "$dim"), (f"{time:>{gap}}", "$dim")
                )
                rows.append(mark + words)
            told = [(note, "$dim")] if note and not beside else []
            if result.trouble is not None:
                told += [(result.trouble.title, "bold"), (result.trouble.remedy, "")]
            for text, look in told:
                rows += [Content.assemble("  ", part) for part in Content.styled(text, look).wrap(width - 2)]
        if self.running:
            rows.append(Content.styled("… checking", "$dim"))
        return rows
