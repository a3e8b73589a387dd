"""The checklist, whose items can be proved one by one with the key, once there is one."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import aclosing
from decimal import Decimal
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content

from keytui.domain.checklist import Item, checklist, proved
from keytui.domain.keys import KeyRecord, StoreUnreadable, VaultTrouble
from keytui.domain.money import at_most
from keytui.domain.probe import Stage, StageResult
from keytui.domain.proof import WOULD_PROVE
from keytui.domain.setup import Progress
from keytui.tui.dialogs.confirm import ConfirmDialog
from keytui.tui.screens.setup.checklist import Checklist
from keytui.tui.screens.setup.marks import marks
from keytui.tui.screens.setup.proving import most, outcome_of, stages_of
from keytui.tui.screens.setup.words import signed
from keytui.tui.services import Services

NO_KEY = "Proved with the key: once you have it, enter leads to where it is pasted."


class ProvedList(Checklist):
    """Ticks what a check has proved, and says beside an item why it is not."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "check", "check", tooltip="Let keytui prove it with the key.", id="checklist.check")
    ]

    record: KeyRecord | None = None
    """The key that proves; None while there is none."""
    busy = False
    """Whether an item is being proved."""

    def __init__(self, services: Services, progress: Progress) -> None:
        super().__init__(checklist(progress.plan), progress.ticked, id="checklist")
        self._services, self._model = services, progress.plan.default_model

    def take(self, results: Iterable[StageResult]) -> None:
        """What the stages of a check have proved needs no tick by the user."""
        self.ticked = tuple(dict.fromkeys((*self.ticked, *proved(self.items, results))))
        self.post_message(self.Ticked(self.ticked))

    def stop(self) -> None:
        """End the check."""
        self.workers.cancel_group(self, "prove")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only some items can be proved."""
        return action != "check" or self.item.proof is not None

    def action_check(self) -> None:
        """Have the chosen item proved."""
        if self.record is None:
            self.tell(self.item, Content.styled(NO_KEY, "$dim"))
        elif not self.busy:
            self._prove(self.item, self.record)

    @work(group="prove", exclusive=True, description="prove an item of the checklist")
    async def _prove(self, item: Item, record: KeyRecord) -> None:
        paid = item.proof is Stage.PAID
        if paid and not await self._affirmed(item, await most(self._services, record, self._model)):
            return
        self._begin_or_end(busy=True)
        self.tell(item, Content.styled(f"checking {marks(self).more}", "$dim"))
        said = signed(self, "The check was stopped.", "warned")
        try:
            async with aclosing(await stages_of(self._services, record, self._model, paid=paid)) as stages:
                results = [result async for result in stages]
            self.take(results)
            said = outcome_of(self, item, results)
        except (VaultTrouble, StoreUnreadable) as trouble:
            said = signed(self, str(trouble), "wrong")
        finally:
            if self.is_attached:
                self.tell(item, said)
                self._begin_or_end(busy=False)

    def _begin_or_end(self, *, busy: bool) -> None:
        self.busy = busy
        self.screen.refresh_bindings()

    async def _affirmed(self, item: Item, price: Decimal | None) -> bool:
        """Whether the tiny paid request is wanted, at its price."""
        if price is None:
            said = f"{self._model} answers no questions, or its price is not known: nothing is asked."
            self.tell(item, signed(self, said, "warned"))
            return False
        question = f"Ask {self._model} one tiny question, for {at_most(price)} at most?"
        dialog = ConfirmDialog(question, WOULD_PROVE, yes="Ask it", no="Leave it")
        return await self.app.push_screen_wait(dialog)
