"""The view itself: rows that are read in while they can be filtered, their facts beside them, and the verbs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from keytui.domain.admin import AdminPort
from keytui.domain.chat import Refused
from keytui.domain.keys import StoreUnreadable, VaultTrouble
from keytui.domain.making import settle
from keytui.domain.organization.held import Held, held
from keytui.domain.organization.parts import Project
from keytui.domain.organization.reading import Reading, read, read_section
from keytui.domain.organization.rows import OrganizationRow, Section, matching
from keytui.tui.dialogs.dialog import Dialog
from keytui.tui.dialogs.organization.change import ChangeDialog
from keytui.tui.dialogs.organization.lines import facts, how_far, line
from keytui.tui.dialogs.organization.making import make_key
from keytui.tui.dialogs.organization.verbs import VERBS, About, RowDialog, choices, title
from keytui.tui.services import Services
from keytui.tui.widgets.long_list import LongList
from keytui.tui.widgets.sheet import Sheet

AT_LEAST = 0.2
"""Seconds between two drawings while the rows are read in."""
LOOKED_AT = 0.15
"""Seconds that the cursor stays before what holds there is asked for: rows that are passed by are not."""


class OrganizationDialog(Dialog[None]):
    """Type to filter, arrows to move, enter for what can be done; the row under the cursor is explained at the side."""

    WHY = "admin"
    HELP = """
    # Organisation

    Everything that the admin key can see: projects, in each its **service accounts** (users that are programs) and
    keys, with what each has cost this month.

    - Typing filters, the arrows move, **enter** shows what can be done with the row.
    - **ctrl+l** sets a spend limit, **ctrl+r** revokes a key, **f5** reads all anew.

    Each change is shown before it is made, as it is now and as it would be.
    """
    CSS_PATH = ["../dialogs.tcss", "organization.tcss"]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", id="leave"),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "move(12)", show=False),
        Binding("pageup", "move(-12)", show=False),
        Binding("ctrl+r", "verb('revoke')", "revoke", priority=True, id="revoke"),
        Binding("ctrl+l", "verb('spend limit')", "spend limit", priority=True, id="spend-limit"),
        Binding("f5", "again", "read again", id="read-again"),
    ]

    def __init__(self, services: Services, admin: AdminPort) -> None:
        super().__init__()
        self._services, self._admin = services, admin
        self._reading = Reading()
        self._held: dict[str | None, Held | str] = {}
        """What holds for a project by its id (None: the organisation), or why that cannot be read."""
        self._kept = False
        """Whether a key was made and kept here."""

    def compose(self) -> ComposeResult:
        """The filter, the rows, the side, and how far it was read."""
        with Vertical(id="dialog"):
            yield Static("Organisation", id="title", markup=False)
            yield Input(placeholder="type to filter projects, accounts, keys and owners", compact=True)
            with Horizontal(id="body"):
                yield LongList[OrganizationRow](line, id="rows")
                with VerticalScroll(id="side", can_focus=False):
                    yield Sheet(id="facts")
            yield Static("Reading the projects …", id="note", markup=False)

    def on_mount(self) -> None:
        """Read, while what is there already can be used."""
        self.query_one(LongList).can_focus = False
        self.query_one(Input).cursor_blink = False
        self.query_one(Input).focus()
        self._read()

    async def on_unmount(self) -> None:
        """Let go of the admin key."""
        await self._admin.close()

    # -- what is seen ---------------------------------------------------------------------

    @work(group="read", exclusive=True, description="read the organisation")
    async def _read(self) -> None:
        drawn = 0.0
        try:
            for sentence in await settle(self._admin, self._services.keys, self._services.agenda):
                self.notify(sentence, severity="warning", markup=False, timeout=15)
            steps = read(self._admin, self._services.now(), together=asyncio.gather, sleep=asyncio.sleep)
            async for step in steps:
                self._take(step)
                if monotonic() - drawn >= AT_LEAST or self._reading.complete:
                    self._fill()
                    drawn = monotonic()
                # Keys that are pressed come first, however fast the answers arrive.
                await asyncio.sleep(0)
        except (Refused, StoreUnreadable) as trouble:
            self._complain(trouble)

    def _take(self, step: Reading | Sequence[Section]) -> None:
        """Take in what was read. Sections are added to what is there now: it may have been changed meanwhile."""
        if isinstance(step, Reading):
            known = self._reading.sections if step.costs is not None else {}
            self._reading = replace(step, sections=known)
            return
        there = {project.id for project in self._reading.projects}
        fresh = {part.project.id: part for part in step if part.project.id in there}
        self._reading = replace(self._reading, sections={**self._reading.sections, **fresh})

    def _fill(self) -> None:
        before: OrganizationRow | None = self.query_one(LongList).highlighted
        rows = self._reading.rows() if self._reading.projects else []
        shown = matching(rows, self.query_one(Input).value)
        at = next((at for at, row in enumerate(shown) if before is not None and row.id == before.id), None)
        self.query_one(LongList).show(shown, at)
        self._say(f"{how_far(self._reading, shown)} enter: actions · f5: read again")

    def _say(self, sentence: str, style: str = "$dim") -> None:
        self.query_one("#note", Static).update(Content.styled(sentence, style))

    def _complain(self, trouble: Exception) -> None:
        if isinstance(trouble, Refused):
            self._say(f"{trouble.trouble.title} {trouble.trouble.remedy}", "$error")
        else:
            self._say(str(trouble), "$error")

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        self._fill()

    @on(LongList.Highlighted)
    def _highlighted(self) -> None:
        row = self._row
        if row is None:
            self.query_one("#facts", Sheet).lines = ()
            return
        known = self._held.get(_id(row.project))
        self.query_one("#facts", Sheet).lines = tuple(facts(row, self._reading, known))
        if known is None:
            self._look(row.project)

    @property
    def _row(self) -> OrganizationRow | None:
        row: OrganizationRow | None = self.query_one(LongList).highlighted
        return row

    @work(group="limits", exclusive=True, description="read what holds for a project")
    async def _look(self, project: Project | None) -> None:
        await asyncio.sleep(LOOKED_AT)
        await self._look_now(project)

    async def _look_now(self, project: Project | None) -> Held | str:
        """Read what holds for a project now, and tell it beside the row."""
        known: Held | str
        try:
            known = await held(self._admin, project, together=asyncio.gather)
        except Refused as refused:
            known = refused.trouble.title
        self._held[_id(project)] = known
        row = self._row
        if row is not None and _id(row.project) == _id(project):
            self.query_one("#facts", Sheet).lines = tuple(facts(row, self._reading, known))
        return known

    # -- what can be done -----------------------------------------------------------------

    def action_move(self, rows: int) -> None:
        """Move in the list without leaving the filter."""
        self.query_one(LongList).action_move(rows)

    def action_leave(self) -> None:
        """Close the view."""
        self.dismiss(None)

    def action_again(self) -> None:
        """Read everything again."""
        self._held.clear()
        self._read()

    @on(Input.Submitted)
    def _chosen(self, event: Input.Submitted) -> None:
        event.stop()
        self._do(None)

    def action_verb(self, verb: str) -> None:
        """Do one thing with the row under the cursor."""
        self._do(verb)

    @work(group="change", exclusive=True, description="change something on the platform")
    async def _do(self, verb: str | None) -> None:
        """Offer what can be done with a row, or do the one thing that a key stands for."""
        row = self._row
        if row is None:
            return
        self._say("Reading how it stands now …")
        about = await self._about(row)
        self._fill()
        if about is None:
            self._complain_of(row)
            return
        offered = choices(about)
        if verb is not None and all(choice.value != verb for choice in offered):
            self._say(_NOT_HERE[verb], "$warning")
            return
        if verb is None:
            verb = await self.app.push_screen_wait(RowDialog(title(row), offered))
        if verb is None:
            return
        try:
            await self._carry_out(verb, about)
        except (Refused, VaultTrouble, StoreUnreadable) as trouble:
            self._fill()
            self._complain(trouble)

    async def _carry_out(self, verb: str, about: About) -> None:
        """Ask, show before and after, change, and read again what was changed."""
        if verb == "make key":
            kept = await make_key(self.app, self._services, self._admin, about)
            if kept is None:
                return
            self._kept, done = True, f"{kept.name} is made, and kept in the {kept.place.value}."
        else:
            change = await VERBS[verb](self.app, about)
            if change is None or not await self.app.push_screen_wait(ChangeDialog(change)):
                return
            await change.make(self._admin)
            done = "Done, on the platform."
        await self._read_again(about.row.project)
        self.notify(done, markup=False, timeout=4)

    async def _about(self, row: OrganizationRow) -> About | None:
        """Everything that a verb needs to know of a row, as it stands now; None when it cannot be read."""
        known = await self._look_now(row.project)
        if isinstance(known, str):
            return None
        project = row.project
        part = None if project is None else self._reading.sections.get(project.id)
        if project is not None and part is None:
            try:
                part = await read_section(self._admin, project, self._reading.costs)
            except Refused as refused:
                self._held[project.id] = refused.trouble.title
                return None
        return About(row, part, known, self._reading.cost(_id(project)), self._services.now())

    def _complain_of(self, row: OrganizationRow) -> None:
        self._say(str(self._held.get(_id(row.project), "")), "$error")

    async def _read_again(self, project: Project | None) -> None:
        """Take in what is there after a change: the list of projects, what is in this one, and what holds for it."""
        now = {each.id: each for each in await self._admin.projects()}
        known = {each.id for each in self._reading.projects}
        again = [each for each in now.values() if each.id not in known or (project and each.id == project.id)]
        self._reading = replace(self._reading, projects=tuple(now.values()))
        self._take([await read_section(self._admin, each, self._reading.costs) for each in again])
        if project is None or project.id in now:
            await self._look_now(project and now[project.id])
        self._fill()


_NOT_HERE = {
    "revoke": "Put the cursor on a key first.",
    "spend limit": "Put the cursor on a project first, or on the whole organisation.",
}
"""What is said when a key is pressed on a row that it does nothing for."""


def _id(project: Project | None) -> str | None:
    return None if project is None else project.id
