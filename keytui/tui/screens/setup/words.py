"""How a trouble is told in a step: what it is, what to do now, and the page to go to."""

from __future__ import annotations

from textual.content import Content
from textual.style import Style

from keytui.domain.troubles import Trouble


def told(trouble: Trouble) -> Content:
    """The title, the remedy below it, and the page as a link."""
    said = Content.assemble((trouble.title, "bold"), "\n", trouble.remedy)
    if trouble.page:
        said += Content("\n") + Content.styled(trouble.page, Style(link=trouble.page)).stylize("$accent")
    return said
