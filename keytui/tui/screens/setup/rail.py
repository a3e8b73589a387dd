"""Where the user is on the way: the six steps, told by sign and weight as well as by colour."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from keytui.domain.setup import Progress, Standing, Step
from keytui.tui.screens.setup.marks import marks

LOOKS = {
    Standing.DONE: ("$accent", "$foreground"),
    Standing.CURRENT: ("bold $accent", "bold $accent"),
    Standing.AHEAD: ("$dim", "$dim"),
    Standing.LEFT_OUT: ("$dim", "$dim"),
}


class Rail(Widget):
    """A column where there is room, a line where there is less, "2 of 6" where there is hardly any."""

    progress: reactive[Progress] = reactive(Progress())

    def render(self) -> Content:
        """The steps."""
        if self.size.height > 2:
            return self._column()
        line = self._line()
        return line if line.cell_length <= self.size.width else self._shortest()

    def _sign(self, step: Step) -> tuple[str, str, str]:
        """Sign, look of the sign, look of the name."""
        signs = marks(self)
        standing = self.progress.standing(step)
        sign = {
            Standing.DONE: signs.done,
            Standing.CURRENT: signs.current,
            Standing.AHEAD: signs.ahead,
            Standing.LEFT_OUT: signs.left_out,
        }[standing]
        return sign, *LOOKS[standing]

    def _column(self) -> Content:
        line = marks(self).line
        rows: list[Content] = []
        for step in Step:
            sign, sign_look, name_look = self._sign(step)
            if rows:
                rows.append(Content.styled(line, "$line"))
            rows.append(Content.assemble((sign, sign_look), "  ", (step.value, name_look)))
        return Content("\n").join(rows)

    def _line(self) -> Content:
        parts = []
        for step in Step:
            sign, sign_look, name_look = self._sign(step)
            parts.append(Content.assemble((sign, sign_look), " ", (f"{step.number} {step.value}", name_look)))
        return Content("   ").join(parts)

    def _shortest(self) -> Content:
        step = self.progress.step
        return Content.assemble((f"{step.number} of {len(Step)}", "$dim"), "  ", (step.value, "bold $accent"))
