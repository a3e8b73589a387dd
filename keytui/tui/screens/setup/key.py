"""Step 4: the key: made with a checklist where there is none, pasted, checked, kept."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import replace
from enum import Enum
from typing import ClassVar, cast

from textual import on, work
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from keytui.domain.checklist import checklist
from keytui.domain.keys import KeyRecord, Place, PlaceReport, StoreUnreadable, VaultTrouble
from keytui.domain.probe import Stage, Verdict
from keytui.domain.routes import host_of
from keytui.domain.secrets import Secret
from keytui.domain.setup import Progress
from keytui.tui.screens.setup.check import Check
from keytui.tui.screens.setup.checklist import Checklist
from keytui.tui.screens.setup.field import Row
from keytui.tui.screens.setup.keeping import Candidate, Checked, free_name, keep, known_as
from keytui.tui.screens.setup.marks import marks
from keytui.tui.screens.setup.paste_part import PastePart
from keytui.tui.screens.setup.picker import Picker
from keytui.tui.screens.setup.step import StepButton, StepView
from keytui.tui.screens.setup.words import told
from keytui.tui.widgets.secret_input import SecretInput


class Phase(Enum):
    """Where the step stands; the words are what enter does then."""

    LIST = "To the key"
    PASTE = "Check it"
    CHECKING = "Checking"
    TROUBLE = "Try again"
    KEEP = "Keep it"
    KEPT = "Continue"


WHY_LIST = (
    "Do this on the platform's pages, with the texts below; keytui changes nothing there. "
    "The last page shows the key, once: copy it, then go on and paste it."
)


class KeyStep(StepView):
    """Ends with a stored key, or without one when it is skipped."""

    HEADING: ClassVar[str] = "The key"
    WHY: ClassVar[str] = (
        "Whoever has the key can spend your money: it is hidden, checked, and kept where "
        "this machine keeps secrets. It goes to its own address, to no other."
    )
    TOPIC: ClassVar[str] = "safe"
    GO_ON: ClassVar[str] = Phase.PASTE.value

    _phase = Phase.PASTE
    _candidate: Candidate | None = None
    _checked = Checked()
    _record: KeyRecord | None = None

    def content(self) -> Iterable[Widget]:
        """All parts; one is shown at a time."""
        yield Checklist(checklist(self.progress.plan), self.progress.ticked, id="checklist")
        yield Vertical(id="paste-place")
        with_place = Row("Where", Picker([(Place.SESSION, "", "")], id="place"), id="place-row")
        yield Vertical(
            Static("", id="checked-key", markup=False),
            Check(),
            Static("", id="outcome", markup=False),
            with_place,
            id="check",
        )

    def more_ways(self) -> Iterable[Widget]:
        """What can be done about a trouble."""
        yield StepButton("Another key", id="another")
        yield StepButton("Try again", id="retry")
        yield StepButton("Keep it anyway", id="unverified")

    def first_focus(self) -> Widget:
        """The checklist first when the key has still to be made."""
        return self.query_one(Checklist) if self._phase is Phase.LIST else self.query_one("#go-on", Button)

    async def on_mount(self) -> None:
        """Begin with the list, or with the paste."""
        self._show(Phase.LIST if self.progress.guided else Phase.PASTE)
        self._prepare()

    @work(description="prepare the paste")
    async def _prepare(self) -> None:
        found = await self.services.look_around()
        address: str | None = None
        ready: Secret | None = None
        if self.services.practice:
            handed = await self.services.practice_keys()
            address, ready = handed.base_url, Secret(handed.api_key)
        try:
            records = self.services.keys.records()
        except StoreUnreadable as trouble:
            records = ()
            self._say(str(trouble), wrong=True)
        name = free_name(self.progress.plan.key.name, records)
        await self.query_one("#paste-place").mount(PastePart(found=found, name=name, address=address, ready=ready))
        if self._phase is Phase.PASTE:
            self._paste.focus_first()
        self.screen.refresh_bindings()

    @property
    def _paste(self) -> PastePart:
        return self.query_one(PastePart)

    # -- phases ---------------------------------------------------------------------

    def _show(self, phase: Phase) -> None:
        self._phase = phase
        listing, pasting = phase is Phase.LIST, phase is Phase.PASTE
        self.query_one(Checklist).display = listing
        self.query_one("#paste-place").display = pasting
        self.query_one("#check").display = not listing and not pasting
        self.query_one("#place-row").display = phase is Phase.KEEP
        self.query_one("#why", Static).update(WHY_LIST if listing else self.why)
        self.query_one("#why").display = listing or pasting
        trouble = phase is Phase.TROUBLE
        refused = self._checked.refused
        self.query_one("#another").display = trouble and not refused
        self.query_one("#retry").display = trouble and refused
        # A key that was not refused may be kept although its check did not come to an end.
        self.query_one("#unverified").display = trouble and not refused
        go_on = self.query_one("#go-on", Button)
        go_on.disabled = phase is Phase.CHECKING
        self.rename_go_on("Another key" if trouble and refused else phase.value)
        if listing:
            self.query_one(Checklist).focus()
        elif not pasting:
            go_on.focus()
        elif self.query(PastePart):
            self._paste.focus_first()

    @property
    def ready(self) -> bool:
        """Not while the check runs, nor before the paste is there."""
        return self._phase is not Phase.CHECKING and (self._phase is not Phase.PASTE or bool(self.query(PastePart)))

    @property
    def busy(self) -> bool:
        """While the check runs."""
        return self._phase is Phase.CHECKING

    def stop(self) -> None:
        """End the check."""
        self.workers.cancel_group(self, "check")
        self._show(Phase.PASTE)

    async def go_on(self) -> None:
        """What enter does, by phase."""
        if self._phase is Phase.LIST:
            self._show(Phase.PASTE)
        elif self._phase is Phase.PASTE:
            self._candidate = self._paste.candidate()
            if self._candidate is not None:
                self._check()
        elif self._phase is Phase.TROUBLE:
            if self._checked.refused:
                self._paste_another()
            else:
                self._check()
        elif self._phase is Phase.KEEP:
            self._keep()
        elif self._phase is Phase.KEPT:
            self.post_message(self.Finished(self.so_far()))

    def so_far(self) -> Progress:
        """Ticks, and the key once it is stored."""
        record = self._record
        key_id = record.id if record is not None else self.progress.key_id
        return self.choose(ticked=self.query_one(Checklist).ticked, key_id=key_id)

    # -- checking -------------------------------------------------------------------

    @work(group="check", exclusive=True, description="check a key")
    async def _check(self) -> None:
        candidate = self._candidate
        assert candidate is not None
        self._checked = Checked()
        self._show(Phase.CHECKING)
        self._say("")
        dots = marks(self).dots
        last4 = f" {dots}{candidate.secret.last4}" if candidate.secret.last4 else ""
        self.query_one("#checked-key", Static).update(
            Content.assemble((f"{candidate.words}{last4}", "bold"), ("  for ", "$dim"), host_of(candidate.base_url))
        )
        check = self.query_one(Check)
        check.restart()
        try:
            prober = await self.services.prober()
            stages = prober.key(candidate.secret, candidate.base_url, model=self.progress.plan.default_model)
            async with aclosing(stages):
                async for result in stages:
                    check.add(result)
                    if result.verdict is Verdict.FAILED:
                        self._checked = replace(self._checked, trouble=result.trouble)
                    elif result.stage is Stage.MODELS:
                        self._checked = replace(self._checked, accepted=True)
        finally:
            check.running = False
        if self._checked.trouble is not None:
            self.query_one("#outcome", Static).update(told(self._checked.trouble))
            self._show(Phase.TROUBLE)
        else:
            await self._offer_places()

    @on(Button.Pressed, "#another")
    def _another(self, message: Button.Pressed) -> None:
        message.stop()
        self._paste_another()

    def _paste_another(self) -> None:
        self.query_one(SecretInput).clear()
        self._show(Phase.PASTE)

    @on(Button.Pressed, "#retry")
    def _retry(self, message: Button.Pressed) -> None:
        message.stop()
        self._check()

    @on(Button.Pressed, "#unverified")
    async def _unverified(self, message: Button.Pressed) -> None:
        message.stop()
        await self._offer_places()

    # -- keeping ----------------------------------------------------------------------

    async def _offer_places(self) -> None:
        """Say where the key will be kept, before it is; or where it is already."""
        candidate = self._candidate
        assert candidate is not None
        try:
            known = await known_as(self.services.keys, candidate)
            reports = await self.services.keys.places()
        except (VaultTrouble, StoreUnreadable) as trouble:
            self._say(str(trouble), wrong=True)
            self._show(Phase.TROUBLE)
            return
        places = [(report.place, report.where, "") for report in reports if report.usable]
        if known is not None:
            where = _where(known.place, reports)
            self.query_one("#place", Picker).offer([(known.place, where, "")])
            self._keep(f"keytui has this key already, as “{known.name}”: {where}. Your choices are noted with it.")
            return
        if there := candidate.readable_there:
            assert there.place is not None
            places.insert(0, (there.place, f"where it is: {there.where}", ""))
        self.query_one("#place", Picker).offer(places)
        refusals = [report.reason for report in reports if not report.usable and report.place is Place.KEYRING]
        if refusals and places[0][0] is Place.SESSION:
            self._say(f"It will be forgotten when keytui ends. {refusals[0]}", warned=True)
        else:
            self._say("Nothing is stored yet.")
        self._show(Phase.KEEP)

    @work(group="keep", exclusive=True, description="keep a key")
    async def _keep(self, already: str = "") -> None:
        candidate = self._candidate
        assert candidate is not None
        place = cast("Place", self.query_one("#place", Picker).value)
        where = self.query_one("#place", Picker).words
        try:
            record = await keep(
                self.services, candidate, self.progress, place=place, name=self._paste.key_name, checked=self._checked
            )
        except (VaultTrouble, StoreUnreadable) as trouble:
            self._say(str(trouble), wrong=True)
            return
        self._record = record
        self._candidate = None
        self.query_one(SecretInput).clear()
        how = "It is read from there whenever it is needed." if place.read_only else "It was written and read back."
        self._say(already or f"Kept as “{record.name}”: {where}. {how}", done=True)
        self.post_message(self.Changed(self.so_far()))
        self._show(Phase.KEPT)

    def _say(self, sentence: str, *, wrong: bool = False, warned: bool = False, done: bool = False) -> None:
        signs = marks(self)
        sign, look = ("", "")
        if wrong:
            sign, look = f"{signs.wrong} ", "bold $error"
        elif warned:
            sign, look = f"{signs.warned} ", "bold $warning"
        elif done:
            sign, look = f"{signs.done} ", "bold $success"
        self.query_one("#outcome", Static).update(Content.assemble((sign, look), sentence))

    @on(Checklist.Ticked)
    def _ticked(self, message: Checklist.Ticked) -> None:
        message.stop()
        self.post_message(self.Changed(self.so_far()))


def _where(place: Place, reports: tuple[PlaceReport, ...]) -> str:
    """A place in the user's words."""
    return next((report.where for report in reports if report.place is place), place.value)
