"""A key on its way in: its name, what a check says of it, and its record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.found import FoundKey
from keytui.domain.keeping import Candidate, Checked, free_name, keep, keep_admin_key
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, KeyState, Place, VaultTrouble
from keytui.domain.plan import ProjectPlan, SetupPlan
from keytui.domain.secrets import Secret
from keytui.domain.setup import HAVE, NEED, Progress
from keytui.domain.troubles import Exit, Trouble

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECRET = Secret("sk-proj-aB3dE6gH9jK2mN5pQ8sT1vW4")
RECORD = KeyRecord("1", "work", KeyKind.PROJECT, OPENAI_BASE_URL, Place.KEYRING, SECRET.last4, NOW, note="mine")
CANDIDATE = Candidate(SECRET, KeyKind.PROJECT, "an OpenAI project key", OPENAI_BASE_URL)
PLAN = SetupPlan(
    project=ProjectPlan("shop", description="what it is for"), default_model="gpt-6-sol", cap=Decimal("7.50")
)


@dataclass
class Keys:
    """A store in memory; what has no secret there cannot be read."""

    kept: dict[str, tuple[KeyRecord, Secret | None]] = field(default_factory=dict)
    in_use: str = ""

    def records(self) -> tuple[KeyRecord, ...]:
        return tuple(record for record, _ in self.kept.values())

    async def secret(self, record: KeyRecord) -> Secret:
        secret = self.kept[record.id][1]
        if secret is None:
            raise VaultTrouble("Locked.")
        return secret

    async def add(self, record: KeyRecord, secret: Secret) -> KeyRecord:
        self.kept[record.id] = record, secret
        return record

    async def replace(self, record: KeyRecord) -> None:
        self.kept[record.id] = record, self.kept[record.id][1]

    def activate(self, key_id: str) -> None:
        self.in_use = key_id


async def at_once(work: Callable[[], Any]) -> Any:
    return work()


async def kept(keys: Keys, candidate: Candidate = CANDIDATE, *, way: str = HAVE.name, **more: Any) -> KeyRecord:
    given = {"place": Place.FILE, "name": "work", "checked": Checked(), "now": NOW, "background": at_once}
    return await keep(keys, candidate, Progress(way=way, plan=PLAN), **given | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("taken", "name"),
    [([], "work"), (["docs"], "work"), (["work"], "work-2"), (["work", "work-2", "work-4"], "work-3")],
)
def test_a_name_that_is_taken_gets_a_number(taken: list[str], name: str) -> None:
    assert free_name("work", [replace(RECORD, name=each) for each in taken]) == name


def trouble(way_out: Exit) -> Trouble:
    return Trouble("some", "Something.", "Do this.", exit=way_out)


@pytest.mark.parametrize(
    ("checked", "refused", "state"),
    [
        (Checked(), False, KeyState.WORKS),
        (Checked(accepted=True), False, KeyState.WORKS),
        (Checked(trouble(Exit.AUTHENTICATION)), True, KeyState.REFUSED),
        (Checked(trouble(Exit.AUTHENTICATION), accepted=True), False, KeyState.LIMITED),
        (Checked(trouble(Exit.CREDIT)), False, KeyState.LIMITED),
        (Checked(trouble(Exit.RATE)), False, KeyState.LIMITED),
        (Checked(trouble(Exit.NETWORK)), False, KeyState.UNCHECKED),
        (Checked(trouble(Exit.NETWORK), accepted=True), False, KeyState.LIMITED),
    ],
)
def test_what_a_check_says_of_a_key(checked: Checked, refused: bool, state: KeyState) -> None:
    assert (checked.refused, checked.state) == (refused, state)


async def test_a_new_key_is_kept_with_the_choices_of_the_walk_and_taken_into_use() -> None:
    keys = Keys({"9": (replace(RECORD, id="9", last4="zzzz"), None)})
    record = await kept(keys, way=NEED.name)
    assert record == KeyRecord(
        *(record.id, "work-2", KeyKind.PROJECT, OPENAI_BASE_URL, Place.FILE, SECRET.last4, NOW),
        project_name="shop",
        default_model="gpt-6-sol",
        monthly_cap=Decimal("7.50"),
        verified=NOW,
        state=KeyState.WORKS,
        note="what it is for",
    )
    assert keys.kept[record.id] == (record, SECRET)
    assert keys.in_use == record.id


async def test_a_key_that_was_there_already_keeps_its_name_and_gets_the_new_choices() -> None:
    keys = Keys({"1": (RECORD, SECRET)})
    record = await kept(keys, name="other", checked=Checked(trouble(Exit.CREDIT)))
    assert record == replace(
        RECORD, default_model="gpt-6-sol", monthly_cap=Decimal("7.50"), state=KeyState.LIMITED, verified=None
    )
    assert (keys.records(), keys.in_use) == ((record,), "1")


@pytest.mark.parametrize(
    ("record", "secret"),
    [
        (replace(RECORD, base_url="https://gateway.example/v1"), SECRET),
        (RECORD, None),
        (RECORD, Secret("sk-proj-zB3dE6gH9jK2mN5pQ8sT1vW4")),
    ],
    ids=["another address", "cannot be read", "same end"],
)
async def test_another_key_is_kept_beside(record: KeyRecord, secret: Secret | None) -> None:
    keys = Keys({"1": (record, secret)})
    assert (await kept(keys)).name == "work-2"
    assert len(keys.kept) == 2


@pytest.mark.parametrize(("place", "locator"), [(Place.DOTENV, ".env#KEY"), (Place.FILE, None)])
async def test_a_found_key_is_read_from_where_it_was_only_when_it_stays_there(
    place: Place, locator: str | None
) -> None:
    found = FoundKey("./.env", Place.DOTENV, ".env#KEY", KeyKind.PROJECT, SECRET.last4, SECRET, organization="org")
    record = await kept(Keys(), replace(CANDIDATE, found=found), place=place)
    assert (record.locator, record.organization) == (locator, "org" if locator else None)
    assert replace(CANDIDATE, found=replace(found, place=None)).readable_there is None


async def test_an_admin_key_is_kept_as_one_that_asks_nothing() -> None:
    keys: Any = Keys({"1": (replace(RECORD, name="admin"), SECRET)})
    record = await keep_admin_key(keys, SECRET, OPENAI_BASE_URL, place=Place.KEYRING, now=NOW)
    assert (record.name, record.kind, record.place) == ("admin-2", KeyKind.ADMIN, Place.KEYRING)
    assert keys.in_use == ""
