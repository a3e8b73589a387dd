"""The bill explained: what the platform counted and charged beside the ledger, read with an admin key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from textual import work
from textual.content import Content
from textual.widgets import Static

from keytui.domain.admin import AdminPort
from keytui.domain.bill.lines import BillGroup, BillSum, Reason, summed
from keytui.domain.bill.reading import BillReading, Platform, read_bill, read_platform
from keytui.domain.chat import Refused
from keytui.domain.keys import OPENAI_BASE_URL, StoreUnreadable, VaultTrouble
from keytui.domain.ledger import Entry, Ledger
from keytui.domain.money import column, dollars, points_below
from keytui.domain.pricing import ZERO
from keytui.tui.background import in_background
from keytui.tui.messages import EntryBooked
from keytui.tui.panes.admin_key import admin_for
from keytui.tui.panes.costs import words
from keytui.tui.panes.costs.figures import Asked
from keytui.tui.panes.costs.view import CostsView
from keytui.tui.widgets.bill_view import BillView, Step
from keytui.tui.widgets.rows import Rows

BILL_GROUPS: tuple[BillGroup, ...] = ("day", "project", "key")


class CostsBill(CostsView):
    """What the costs pane does with an admin key. The key is let go of when the view is left."""

    _admin: AdminPort | None = None
    _reading: BillReading | None = None
    _bill_group: BillGroup = "day"

    @property
    def can_take_over(self) -> bool:
        """Whether the bill in sight has anything that the ledger has not."""
        return self.view == "bill" and self._reading is not None and bool(self._reading.missing)

    async def on_unmount(self) -> None:
        """Let go of the admin key."""
        await self._close_bill()

    async def open_admin(self, *, ask: bool = True) -> AdminPort | None:
        """The organisation of the key looked at or in use, as ``admin_for`` finds it."""
        key = self.only or self.key
        return await admin_for(self, key.base_url if key else OPENAI_BASE_URL, key, ask=ask)

    async def _close_bill(self) -> None:
        admin, self._admin, self._reading = self._admin, None, None
        if admin is not None:
            await admin.close()

    def next_bill_group(self) -> None:
        """Show the bill by the next of day, project and key."""
        self._bill_group = BILL_GROUPS[(BILL_GROUPS.index(self._bill_group) + 1) % len(BILL_GROUPS)]
        self._draw_bill()

    @work(group="bill", exclusive=True, description="leave the bill")
    async def leave_bill(self) -> None:
        """Let go of the admin key: the view is left."""
        await self._close_bill()

    @work(group="bill", exclusive=True, description="read the bill")
    async def read_bill(self) -> None:
        """Ask the platform and explain what it says, for the month in sight."""
        self._reading = None
        self._draw_bill()
        try:
            if self._admin is None:
                self._admin = await self.open_admin()
            if self._admin is None:
                self.view = "table"
                return
            self._say_bill("Reading the platform's figures …")
            await self._explain(self._admin)
        except Refused as refused:
            self._say_bill(f"{refused.trouble.title} {refused.trouble.remedy}", "$error")
        except (VaultTrouble, StoreUnreadable) as trouble:
            self._say_bill(str(trouble), "$error")

    async def _explain(self, admin: AdminPort) -> None:
        today, month = self._today(), self.month or self._today().replace(day=1)
        until = min(Asked(today, month).last, max(today, self.services.now().astimezone(UTC).date()))
        platform = await read_platform(admin, admin.base_url, month, until)
        ledger = await self.services.ledger()
        self._reading = await in_background(self._explained, platform, ledger)
        self._draw_bill()
        self.refresh_bindings()

    def _explained(self, platform: Platform, ledger: Ledger) -> BillReading:
        return read_bill(platform, ledger, self._records(), self.services.now())

    @work(group="take-over", exclusive=True, description="take over what was spent elsewhere")
    async def take_over(self) -> None:
        """Book what the ledger has not, after asking."""
        from keytui.tui.dialogs.confirm import ConfirmDialog

        if self._reading is None or not self._reading.missing:
            return
        missing = self._reading.missing
        amount = dollars(sum((entry.cost.total for entry in missing if entry.cost), ZERO))
        question = f"Book {amount} as spent elsewhere?"
        if not await self.app.push_screen_wait(
            ConfirmDialog(question, words.taking_over(len(missing)), yes="Book it", no="Not now")
        ):
            return
        ledger = await self.services.ledger()
        await in_background(_book, ledger, missing)
        if ledger.problem:
            self.notify(ledger.problem, severity="warning", markup=False, timeout=10)
        else:
            self.notify(f"{amount} booked as “elsewhere”.", markup=False, timeout=5)
        self.post_message(EntryBooked(missing[-1]))
        self.read_bill()

    # -- drawing ------------------------------------------------------------------------------------

    def _say_bill(self, sentence: str, style: str = "$dim") -> None:
        self.query_one(BillView).say(Content.styled(sentence, style))

    def _draw_bill(self) -> None:
        if not self.is_mounted:
            return
        view, reading = self.query_one(BillView), self._reading
        month = words.month_name(self.month or self._today().replace(day=1), self._today())
        title = Content.assemble(
            (f"The bill of {month} by {self._bill_group}", "bold"), ("  by UTC days, of all keys", "$dim")
        )
        view.query_one(".both .head", Static).update(title)
        if reading is None:
            view.query_one(Rows).fill((), ())
            view.explain(())
            return
        sums = summed(reading.bill, self._bill_group)
        figures = zip(
            column([one.charged for one in sums]),
            column([one.booked for one in sums]),
            points_below([_difference(one) for one in sums]),
            strict=True,
        )
        rows = [
            (one.label or "none", (words.bill_name(reading, self._bill_group, one.label), *row, _mostly(one)))
            for one, row in zip(sums, figures, strict=True)
        ]
        heads = [self._bill_group.capitalize(), "Charged", "Booked here", "Difference", "Mostly"]
        view.query_one(Rows).fill(heads, rows, droppable=["Mostly"], texts=["Mostly"])
        view.explain(_steps(reading))
        self._say_bill(self._plain(words.bill_foot(reading)))


def _difference(one: BillSum) -> str:
    difference = one.charged - one.booked
    return f"{'+' if difference > 0 else ''}{dollars(difference)}" if difference else "none"


def _mostly(one: BillSum) -> str:
    """What explains most of the difference."""
    return max(one.parts, key=lambda reason: abs(one.parts[reason])).value if one.parts else ""


def _steps(reading: BillReading) -> Sequence[Step]:
    """From what is booked here to what the platform charged."""
    bill = reading.bill
    between = [Step(reason.value, bill.parts[reason]) for reason in Reason if reason in bill.parts]
    return Step("booked here", bill.booked, whole=True), *between, Step("charged there", bill.charged, whole=True)


def _book(ledger: Ledger, entries: Sequence[Entry]) -> None:
    for entry in entries:
        ledger.book(entry)
