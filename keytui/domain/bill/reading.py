"""Reading a bill: first what the platform says, by an admin key, then what the ledger says of the same days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from keytui.domain.addresses import is_openai, same_platform
from keytui.domain.admin import OrganizationView
from keytui.domain.bill.explaining import LocalDay, explain_bill
from keytui.domain.bill.lines import Bill, no_key
from keytui.domain.bill.taking_over import taken_over
from keytui.domain.keys import KeyRecord
from keytui.domain.ledger import Entry, Ledger
from keytui.domain.organization.parts import CostRow, ProjectKey, UsageRow
from keytui.domain.platform_keys import same
from keytui.domain.pricing import ZERO

_GROUPS = ("project_id", "api_key_id")


@dataclass(frozen=True, slots=True)
class Platform:
    """What the platform says of a stretch of its days (UTC)."""

    base_url: str
    since: date
    until: date
    usage: Sequence[UsageRow]
    costs: Sequence[CostRow]
    projects: Mapping[str, str]
    """Names of projects by their ids."""
    keys: Sequence[ProjectKey]
    """Keys of those projects that anything was used in."""


@dataclass(frozen=True, slots=True)
class BillReading:
    """A bill, with the names of what is on it."""

    bill: Bill
    projects: Mapping[str, str]
    """Names of projects by their ids."""
    keys: Mapping[str, str]
    """Names of keys by the platform's ids."""
    missing: tuple[Entry, ...]
    """What can be taken over into the ledger: spent elsewhere, on days that are settled."""


async def read_platform(view: OrganizationView, base_url: str, since: date, until: date) -> Platform:
    """Ask the platform for its usage and costs of these days, and for the names in them. Raises ``Refused``."""
    start, end = (datetime.combine(day, time.min, UTC) for day in (since, until + timedelta(days=1)))
    usage = await view.usage(start, end, group_by=_GROUPS)
    costs = await view.costs(start, end, group_by=_GROUPS)
    projects = await view.projects(archived=True)
    touched = {row.project_id for row in usage} | {row.project_id for row in costs}
    keys = [key for project in projects if project.id in touched for key in await view.keys(project.id)]
    return Platform(base_url, since, until, usage, costs, {project.id: project.name for project in projects}, keys)


def read_bill(platform: Platform, ledger: Ledger, records: Sequence[KeyRecord], now: datetime) -> BillReading:
    """Explain what the platform says by what the ledger says. Blocking.

    Keys of keytui's that belong to another address are left out: that platform knows nothing of them. A key that was
    removed from keytui since counts as one of OpenAI's.
    """
    since, until = platform.since, platform.until
    mine = [record for record in records if same_platform(record.base_url, platform.base_url)]
    ours = same_keys(platform.keys, mine)
    theirs = {here: there for there, here in ours.items()}
    at_home = {record.id for record in mine} | {key.id for key in platform.keys}
    at_home |= {no_key(project) for project in platform.projects}
    strangers = {record.id for record in records} - at_home

    def counts(key_id: str) -> bool:
        return key_id not in strangers if is_openai(platform.base_url) else key_id in at_home

    local = [
        LocalDay(day, theirs.get(spend.id, spend.id), spend)
        for day, spend in ledger.each_day("key", since=since, until=until, utc=True)
        if counts(spend.id)
    ]
    spends = [spend for spend in ledger.by("key", since=since, until=until) if counts(spend.id)]
    booked = sum((spend.cost for spend in spends), ZERO)
    bill = explain_bill(
        since, until, usage=platform.usage, costs=platform.costs, local=local, known_keys=ours, booked=booked, now=now
    )
    names = {spend.id: spend.label for spend in spends} | {key.id: key.name for key in platform.keys}
    names |= {theirs[record.id]: record.name for record in mine if record.id in theirs}
    missing = taken_over(bill, base_url=platform.base_url, names=names, ids=ours, now=now)
    return BillReading(bill, platform.projects, names, missing)


def same_keys(there: Sequence[ProjectKey], records: Sequence[KeyRecord]) -> dict[str, str]:
    """Keytui's ids of keys by the platform's: by its id, else by the last characters, where those fit one key only."""
    found = {}
    for key in there:
        made = [record for record in records if record.platform_id == key.id]
        fitting = made or [record for record in records if same(record, key)]
        if len(fitting) == 1:
            found[key.id] = fitting[0].id
    return found
