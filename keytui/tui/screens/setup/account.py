"""Step 2: account and credit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from keytui.domain.account import AS_OF, FACTS, PAGES, SOURCE
from keytui.domain.troubles.pages import address
from keytui.tui.screens.setup.pages import Pages
from keytui.tui.screens.setup.step import StepView


class AccountStep(StepView):
    """What must be there before a key is of use."""

    HEADING: ClassVar[str] = "Account and credit"
    WHY: ClassVar[str] = (
        "A ChatGPT subscription does not include the API. The API belongs to a\n"
        "platform account and is paid from credit on it, message by message."
    )
    TOPIC: ClassVar[str] = "account"

    def content(self) -> Iterable[Widget]:
        """Facts, then pages."""
        column = max(len(fact.name) for fact in FACTS) + 2
        facts = [Content.assemble((fact.name.ljust(column), "bold"), fact.sentence) for fact in FACTS]
        yield Static(Content("\n").join(facts), id="facts", markup=False)
        yield Static("Pages", classes="group", markup=False)
        yield Pages([(name, address(page)) for name, page in PAGES], id="pages")
        note = f"As of {AS_OF.day} {AS_OF:%B %Y}, {SOURCE}."
        if self.services.practice:
            note = f"Practice: nothing to buy here. {note}"
        yield Static(note, classes="note dim", markup=False)

    def first_focus(self) -> Widget:
        """The pages: enter goes on all the same."""
        return self.query_one("#pages", Pages)
