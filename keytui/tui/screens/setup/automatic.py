"""Step 4 with an admin key: the whole plan, then what it would change, then each step with a tick."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widgets import Button

from keytui.domain.addresses import host_of
from keytui.domain.admin_troubles import letter_to_owner
from keytui.domain.keeping import keep_admin_key
from keytui.domain.keys import KeyKind, KeyRecord, StoreUnreadable, VaultTrouble
from keytui.domain.places import places_here
from keytui.domain.plan import SetupPlan
from keytui.domain.plan_rules import problem_of
from keytui.domain.secrets import Secret
from keytui.domain.setup import Progress
from keytui.domain.troubles import Trouble
from keytui.tui.background import in_background
from keytui.tui.dialogs.place import PLACES
from keytui.tui.half_made import half_made_plan
from keytui.tui.screens.setup.admin_part import AdminGiven, AdminPart
from keytui.tui.screens.setup.automatic_view import AutomaticView
from keytui.tui.screens.setup.marks import marks
from keytui.tui.screens.setup.pages import hand_to_clipboard
from keytui.tui.screens.setup.phases import Automatic as Phase
from keytui.tui.screens.setup.plan_words import difference_sheet
from keytui.tui.screens.setup.plan_work import PlanWork
from keytui.tui.screens.setup.words import told
from keytui.tui.widgets.sheet import Sheet


class AutomaticStep(AutomaticView):
    """Ends with a stored key, with a plan that was taken back, or with one that is left half made and noted so."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "letter", "letter to owner", tooltip="Copy a letter that asks for it.", id="setup.letter")
    ]

    _given: AdminGiven | None = None
    _record: KeyRecord | None = None
    _without: frozenset[str] = frozenset()

    async def on_mount(self) -> None:
        """Begin with the plan, or with what was left half made."""
        self._show(Phase.PLAN)
        self._prepare()

    @work(description="prepare the admin key's step")
    async def _prepare(self) -> None:
        services, base_url, ready = self.services, None, None
        if services.practice:
            handed = await services.practice_keys()
            base_url, ready = handed.base_url, Secret(handed.admin_key)
        try:
            stored = tuple(record for record in services.keys.records() if record.kind is KeyKind.ADMIN)
        except StoreUnreadable as trouble:
            stored = ()
            self._say(str(trouble), "wrong")
        part = AdminPart(
            found=await services.look_around(),
            stored=stored,
            places=await places_here(services.keys, passing=services.practice),
            base_url=base_url,
            ready=ready,
        )
        await self.query_one("#admin-place").mount(part)
        self._prepared = True
        if not await self._take_stock() and self._eager:
            await self.go_on()

    async def _take_stock(self) -> bool:
        """Find out whether a plan was left half made, and say so; whether there is one."""
        try:
            self._left = await half_made_plan(self.services)
        except StoreUnreadable as trouble:
            self._say(str(trouble), "wrong")
            return False
        if self._left is not None:
            self._show(Phase.HALF_MADE)
        return self._left is not None

    def stop(self) -> None:
        """End what runs. What was begun is noted, and offered to be finished or taken back."""
        self._work.stop()
        if self._phase is Phase.LOOKING:
            self._show(Phase.ADMIN)
        else:
            self._stopped()

    @work(description="see what was left half made")
    async def _stopped(self) -> None:
        if not await self._take_stock():
            self._show(Phase.PLAN)

    def so_far(self) -> Progress:
        """The key once it is stored."""
        return self.progress if self._record is None else self.choose(key_id=self._record.id)

    # -- moving on ------------------------------------------------------------------

    async def go_on(self) -> None:
        """What enter does, by phase."""
        phase = self._phase
        if not self._prepared:
            self._eager = True
        elif phase is Phase.PLAN and problem_of(self.progress.plan):
            await self.run_action("screen.back")
        elif phase is Phase.PLAN:
            self._ask_for_admin_key()
        elif phase is Phase.HALF_MADE:
            self._go_to_work(back=self._left is not None and self._left.undoing)
        elif phase is Phase.ADMIN:
            self._take_admin_key()
        elif phase is Phase.AGREE:
            self._go_to_work(back=False)
        elif phase is Phase.STUCK:
            self._go_to_work(back=self._taking_back)
        elif phase is Phase.UNDONE:
            self._show(Phase.PLAN)
        elif phase is Phase.MADE:
            self.post_message(self.Finished(self.so_far()))

    def _ask_for_admin_key(self) -> None:
        self._say("")
        self._admin.fix(self._left.base_url if self._left else None)
        self._show(Phase.ADMIN)

    def _take_admin_key(self) -> None:
        self._given, self._refusal = self._admin.given(), None
        if self._given is None:
            return
        self._say("")
        if self._left is None:
            self._show(Phase.LOOKING)
            self._work.begin(self._given, self._plan, then="compare")
        else:
            self._show(Phase.DOING)
            self._work.begin(self._given, self._plan, then="undo" if self._taking_back else "apply")

    def _go_to_work(self, *, back: bool) -> None:
        """Apply the plan or take it back, wherever it stands; the admin key is asked for when it is not at hand."""
        self._taking_back = back
        if not self._given or not self._work.held_for(self._left.base_url if self._left else self._given.base_url):
            self._ask_for_admin_key()
            return
        self._say("")
        self._show(Phase.DOING)
        if back:
            self._work.undo()
        else:
            self._work.apply(self._plan, self._without)

    @property
    def _plan(self) -> SetupPlan:
        """The plan that this is about: one that was left half made comes first."""
        return self._left.plan if self._left else self.progress.plan

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The letter is offered where it helps."""
        return action != "letter" or self._for_an_owner

    async def action_letter(self) -> None:
        """Copy a letter that asks an owner for what the plan would have made."""
        await hand_to_clipboard(self, letter_to_owner(self._plan))

    @on(Button.Pressed, "#undo")
    def _undo_pressed(self, message: Button.Pressed) -> None:
        message.stop()
        self._go_to_work(back=True)

    @on(Button.Pressed, "#without")
    def _without_pressed(self, message: Button.Pressed) -> None:
        message.stop()
        assert self._stuck is not None
        self._without |= {self._stuck.step.name}
        self._go_to_work(back=False)

    @on(Button.Pressed, "#other")
    async def _other_pressed(self, message: Button.Pressed) -> None:
        message.stop()
        await self._let_go()
        await self._take_stock()
        self._ask_for_admin_key()

    # -- what came out ----------------------------------------------------------------

    @on(PlanWork.Compared)
    def _compared(self, message: PlanWork.Compared) -> None:
        message.stop()
        assert self._given is not None
        there = host_of(self._given.base_url)
        self.query_one(Sheet).lines = tuple(difference_sheet(message.differences))
        if message.differences:
            self._headline(f"At {there} this is to be made or changed, and nothing else:")
        else:
            self._headline(f"Everything is there as planned at {there}; only the key is looked for and checked.")
        self._show(Phase.AGREE)

    @on(PlanWork.Held)
    def _held(self, message: PlanWork.Held) -> None:
        message.stop()
        self.post_message(self.AdminKeyHeld(message.held))

    @on(PlanWork.Refused)
    def _refused(self, message: PlanWork.Refused) -> None:
        message.stop()
        self._show(Phase.ADMIN)
        # What is wrong needs the room of what was said before.
        self.query_one("#why").display = False
        self._admin.query_one("#remark").display = False
        trouble = message.trouble
        self._refusal = trouble if isinstance(trouble, Trouble) else None
        self.screen.refresh_bindings()
        self._say(told(trouble) if isinstance(trouble, Trouble) else trouble, "wrong")

    @on(PlanWork.Stuck)
    def _got_stuck(self, message: PlanWork.Stuck) -> None:
        message.stop()
        self._stuck = message.stuck
        self._show(Phase.STUCK)
        self._say(told(message.stuck.trouble))

    @on(PlanWork.Another)
    def _another(self, message: PlanWork.Another) -> None:
        message.stop()
        self._left = message.left
        self._show(Phase.HALF_MADE)

    @on(PlanWork.Ended)
    async def _ended(self, message: PlanWork.Ended) -> None:
        message.stop()
        given, record = self._given, message.record
        assert given is not None
        if record is None:
            said = "All of it is taken back. The platform archives projects, it deletes none."
        else:
            self._record = record
            self.progress = self.choose(plan=self._plan, key_id=record.id)
            said = await self._settle(record, given)
            self.post_message(self.Changed(self.so_far()))
        self._left, self._stuck, self._without = None, None, frozenset()
        await self._let_go()
        self._show(Phase.UNDONE if record is None else Phase.MADE)
        self._say(said, "done")

    async def _settle(self, record: KeyRecord, given: AdminGiven) -> str:
        """Make the new key the one in use, keep the admin key if that was wanted, and say where both are."""
        said = f"Kept as “{record.name}” {marks(self).dots}{record.last4}: {PLACES[record.place]}."
        try:
            await in_background(self.services.keys.activate, record.id)
            if given.keep and isinstance(given.key, Secret):
                kept = await keep_admin_key(
                    self.services.keys, given.key, given.base_url, place=given.place, now=self.services.now()
                )
                return f"{said} The admin key is kept there too, as “{kept.name}”."
        except (VaultTrouble, StoreUnreadable) as trouble:
            return f"{said} {trouble}"
        return f"{said} The admin key is forgotten."

    async def _let_go(self) -> None:
        """Forget the admin key, in the field as well."""
        self._given = None
        self._admin.forget()
        await self._work.let_go()
