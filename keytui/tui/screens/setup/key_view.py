"""What step 4 shows for a key by hand, phase by phase."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import ClassVar

from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Button, Static

from keytui.domain.addresses import is_loopback
from keytui.domain.keeping import Candidate, Checked
from keytui.domain.keys import KeyRecord
from keytui.domain.money import at_most
from keytui.domain.probe import worth_probing
from keytui.domain.setup_words import BY_HAND, words_of
from keytui.tui.screens.setup.check_part import CheckPart
from keytui.tui.screens.setup.paste_part import PastePart
from keytui.tui.screens.setup.phases import ByHand as Phase
from keytui.tui.screens.setup.place_row import PlaceRow
from keytui.tui.screens.setup.proved_list import ProvedList
from keytui.tui.screens.setup.step import StepButton, StepView


class KeyView(StepView):
    """The widgets and the phases; what is done in them is the step's."""

    GO_ON: ClassVar[str] = Phase.PASTE.value

    _phase = Phase.PASTE
    _candidate: Candidate | None = None
    _checked = Checked()
    _record: KeyRecord | None = None
    _most: Decimal | None = None
    """USD that a paid proof costs at most; None while there is none to offer."""

    def content(self) -> Iterable[Widget]:
        """All parts; one is shown at a time."""
        yield ProvedList(self.services, self.progress)
        yield Vertical(id="paste-place")
        yield CheckPart(self.services, PlaceRow(self.services))

    def more_ways(self) -> Iterable[Widget]:
        """What can be done about a trouble."""
        yield StepButton("Another key", id="another")
        yield StepButton("Try again", id="retry")
        yield StepButton("Keep it anyway", id="unverified")
        yield StepButton("Your proxy", id="own-route")
        yield StepButton("Prove the rest", id="prove")
        yield StepButton("List", id="list")

    def first_focus(self) -> Widget:
        """The checklist first when the key has still to be made."""
        return self._list if self._phase is Phase.LIST else self.query_one("#go-on", Button)

    @property
    def _list(self) -> ProvedList:
        return self.query_one(ProvedList)

    @property
    def _part(self) -> CheckPart:
        return self.query_one(CheckPart)

    @property
    def _place(self) -> PlaceRow:
        return self.query_one(PlaceRow)

    @property
    def _paste(self) -> PastePart:
        return self.query_one(PastePart)

    def _show(self, phase: Phase) -> None:
        self._phase = phase
        listing, pasting = phase is Phase.LIST, phase is Phase.PASTE
        self._list.display = listing
        self.query_one("#paste-place").display = pasting
        self.query_one("#check").display = not listing and not pasting
        self._place.display = phase is Phase.KEEP
        self.query_one("#why", Static).update(BY_HAND if listing else words_of(self.progress).why)
        self.query_one("#why").display = listing or pasting
        trouble = phase is Phase.TROUBLE
        refused = self._checked.refused
        again = listing and self._record is not None
        self.query_one("#another").display = again or (trouble and not refused)
        self.query_one("#list").display = phase is Phase.KEPT and self.progress.guided
        self.query_one("#retry").display = trouble and refused
        self.query_one("#own-route").display = trouble and self._proxy_may_help
        # A key that was not refused may be kept although its check did not come to an end.
        self.query_one("#unverified").display = trouble and not refused
        prove = self.query_one("#prove", Button)
        prove.display = phase is Phase.KEPT and self._most is not None
        prove.label = f"Prove it, {at_most(self._most)} at most"
        prove.refresh(layout=True)
        go_on = self.query_one("#go-on", Button)
        go_on.disabled = self.busy
        self.rename_go_on(Phase.KEPT.value if again else "Another key" if trouble and refused else phase.value)
        if listing:
            self._list.focus()
        elif not pasting:
            go_on.focus()
        elif self.query(PastePart):
            self._paste.focus_first()

    @property
    def _proxy_may_help(self) -> bool:
        """Whether the check stopped on a route that a proxy could be on; to this machine itself there is none."""
        trouble, candidate = self._checked.trouble, self._candidate
        if trouble is None or candidate is None or is_loopback(candidate.base_url):
            return False
        return worth_probing(trouble)

    @property
    def ready(self) -> bool:
        """Not while the check runs, nor before the paste is there."""
        return not self.busy and (self._phase is not Phase.PASTE or bool(self.query("PastePart #base-url")))

    @property
    def busy(self) -> bool:
        """While a check runs."""
        return self._phase in (Phase.CHECKING, Phase.PROVING) or self._list.busy
