"""Step 1: what this machine already has, and the ways on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from keytui.domain.found import Found
from keytui.domain.setup import HAVE, NEED, PRACTISING, Progress, SetupResult, Step, ways
from keytui.tui.screens.setup.marks import Marks, marks
from keytui.tui.screens.setup.step import StepView


class YouStep(StepView):
    """Where the user stands."""

    HEADING: ClassVar[str] = "Where do you stand?"
    WHY: ClassVar[str] = (
        "Six short steps to a key that can do only what you need and cannot\n"
        "overspend. Enter takes what is proposed; you can leave at any time."
    )
    TOPIC: ClassVar[str] = "account"
    SKIPS: ClassVar[bool] = False

    def content(self) -> Iterable[Widget]:
        """What was found, then the choice."""
        self._ways = ways(practice=self.services.practice)
        self._chosen_by_user = self.progress.step is not Step.YOU or self.progress != Progress()
        yield Static("Found on this machine", classes="group", markup=False)
        yield Static("looking around …", id="found", markup=False)
        yield Static("Which is it?", classes="group", markup=False)
        yield OptionList(*(self._option(way.title, way.says) for way in self._ways), id="ways", compact=True)

    def _option(self, title: str, says: str) -> Option:
        return Option(Content.assemble((f"{title:<24}", "bold"), (says, "$dim")))

    def first_focus(self) -> Widget:
        """The list of ways."""
        return self.query_one("#ways", OptionList)

    def on_mount(self) -> None:
        """Propose a way, and look around."""
        self.query_one("#ways", OptionList).highlighted = self._proposed()
        self._look()

    def _proposed(self, found: Found | None = None) -> int:
        names = [way.name for way in self._ways]
        if self._chosen_by_user and self.progress.way in names:
            return names.index(self.progress.way)
        if self.services.practice:
            return names.index(PRACTISING.name)
        return names.index(HAVE.name if found and found.keys else NEED.name)

    @work(description="look around this machine")
    async def _look(self) -> None:
        found = await self.services.look_around()
        self.query_one("#found", Static).update(Content("\n").join(lines(found, marks(self))))
        options = self.query_one("#ways", OptionList)
        if options.highlighted == self._proposed():
            # Nobody has moved yet: what was found may change the proposal.
            options.highlighted = self._proposed(found)

    def so_far(self) -> Progress:
        """The chosen way."""
        at = self.query_one("#ways", OptionList).highlighted or 0
        way = self._ways[at]
        return self.progress if way.elsewhere else self.choose(way=way.name)

    async def go_on(self) -> None:
        """Take the chosen way; practising outside the practice service leads out of this walk."""
        at = self.query_one("#ways", OptionList).highlighted or 0
        if self._ways[at].elsewhere:
            self.post_message(self.Over(SetupResult(relaunch="practice")))
        else:
            await super().go_on()


def lines(found: Found, signs: Marks) -> list[Content]:
    """What was found, one line each: at most two keys, the keyring, the way out, the terminal."""
    told: list[tuple[bool, str, str]] = []
    for key in found.keys[:2]:
        shown = f" {signs.dots}{key.last4}" if key.last4 else ""
        told.append((True, "a key", f"{key.kind.value}{shown}: {key.where}"))
    if not found.keys:
        told.append((False, "no key", "neither in the environment nor in a .env file here"))
    elif len(found.keys) > 2:
        told[-1] = (True, "more keys", f"{len(found.keys) - 1} more, in files and programs of this machine")
    if found.keyring is not None:
        keyring = found.keyring
        told.append(
            (
                keyring.usable,
                "keyring" if keyring.usable else "no keyring",
                keyring.where if keyring.usable else keyring.reason,
            )
        )
    if found.proxies:
        proxy = found.proxies[0]
        told.append((True, "proxy", f"{proxy.address}, from {proxy.variable}"))
    if found.base_url:
        told.append((True, "base URL", f"{found.base_url}, from OPENAI_BASE_URL"))
    if found.ssh:
        told.append((True, "ssh", "you are on another machine: open pages here, or scan them with a phone"))
    rows = []
    for there, name, words in told:
        sign = (signs.done, "bold $accent") if there else (signs.left_out, "$dim")
        rows.append(Content.assemble(sign, f" {name:<12}", (words, "$dim")))
    return rows
