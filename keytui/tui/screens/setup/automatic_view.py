"""What step 4 shows with an admin key, phase by phase."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from keytui.domain.admin_troubles import ASK_AN_OWNER
from keytui.domain.apply.events import Stuck
from keytui.domain.apply.unfinished import Unfinished
from keytui.domain.plan_rules import problem_of
from keytui.domain.troubles import Trouble
from keytui.tui.screens.setup.admin_part import AdminPart
from keytui.tui.screens.setup.marks import marks
from keytui.tui.screens.setup.phases import AUTOMATIC_WHY
from keytui.tui.screens.setup.phases import Automatic as Phase
from keytui.tui.screens.setup.plan_words import half_made, plan_sheet
from keytui.tui.screens.setup.plan_work import PlanWork
from keytui.tui.screens.setup.step import StepButton, StepView
from keytui.tui.screens.setup.words import Mood, signed
from keytui.tui.widgets.sheet import Sheet


class AutomaticView(StepView):
    """The widgets and the phases; what is done in them is the step's."""

    GO_ON: ClassVar[str] = Phase.PLAN.value

    _phase = Phase.PLAN
    _left: Unfinished | None = None
    _taking_back = False
    _prepared = False
    """Whether the admin key's part is there, with all that is in it."""
    _eager = False
    """Whether enter was pressed before that."""
    _stuck: Stuck | None = None
    _refusal: Trouble | None = None
    """Why the organisation could not be looked at with the admin key."""

    def content(self) -> Iterable[Widget]:
        """All parts; one or two are shown at a time."""
        yield Static("", id="headline", markup=False)
        yield Sheet(id="sheet")
        yield Vertical(id="admin-place")
        yield PlanWork(self.services)
        yield Static("", id="outcome", markup=False)

    def more_ways(self) -> Iterable[Widget]:
        """What can be done when it stops half way."""
        yield StepButton("Without it", id="without")
        yield StepButton("Take it back", id="undo")
        yield StepButton("Other key or place", id="other")

    def _show(self, phase: Phase) -> None:
        self._phase = phase
        shown = {
            "#sheet": phase in (Phase.PLAN, Phase.AGREE),
            "#admin-place": phase is Phase.ADMIN,
            "PlanWork": phase in (Phase.HALF_MADE, Phase.DOING, Phase.STUCK, Phase.UNDONE, Phase.MADE),
            "#headline": phase in (Phase.HALF_MADE, Phase.AGREE),
            "#without": phase is Phase.STUCK and self._can_go_without,
            "#undo": self._can_be_undone(phase),
            "#other": phase is Phase.STUCK,
            "#why": phase in AUTOMATIC_WHY,
        }
        for selector, display in shown.items():
            self.query_one(selector).display = display
        self.query_one("#why", Static).update(AUTOMATIC_WHY.get(phase, ""))
        for name in ("#back", "#skip"):
            self.query_one(name).display = phase not in (Phase.STUCK, Phase.DOING, Phase.LOOKING, Phase.MADE)
        if phase is Phase.PLAN:
            self._show_plan()
        elif phase is Phase.HALF_MADE:
            self._show_half_made()
        self._work.room = self._room
        self.query_one("#go-on", Button).disabled = self.busy
        self.rename_go_on(self._proposal)
        if phase is Phase.ADMIN:
            self._admin.focus_first()
        elif not self.busy:
            self.query_one("#go-on", Button).focus()

    @property
    def _proposal(self) -> str:
        """What enter does."""
        if self._phase is Phase.PLAN and problem_of(self.progress.plan):
            return "Back to the project"
        if self._left is not None and self._phase in (Phase.HALF_MADE, Phase.ADMIN):
            back = self._left.undoing or (self._phase is Phase.ADMIN and self._taking_back)
            return "Take it back" if back else "Finish it"
        return self._phase.value

    @property
    def _can_go_without(self) -> bool:
        return self._stuck is not None and not self._stuck.step.needed and not self._taking_back

    def _can_be_undone(self, phase: Phase) -> bool:
        if phase is Phase.HALF_MADE:
            return self._left is not None and not self._left.undoing
        return phase is Phase.STUCK and self._stuck is not None and not self._taking_back

    @property
    def _for_an_owner(self) -> bool:
        """Whether only an owner of the organisation can help now."""
        trouble = self._refusal if self._phase is Phase.ADMIN else None
        if self._phase is Phase.STUCK and self._stuck is not None:
            trouble = self._stuck.trouble
        return trouble is not None and trouble.id in ASK_AN_OWNER

    @property
    def _room(self) -> int:
        """Rows that the steps may take: a trouble and its remedy stand below them."""
        free = self.query_one("#content").size.height or 14
        return max(5, free - (2 if self._phase is Phase.HALF_MADE else 1 if self._phase is Phase.DOING else 5))

    def on_resize(self) -> None:
        """Another size, another room."""
        self._work.room = self._room

    def _show_plan(self) -> None:
        problem = problem_of(self.progress.plan)
        self.query_one(Sheet).lines = tuple(plan_sheet(self.progress.plan, more=marks(self).more))
        self._say(problem, "wrong" if problem else "")

    def _show_half_made(self) -> None:
        left = self._left
        assert left is not None
        self._headline(half_made(left))
        self._work.begin_with((*left.done, *left.not_done), done=left.done)
        self._say("")

    @property
    def _admin(self) -> AdminPart:
        return self.query_one(AdminPart)

    @property
    def ready(self) -> bool:
        """Not while something runs."""
        return not self.busy

    @property
    def busy(self) -> bool:
        """While the organisation is asked."""
        return self._phase in (Phase.LOOKING, Phase.DOING)

    # -- words ----------------------------------------------------------------------------

    @property
    def _work(self) -> PlanWork:
        return self.query_one(PlanWork)

    def _headline(self, sentence: str) -> None:
        self.query_one("#headline", Static).update(sentence)

    def _say(self, said: str | Content, mood: Mood = "") -> None:
        outcome = self.query_one("#outcome", Static)
        outcome.update(signed(self, said, mood))
        outcome.display = bool(said)
