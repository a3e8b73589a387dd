"""Applying a plan, or taking it back, in sight, a row for each step; it holds the admin key meanwhile."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from textual import work
from textual.message import Message

from keytui.domain.apply.events import Began, Done, Finished, Planned, Probed, Progress, Waiting
from keytui.domain.apply.events import Stuck as StuckAt
from keytui.domain.apply.run import Means
from keytui.domain.apply.unfinished import HalfMade, Unfinished
from keytui.domain.applying import apply, differences, undo
from keytui.domain.chat import Refused as RefusedThere
from keytui.domain.keys import FileState, KeyRecord, Place, StoreUnreadable, VaultTrouble
from keytui.domain.plan import SetupPlan
from keytui.domain.plan_lines import Difference
from keytui.domain.troubles import Trouble
from keytui.tui.dialogs.passphrase import open_file
from keytui.tui.screens.setup.admin_part import AdminGiven
from keytui.tui.screens.setup.step_list import State, StepList
from keytui.tui.services import Services


class PlanWork(StepList):
    """Works by itself and tells what came out; what is done about it is decided by the step."""

    class Held(Message):
        """An admin key is in memory, or not any more."""

        def __init__(self, held: bool) -> None:
            super().__init__()
            self.held = held

    class Compared(Message):
        """What applying would make or change."""

        def __init__(self, differences: tuple[Difference, ...]) -> None:
            super().__init__()
            self.differences = differences

    class Refused(Message):
        """The organisation cannot be asked with this key, or the new key cannot be kept there; nothing was changed."""

        def __init__(self, trouble: Trouble | str) -> None:
            super().__init__()
            self.trouble = trouble

    class Stuck(Message):
        """A step cannot be done."""

        def __init__(self, stuck: StuckAt) -> None:
            super().__init__()
            self.stuck = stuck

    class Ended(Message):
        """All is done; ``record`` is the stored key, None after taking back."""

        def __init__(self, record: KeyRecord | None) -> None:
            super().__init__()
            self.record = record

    class Another(Message):
        """Another plan was left half made: it comes first."""

        def __init__(self, left: Unfinished) -> None:
            super().__init__()
            self.left = left

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self._means: Means | None = None

    def held_for(self, base_url: str) -> bool:
        """Whether the admin key of this organisation is at hand."""
        return self._means is not None and self._means.admin.base_url == base_url

    async def let_go(self) -> None:
        """Forget the admin key."""
        means, self._means = self._means, None
        if means is not None:
            await means.admin.close()
            if self.is_attached:
                self.post_message(self.Held(False))

    async def on_unmount(self) -> None:
        """It is not kept longer than this is shown."""
        await self.let_go()

    def stop(self) -> None:
        """End what runs; what was begun is in the journal."""
        self.workers.cancel_group(self, "plan")

    # -- what it does -------------------------------------------------------------------

    @work(group="plan", exclusive=True, description="take an admin key")
    async def begin(self, given: AdminGiven, plan: SetupPlan, *, then: str) -> None:
        """Hold the key, and go on with ``then``: ``compare``, ``apply`` or ``undo``."""
        keys = self.services.keys
        try:
            if given.place is Place.FILE and then != "undo" and keys.file_state is not FileState.OPEN:
                if not await open_file(self.app, keys):
                    self.post_message(
                        self.Refused("The encrypted file stays closed: open it, or choose another place.")
                    )
                    return
                for sentence in await keys.heal():
                    self.app.notify(sentence, markup=False, timeout=15)
            secret = await keys.secret(given.key) if isinstance(given.key, KeyRecord) else given.key
        except (VaultTrouble, StoreUnreadable) as trouble:
            self.post_message(self.Refused(str(trouble)))
            return
        await self.let_go()
        self._means = await self.services.means(secret, given.base_url, given.place)
        self.post_message(self.Held(True))
        if then == "compare":
            self.compare(plan)
        elif then == "apply":
            self.apply(plan)
        else:
            self.undo()

    @work(group="plan", exclusive=True, description="compare a plan with what there is")
    async def compare(self, plan: SetupPlan) -> None:
        """Find out what applying would make or change."""
        try:
            found = await differences(plan, self._at_hand)
        except RefusedThere as refused:
            await self.let_go()
            self.post_message(self.Refused(refused.trouble))
        except (VaultTrouble, StoreUnreadable) as trouble:
            self.post_message(self.Refused(str(trouble)))
        else:
            self.post_message(self.Compared(found))

    @work(group="plan", exclusive=True, description="apply a plan")
    async def apply(self, plan: SetupPlan, without: frozenset[str] = frozenset()) -> None:
        """Apply it, or go on with it."""
        try:
            await self._follow(apply(plan, self._at_hand, without=without))
        except HalfMade as half_made:
            self.post_message(self.Another(half_made.unfinished))

    @work(group="plan", exclusive=True, description="take a plan back")
    async def undo(self) -> None:
        """Take it back."""
        await self._follow(undo(self._at_hand))

    @property
    def _at_hand(self) -> Means:
        assert self._means is not None
        return self._means

    async def _follow(self, progress: AsyncGenerator[Progress, None]) -> None:
        async with aclosing(progress) as events:
            async for event in events:
                self._take(event)

    def _take(self, event: Progress) -> None:
        match event:
            case Planned(steps):
                self.begin_with(steps)
            case Began(step):
                self.mark(step, State.NOW)
            case Probed(step, stage):
                self.mark(step, State.NOW, words=stage.stage.value)
            case Waiting(step, seconds, trouble):
                self.mark(step, State.NOW, words=f"again in {seconds:.0f} s: {trouble.title}")
            case Done(step, outcome, words):
                self.mark(step, State.DONE, outcome=outcome, words=words)
            case StuckAt(step=step):
                self.mark(step, State.WRONG)
                self.post_message(self.Stuck(event))
            case Finished(record):
                self.post_message(self.Ended(record))
