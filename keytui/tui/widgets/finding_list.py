"""What an examination of this machine found, one thing after the other."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from keytui.domain.findings import Finding, State

SIGNS = {
    State.GOOD: ("✓", "$success"),
    State.NOTED: ("!", "$warning"),
    State.BAD: ("✗", "$error"),
    State.SKIPPED: ("–", "$dim"),
}
"""Sign and colour."""
_COLUMN = 18


class FindingList(Widget):
    """A sign, a name and a detail for each; below what is wrong stands what to do."""

    DEFAULT_CSS = """
    FindingList {
        height: auto;
        width: 1fr;
    }
    """

    findings: reactive[tuple[Finding, ...]] = reactive((), layout=True)

    def render(self) -> Content:
        """All findings."""
        return Content("\n").join(self._rows(max(30, self.content_size.width or self.size.width)))

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many rows as the wrapped lines take."""
        return max(1, len(self._rows(max(30, width))))

    def _rows(self, width: int) -> list[Content]:
        rows: list[Content] = []
        for finding in self.findings:
            sign, style = SIGNS[finding.state]
            wrong = finding.state in (State.BAD, State.NOTED)
            indent = _COLUMN + 3
            name = finding.name if len(finding.name) <= _COLUMN else finding.name[: _COLUMN - 1] + "…"
            head = Content.assemble((f"{sign} ", f"bold {style}"), f"{name:<{indent - 2}}")
            detail = Content.styled(finding.detail or "", "" if wrong else "$dim")
            parts = detail.wrap(width - indent) if finding.detail else [Content("")]
            rows += [Content.assemble(head, parts[0]), *(Content.assemble(" " * indent, part) for part in parts[1:])]
            for words in (finding.remedy, finding.page) if wrong else ():
                if words:
                    rows += [Content.assemble(" " * indent, part) for part in Content(words).wrap(width - indent)]
        return rows
