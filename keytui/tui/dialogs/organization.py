"""The organisation as an admin key sees it: projects, their keys, what holds for them; revoking and limiting."""

from __future__ import annotations

import asyncio
from datetime import datetime
from decimal import Decimal
from time import monotonic
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from keytui.domain.admin import AdminPort
from keytui.domain.chat import Refused
from keytui.domain.key_edit import NotFitting
from keytui.domain.money import dollars
from keytui.domain.organization import Limits, OrganizationRow, Reading, limits, matching, read
from keytui.domain.settings import accepted
from keytui.tui.dialogs.confirm import ConfirmDialog
from keytui.tui.dialogs.form import FormDialog, FormField
from keytui.tui.services import Services
from keytui.tui.widgets.long_list import LongList
from keytui.tui.widgets.sheet import Line, Sheet

AT_LEAST = 0.2
"""Seconds between two drawings while the keys are read in."""


class OrganizationDialog(ModalScreen[None]):
    """Type to filter, arrows to move; what is under the cursor is explained at the side."""

    CSS_PATH = ["dialogs.tcss", "organization.tcss"]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", id="leave"),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "move(12)", show=False),
        Binding("pageup", "move(-12)", show=False),
        Binding("ctrl+r", "revoke", "revoke", priority=True, id="revoke"),
        Binding("ctrl+l", "limit", "spend limit", priority=True, id="spend-limit"),
    ]

    def __init__(self, services: Services, admin: AdminPort) -> None:
        super().__init__()
        self._services, self._admin = services, admin
        self._reading = Reading((), None, {})
        self._limits: dict[str, Limits | str] = {}
        """What holds for a project by its id, or why that cannot be read."""

    def compose(self) -> ComposeResult:
        """The filter, the rows, the side, and how far it was read."""
        with Vertical(id="dialog"):
            yield Static("Organisation", id="title", markup=False)
            yield Input(placeholder="type to filter projects, keys and owners", compact=True)
            with Horizontal(id="body"):
                yield LongList[OrganizationRow](self._line, id="rows")
                with VerticalScroll(id="side", can_focus=False):
                    yield Sheet(id="facts")
            yield Static("Reading the projects …", id="note", markup=False)

    def on_mount(self) -> None:
        """Read, while what is there already can be used."""
        self.query_one(LongList).can_focus = False
        self.query_one(Input).focus()
        self._read()

    async def on_unmount(self) -> None:
        """Let go of the admin key."""
        await self._admin.close()

    @work(group="read", exclusive=True, description="read the organisation")
    async def _read(self) -> None:
        drawn = 0.0
        try:
            async for reading in read(self._admin, self._services.now()):
                self._reading = reading
                if monotonic() - drawn >= AT_LEAST or reading.complete:
                    self._fill()
                    drawn = monotonic()
                # Keys that are pressed come first, however fast the answers arrive.
                await asyncio.sleep(0)
        except Refused as refused:
            self._say(f"{refused.trouble.title} {refused.trouble.remedy}", "$error")

    def _fill(self) -> None:
        rows = self._reading.rows()
        shown = matching(rows, self.query_one(Input).value)
        self.query_one(LongList).show(shown)
        projects, read_in = len(self._reading.projects), len(self._reading.keys)
        keys = len(rows) - projects
        how_far = "" if self._reading.complete else f", read from {read_in:,} of them so far"
        count = f"{len(shown):,} row{'' if len(shown) == 1 else 's'} shown"
        verbs = "ctrl+r revokes a key, ctrl+l changes a project's spend limit."
        self._say(f"{projects:,} projects, {keys:,} keys{how_far}; {count}. {verbs}")

    def _say(self, sentence: str, style: str = "$dim") -> None:
        self.query_one("#note", Static).update(Content.styled(sentence, style))

    def _line(self, row: OrganizationRow, width: int) -> Content:
        cost = "" if row.cost is None else dollars(row.cost)
        if row.key is None:
            left = Content.styled(row.project.name, "bold")
        else:
            owner = row.key.owner if row.key.owner_active else f"{row.key.owner}, who has left"
            used = f"used {_day(row.key.last_used)}" if row.key.last_used else "never used"
            left = Content.assemble(
                f"  {row.key.name or 'unnamed'}  ", (row.key.redacted, "$dim"), f"  {owner}  {used}"
            )
        left = left.truncate(max(8, width - len(cost) - 2), ellipsis=True)
        return left + Content(" " * max(1, width - left.cell_length - len(cost) - 1)) + Content(cost)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        self._fill()

    @on(LongList.Highlighted)
    def _highlighted(self) -> None:
        row: OrganizationRow | None = self.query_one(LongList).highlighted
        self.query_one("#facts", Sheet).lines = () if row is None else tuple(self._facts(row))
        if row is not None and row.project.id not in self._limits:
            self._look(row)

    @work(group="limits", exclusive=True, description="read what holds for a project")
    async def _look(self, row: OrganizationRow) -> None:
        try:
            self._limits[row.project.id] = await limits(self._admin, row.project)
        except Refused as refused:
            self._limits[row.project.id] = refused.trouble.title
        self._highlighted()

    def _facts(self, row: OrganizationRow) -> list[Line]:
        month = "not known" if row.cost is None else dollars(row.cost)
        key, project = row.key, row.project
        lines = [Line(key.name or "unnamed key") if key else Line(project.name)]
        if key is not None:
            lines += [
                Line("key", key.redacted),
                Line("owner", key.owner if key.owner_active else f"{key.owner}, no longer in the project"),
                Line("made", _day(key.created)),
                Line("last used", _day(key.last_used) if key.last_used else "never"),
                Line("expires", _day(key.expires) if key.expires else "never"),
                Line("this month", month),
                Line(),
                Line(project.name),
            ]
        project_cost = self._reading.cost(project.id)
        lines += [Line("id", project.id), Line("made", _day(project.created))]
        lines.append(Line("this month", "not known" if project_cost is None else dollars(project_cost)))
        held = self._limits.get(project.id)
        if held is None:
            return [*lines, Line("", "Reading its limits …", "$dim")]
        if isinstance(held, str):
            return [*lines, Line("", held, "$error")]
        return [*lines, *_held(held, project_cost)]

    def action_move(self, rows: int) -> None:
        """Move in the list without leaving the filter."""
        self.query_one(LongList).action_move(rows)

    def action_leave(self) -> None:
        """Close the view."""
        self.dismiss(None)

    @work(group="change", description="revoke a key on the platform")
    async def action_revoke(self) -> None:
        """Revoke the key under the cursor, after asking."""
        row: OrganizationRow | None = self.query_one(LongList).highlighted
        if row is None or row.key is None:
            self._say("Put the cursor on a key first.", "$warning")
            return
        question = f"Revoke {row.key.name or 'this key'} ({row.key.redacted})?"
        used = f"It was last used on {_day(row.key.last_used)}." if row.key.last_used else "It was never used."
        consequence = f"Whatever uses it stops at once, for good. {used} Project: {row.project.name}."
        if not await self.app.push_screen_wait(ConfirmDialog(question, consequence, yes="Revoke it")):
            return
        await self._change(row)

    async def _change(self, row: OrganizationRow) -> None:
        assert row.key is not None
        try:
            await self._admin.revoke_key(row.project.id, row.key.id)
            keys = await self._admin.keys(row.project.id)
        except Refused as refused:
            self._say(f"{refused.trouble.title} {refused.trouble.remedy}", "$error")
            return
        # The reading goes on in the same mapping, so nothing that arrives meanwhile is lost.
        self._reading.keys[row.project.id] = keys  # type: ignore[index]
        self._fill()
        self.notify("Revoked.", timeout=4)

    @work(group="change", description="change a spend limit on the platform")
    async def action_limit(self) -> None:
        """Change the spend limit of the project under the cursor, with before and after shown."""
        row: OrganizationRow | None = self.query_one(LongList).highlighted
        held = None if row is None else self._limits.get(row.project.id)
        if row is None or not isinstance(held, Limits):
            self._say("The limits of this project are not read yet.", "$warning")
            return
        cents = await self.app.push_screen_wait(SpendLimitDialog(row.project.name, held.spend_cents))
        if cents is None or (cents or None) == held.spend_cents:
            return
        change = f"Spend limit of {row.project.name}: {_limit(held.spend_cents)} -> {_limit(cents or None)}."
        consequence = "Requests over it are refused by the platform until the next month."
        dialog = ConfirmDialog(change, consequence, yes="Change it", no="Leave it")
        if not await self.app.push_screen_wait(dialog):
            return
        try:
            await self._admin.set_spend_limit(row.project.id, cents or None)
            self._limits[row.project.id] = await limits(self._admin, row.project)
        except Refused as refused:
            self._say(f"{refused.trouble.title} {refused.trouble.remedy}", "$error")
            return
        self._highlighted()


class SpendLimitDialog(FormDialog[int]):
    """Asks for a spend limit; answers cents, 0 for none."""

    def __init__(self, project: str, cents: int | None) -> None:
        value = "" if cents is None else f"{Decimal(cents) / 100}"
        field = FormField("limit", "USD a month", value, "none")
        super().__init__(f"Spend limit of {project}", (field,), yes="Go on")

    def accept(self, values: dict[str, str]) -> int:
        """Cents; raises ``NotFitting``."""
        written = values["limit"].strip().removeprefix("$").replace(",", "")
        if not written:
            return 0
        try:
            amount: Decimal = accepted("monthly_cap", written)
        except ValueError:
            raise NotFitting("limit", "The limit is an amount of USD a month, such as 10 or 2.50.") from None
        return int(amount * 100)


def _held(held: Limits, cost: Decimal | None) -> list[Line]:
    lines = [Line("spend limit", _limit(held.spend_cents))]
    if held.spend_cents and cost is not None:
        lines.append(Line("used of it", f"{cost * 100 / held.spend_cents:.0%}"))
    lines += [Line("alert at", f"{dollars(Decimal(alert.cents) / 100)}") for alert in held.alerts]
    if held.permissions is None:
        return [*lines, Line("models", "all")]
    which = "only" if held.permissions.mode == "allow_list" else "all but"
    return [*lines, Line("models", f"{which} {', '.join(held.permissions.models) or 'none'}")]


def _limit(cents: int | None) -> str:
    return "none" if cents is None else f"{dollars(Decimal(cents) / 100)} a month"


def _day(moment: datetime | None) -> str:
    return f"{moment.astimezone():%d %b %Y}" if moment else "not known"
