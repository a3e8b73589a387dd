"""Step 1: what this machine already has, and the ways on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.widget import Widget
from textual.widgets import Static

from keytui.domain.found import Found, told
from keytui.domain.setup import HAVE, NEED, PRACTISING, Progress, SetupResult, ways
from keytui.tui.screens.setup.marks import Marks, marks
from keytui.tui.screens.setup.step import StepView
from keytui.tui.screens.setup.way_list import WayList
from keytui.tui.widgets.sheet import Line, Sheet


class YouStep(StepView):
    """Where the user stands."""

    SKIPS: ClassVar[bool] = False

    def content(self) -> Iterable[Widget]:
        """What was found, then the choice."""
        self._ways = ways(practice=self.services.practice)
        yield Static("Found on this machine", classes="group", markup=False)
        yield Sheet([Line("", "looking around", "$dim")], id="found")
        yield Static("Which is it?", classes="group", markup=False)
        yield WayList(self._ways, id="ways")

    @property
    def _list(self) -> WayList:
        return self.query_one(WayList)

    def first_focus(self) -> Widget:
        """The list of ways."""
        return self._list

    def on_mount(self) -> None:
        """Propose a way, and look around."""
        self._list.at = self._proposed()
        self._look()

    def _proposed(self, found: Found | None = None) -> int:
        names = [way.name for way in self._ways]
        if self.progress != Progress() and self.progress.way in names:
            return names.index(self.progress.way)
        if self.services.practice:
            return names.index(PRACTISING.name)
        return names.index(HAVE.name if found and found.keys else NEED.name)

    @work(description="look around this machine")
    async def _look(self) -> None:
        found = await self.services.look_around()
        self.query_one("#found", Sheet).lines = tuple(lines(found, marks(self)))
        if self._list.at == self._proposed():
            # Nobody has moved yet: what was found may change the proposal.
            self._list.at = self._proposed(found)

    def so_far(self) -> Progress:
        """The chosen way."""
        way = self._list.way
        return self.progress if way.elsewhere else self.choose(way=way.name)

    async def go_on(self) -> None:
        """Take the chosen way; practising outside the practice service leads out of this walk."""
        if self._list.way.elsewhere:
            self.post_message(self.Over(SetupResult(relaunch="practice")))
        else:
            await super().go_on()


def lines(found: Found, signs: Marks) -> list[Line]:
    """What was found, a line each."""
    return [
        Line(f"{signs.done if there else signs.left_out} {name}", words)
        for there, name, words in told(found, lambda last4: f" {signs.dots}{last4}")
    ]
