"""Step 2: account and credit."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget
from textual.widgets import Static

from keytui.domain.account import AS_OF, FACTS, PAGES, SOURCE
from keytui.domain.troubles.pages import address
from keytui.tui.screens.setup.pages import Pages
from keytui.tui.screens.setup.step import StepView
from keytui.tui.widgets.sheet import Line, Sheet

TO_DO = "Sign up and buy credit on these pages, then press enter. Without a browser, q shows a code for your phone."


class AccountStep(StepView):
    """What must be there before a key is of use."""

    def content(self) -> Iterable[Widget]:
        """Facts, then pages."""
        yield Sheet([Line(fact.name, fact.sentence) for fact in FACTS], id="facts")
        yield Static("Pages", classes="group", markup=False)
        yield Pages([(name, address(page)) for name, page in PAGES], id="pages")
        note = f"As of {AS_OF.day} {AS_OF:%B %Y}, {SOURCE}."
        note = f"{'Practice: nothing to buy here.' if self.services.practice else TO_DO} {note}"
        yield Static(note, classes="note dim", markup=False)

    def first_focus(self) -> Widget:
        """The pages: enter goes on all the same."""
        return self.query_one("#pages", Pages)
