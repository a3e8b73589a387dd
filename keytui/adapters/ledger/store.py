"""The ledger in SQLite."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import TypeVar

from keytui.adapters.database import Database, DatabaseTrouble, connect, explain
from keytui.adapters.ledger import holds, questions, sums, unbooked
from keytui.adapters.ledger.days import FOREVER, pieces, stretch
from keytui.adapters.ledger.journal import Journal
from keytui.adapters.ledger.rows import INSERT, SELECT, Row, amount, moment, to_entry, to_row
from keytui.domain.caps import Cap, CapRefusal, Decision, Granted, Intent, Scope, Standing, covering, judge
from keytui.domain.ledger import By, Entry, Member, Spend

BUSY_MILLISECONDS = 1_000
"""How long a booking waits for another process before it goes to the journal, which loses nothing."""

T = TypeVar("T")

_CAP_DIMENSIONS = {Scope.PROJECT: sums.PROJECT, Scope.CONVERSATION: sums.CONVERSATION}


class SqliteLedger:
    """Entries, their sums and reservations in ``keytui.db``; implements ``Ledger`` and ``Reservations``.

    Creates nothing before the first booking or question. Safe in several threads and processes. Blocking: a booking
    waits for the disk (a power cut then loses nothing that was confirmed). ``zone`` None is the system's time zone.
    With ``read_only`` nothing is ever written or created.
    """

    def __init__(
        self,
        path: Path,
        *,
        journal: Path,
        now: Callable[[], datetime],
        zone: tzinfo | None = None,
        read_only: bool = False,
    ) -> None:
        self.path = path
        self._journal = Journal(journal)
        self._now = now
        self._zone = zone
        self._read_only = read_only
        self._database = Database(path)
        self._problem: str | None = None

    @property
    def waiting(self) -> int:
        """Entries that wait in the journal because the database could not take them."""
        return 0 if self._journal.empty else len(self._journal.rows())

    @property
    def held(self) -> int:
        """Entries that are only in memory, since no file could take them: they are lost when this process ends."""
        return len(self._journal.held)

    @property
    def problem(self) -> str | None:
        """What is wrong with the database, as one sentence with a next step; None while all is well."""
        return self._problem

    def book(self, entry: Entry) -> None:
        """Keep an entry; when this returns it is on the disk, in the database or else in the journal."""
        row = to_row(entry)
        try:
            self._keep([row])
        except DatabaseTrouble as trouble:
            self._problem = str(trouble)
            self._journal.add(row)
            return
        self._problem = None
        self._drain()

    def sent(self, entry: Entry) -> None:
        """Note what is to be booked for a request that goes out now, should this process be killed."""
        try:
            with self._database.transaction(durable=False) as connection:
                unbooked.note(connection, entry)
        except DatabaseTrouble as trouble:
            self._problem = str(trouble)  # the request goes out all the same, and is booked when it is over

    def left_behind(self) -> Sequence[Entry]:
        """Requests that were noted by processes which are gone, and never booked; oldest first."""
        return self._read(lambda c: unbooked.left_behind(c, moment(self._now()))) or []

    def total(self, *, since: date | None = None, until: date | None = None, key_id: str | None = None) -> Spend:
        """The spend of local calendar days ``since`` to ``until``, both included."""
        start, end = stretch(since, until, self._zone)
        found = self._read(lambda c: sums.summed(c, pieces("", start, end), key_id=key_id))
        spend = questions.spend("", found[0][1]) if found else Spend("")
        for entry in self._waiting(start, end, key_id):
            spend = spend.plus(entry)
        return replace(spend, partial=found is None)

    def by(
        self, group: By, *, since: date | None = None, until: date | None = None, key_id: str | None = None
    ) -> Sequence[Spend]:
        """Spend by group: days and months in order of time, all else dearest first. Empty groups are left out."""
        start, end = stretch(since, until, self._zone)
        found = self._read(lambda c: questions.grouped(c, group, start, end, key_id, self._zone))
        spends = {name: questions.spend(name, figures) for name, figures in found or ()}
        waiting = self._waiting(start, end, key_id)
        for entry in waiting:
            name = questions.group_of(entry, group, self._zone)
            spends[name] = spends.get(name, Spend(name)).plus(entry)
        if group == "key":
            names = self._key_names(waiting)
            spends = {key: replace(spend, label=names.get(key, key), id=key) for key, spend in spends.items()}
        marked = [replace(spend, partial=found is None) for spend in spends.values()]
        if group in ("day", "month"):
            return sorted(marked, key=lambda spend: spend.label)
        return sorted(marked, key=lambda spend: (-spend.cost, -spend.requests, spend.label))

    def each_day(
        self,
        group: Member,
        *,
        since: date | None = None,
        until: date | None = None,
        key_id: str | None = None,
        utc: bool = False,
    ) -> Sequence[tuple[date, Spend]]:
        """What ``by`` says, each day by itself, in order of time; days are local, or with ``utc`` the platform's."""
        zone = UTC if utc else self._zone
        start, end = stretch(since, until, zone)
        found = self._read(lambda c: questions.daily(c, group, start, end, key_id, zone))
        spends = {place: questions.spend(place[1], figures) for place, figures in found or ()}
        waiting = self._waiting(start, end, key_id)
        for entry in waiting:
            place = questions.group_of(entry, "day", zone), questions.group_of(entry, group, zone)
            spends[place] = spends.get(place, Spend(place[1])).plus(entry)
        if group == "key":
            names = self._key_names(waiting)
            spends = {at: replace(spend, label=names.get(at[1], at[1]), id=at[1]) for at, spend in spends.items()}
        return [(date.fromisoformat(at[0]), replace(spends[at], partial=found is None)) for at in sorted(spends)]

    def refusals(self, key_id: str, *, since: date | None = None, until: date | None = None) -> Mapping[str, int]:
        """How often a key's requests of these days ended in a trouble, by its name. Reads entries, not sums."""
        start, end = stretch(since, until, self._zone)
        counts = Counter(dict(self._read(lambda c: questions.refusals(c, key_id, start, end)) or ()))
        counts.update(entry.error for entry in self._waiting(start, end, key_id) if entry.error)
        return counts

    def latest(self, limit: int = 100) -> Sequence[Entry]:
        """The newest entries, newest first; those that wait in the journal among them."""
        rows = self._read(lambda c: c.execute(f"{SELECT} ORDER BY at DESC, number DESC LIMIT ?", (limit,)).fetchall())
        entries = [*self._waiting(), *map(to_entry, rows or ())]
        return sorted(entries, key=lambda entry: entry.at, reverse=True)[:limit]

    def dearest(
        self, limit: int = 10, *, since: date | None = None, until: date | None = None, key_id: str | None = None
    ) -> Sequence[Entry]:
        """The entries that cost most, dearest first; those that cost nothing or have no known price are left out."""
        start, end = stretch(since, until, self._zone)
        rows = self._read(lambda c: questions.dearest(c, limit, start, end, key_id)) or []
        waiting = self._waiting(start, end, key_id)
        entries = [entry for entry in (*waiting, *map(to_entry, rows)) if questions.amount_of(entry) > 0]
        return sorted(entries, key=questions.amount_of, reverse=True)[:limit]

    def entries(self, *, since: date | None = None, until: date | None = None) -> Iterator[Entry]:
        """Every entry of the local days, oldest first, read while they are asked for; then those that wait."""
        start, end = stretch(since, until, self._zone)
        after = (start, 0)
        while numbered := self._read(partial(questions.page, after=after, end=end)):
            yield from (to_entry(row[1:]) for row in numbered)
            number, _, at, *_ = numbered[-1]
            after = (at, number)
        yield from self._waiting(start, end)

    def reserve(self, intent: Intent, caps: Sequence[Cap]) -> Decision:
        """Hold the worst case of a request against every cap that covers it, or refuse."""
        mine = covering(caps, intent)
        if not mine:
            return Granted()
        self._drain()
        try:
            with self._database.transaction(durable=False) as connection:
                return self._decide(connection, intent, mine)
        except DatabaseTrouble as trouble:
            self._problem = str(trouble)
            hard = [cap for cap in mine if cap.hard]
            return CapRefusal(hard[0], intent, problem=str(trouble)) if hard else Granted()

    def release(self, intent_id: str) -> None:
        """Give back what was held for a request that is not going to be sent."""
        try:
            with self._database.transaction(durable=False) as connection:
                connection.execute("DELETE FROM reservation WHERE id = ?", (intent_id,))
        except DatabaseTrouble as trouble:
            self._problem = str(trouble)  # it is given back once this process has ended

    def standing(self, cap: Cap) -> Standing:
        """How far a cap is used now; one for each conversation is used by none of them alone."""
        if cap.scope is Scope.CONVERSATION and cap.subject is None:
            return Standing(cap, amount(0))
        return self._read(lambda c: self._standing(c, cap)) or Standing(cap, amount(0))

    def close(self) -> None:
        """Close the connections. No other thread may be inside a call."""
        self._database.close()

    def _decide(self, connection: sqlite3.Connection, intent: Intent, caps: Sequence[Cap]) -> Decision:
        holds.sweep(connection, moment(intent.at))
        decision = judge([self._standing(connection, cap) for cap in caps], intent)
        if isinstance(decision, CapRefusal):
            return decision
        holds.hold(connection, intent)
        return Granted(tuple(s for s in decision.warnings if self._first_warning(connection, s.cap)))

    def _first_warning(self, connection: sqlite3.Connection, cap: Cap) -> bool:
        first, _ = cap.period(self._today())
        period = first.isoformat() if first else ""
        done = connection.execute("INSERT OR IGNORE INTO cap_warned VALUES (?, ?)", (cap.id, period))
        return done.rowcount == 1

    def _standing(self, connection: sqlite3.Connection, cap: Cap) -> Standing:
        since, until = cap.period(self._today())
        start, end = stretch(since, until, self._zone)
        found = sums.summed(
            connection,
            pieces("", start, end),
            dimension=_CAP_DIMENSIONS.get(cap.scope, sums.ALL),
            label=cap.subject if cap.scope in _CAP_DIMENSIONS else None,
            key_id=cap.subject if cap.scope is Scope.KEY else None,
        )
        spent = questions.spend("", found[0][1]).cost if found else amount(0)
        spent += sum(questions.amount_of(entry) for entry in self._waiting(start, end) if cap.counts(entry))
        return Standing(cap, spent, amount(holds.held(connection, cap)))

    def _key_names(self, waiting: Sequence[Entry]) -> dict[str, str]:
        """The names of keys by their ids, as of each one's newest entry."""
        names = {entry.key_id: entry.key_name for entry in waiting}
        return names | dict(self._read(lambda c: c.execute("SELECT id, name FROM ledger_key").fetchall()) or ())

    def _today(self) -> date:
        return self._now().astimezone(self._zone).date()

    def _keep(self, rows: Sequence[Row]) -> None:
        connection = self._database.connection()
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        with self._database.transaction():
            connection.executemany(INSERT, rows)

    def _drain(self) -> None:
        """Bring what waits in the journal into the database, if it can take it now."""
        if self._read_only or self._journal.empty:
            return
        try:
            with self._journal.taken() as rows:
                self._keep(rows)
        except DatabaseTrouble as trouble:
            self._problem = str(trouble)
        except (OSError, TimeoutError):
            # Another process is at the journal, or it cannot be emptied: it stays, and keeping it again does no harm.
            return

    def _read(self, question: Callable[[sqlite3.Connection], T]) -> T | None:
        """The answer of the database, or None while it cannot be read (``problem`` then says why)."""
        self._drain()
        try:
            if self._read_only:
                with closing(connect(self.path, read_only=True)) as connection:
                    answer = question(connection)
            else:
                with self._database.reading() as connection:
                    answer = question(connection)
        except sqlite3.Error as error:
            self._problem = str(explain(error, self.path))
        except DatabaseTrouble as trouble:
            self._problem = str(trouble)
        else:
            if self._journal.empty:
                self._problem = None
            return answer
        return None

    def _waiting(self, start: int = -FOREVER, end: int = FOREVER, key_id: str | None = None) -> list[Entry]:
        """Entries in the journal, of a stretch and a key."""
        if self._journal.empty:
            return []
        entries = map(to_entry, self._journal.rows())
        return [e for e in entries if start <= moment(e.at) < end and key_id in (None, e.key_id)]
