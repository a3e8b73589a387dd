"""How a step says what came out: a sentence with its sign; a trouble with what to do now, and the page to go to."""

from __future__ import annotations

from typing import Literal

from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from keytui.domain.troubles import Trouble
from keytui.tui.screens.setup.marks import marks

Mood = Literal["", "wrong", "warned", "done"]


def told(trouble: Trouble) -> Content:
    """The title, the remedy below it, and the page as a link."""
    said = Content.assemble((trouble.title, "bold"), "\n", trouble.remedy)
    if trouble.page:
        said += Content("\n") + Content.styled(trouble.page, Style(link=trouble.page)).stylize("$accent")
    return said


def signed(widget: Widget, said: str | Content, mood: Mood = "") -> Content:
    """A sentence, behind the sign of how it is meant."""
    signs = marks(widget)
    sign, look = {
        "": ("", ""),
        "wrong": (f"{signs.wrong} ", "bold $error"),
        "warned": (f"{signs.warned} ", "bold $warning"),
        "done": (f"{signs.done} ", "bold $success"),
    }[mood]
    return Content.assemble((sign, look), said) if said else Content("")
