"""A key that is made is kept or revoked again: none is left over that nobody knows of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keytui.domain.admin import Gone
from keytui.domain.chat import Refused
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, KeyState, Place, VaultTrouble
from keytui.domain.making import Making, Wish, make_and_keep, settle
from keytui.domain.organization.parts import MadeKey, ProjectKey
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Exit, Trouble

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECRET = Secret("sk-svcacct-aB3dE6gH9jK2mN5pQ8sT1vW4")
RECORD = KeyRecord(
    *("r1", "work", KeyKind.OTHER, OPENAI_BASE_URL, Place.FILE, "", NOW), state=KeyState.WORKS, verified=NOW
)
WISH = Wish("p1", "sa_1", "ci", ("api.all",), NOW + timedelta(days=1, seconds=0.5))
MAKING = Making(OPENAI_BASE_URL, "p1", "sa_1", "ci", ("key_0",), "r1", NOW)
BEFORE = ProjectKey("key_0", "ci", "sk-…0000", account_id="sa_1")
MADE = ProjectKey("key_1", "ci", "sk-…1vW4", account_id="sa_1", created=NOW)


def refusal(way_out: Exit) -> Refused:
    return Refused(Trouble("some", "Refused.", "Do this.", exit=way_out))


@dataclass
class Owner:
    """A project's keys; ``fault`` is raised at making, ``stuck`` at revoking."""

    kept: list[ProjectKey] = field(default_factory=lambda: [BEFORE])
    fault: Refused | None = None
    stuck: Refused | None = None
    asked: tuple[Any, ...] = ()
    gone: bool = False
    base_url: str = OPENAI_BASE_URL

    async def keys(self, project_id: str) -> list[ProjectKey]:
        if self.gone:
            raise Gone(Trouble("gone", "Gone.", "Look."))
        return list(self.kept)

    async def make_key(self, *asked: str, scopes: tuple[str, ...], expires_seconds: int | None) -> MadeKey:
        self.asked = (*asked, scopes, expires_seconds)
        if self.fault:
            raise self.fault
        self.kept.append(MADE)
        return MadeKey(MADE.id, MADE.name, SECRET)

    async def revoke_key(self, project_id: str, key_id: str) -> None:
        if self.stuck:
            raise self.stuck
        self.kept = [key for key in self.kept if key.id != key_id]


@dataclass
class Keys:
    fault: VaultTrouble | None = None
    kept: list[KeyRecord] = field(default_factory=list)

    async def add(self, record: KeyRecord, secret: Secret) -> KeyRecord:
        if self.fault:
            raise self.fault
        self.kept.append(record)
        return record

    async def heal(self) -> tuple[str, ...]:
        return ()

    def records(self) -> tuple[KeyRecord, ...]:
        return tuple(self.kept)


class Agenda:
    def __init__(self, *written: Making) -> None:
        self.written = list(written)

    def makings(self) -> tuple[Making, ...]:
        return tuple(self.written)

    def begin_making(self, making: Making) -> None:
        self.written.append(making)

    def end_making(self, making: Making) -> None:
        self.written.remove(making)


async def made(owner: Owner, keys: Keys, agenda: Agenda, wish: Wish = WISH) -> KeyRecord:
    ports: Any = (owner, keys, agenda)
    return await make_and_keep(*ports, wish, RECORD, now=NOW)


async def test_a_key_is_kept_with_all_that_is_known_of_it() -> None:
    owner, keys, agenda = Owner(), Keys(), Agenda()
    kept = await made(owner, keys, agenda)
    assert owner.asked == ("p1", "sa_1", "ci", ("api.all",), 86_400)
    assert kept == KeyRecord(
        *("r1", "work", KeyKind.SERVICE_ACCOUNT, OPENAI_BASE_URL, Place.FILE, "1vW4", NOW),
        project="p1",
        expires=WISH.expires,
        scopes=("api.all",),
        platform_id="key_1",
    )
    assert (keys.kept, agenda.written) == ([kept], [])


@pytest.mark.parametrize(("left", "seconds"), [(None, None), (timedelta(seconds=-9), 1)])
async def test_a_life_is_asked_for_in_seconds_and_never_below_one(left: timedelta | None, seconds: int | None) -> None:
    owner = Owner()
    await made(owner, Keys(), Agenda(), replace(WISH, expires=None if left is None else NOW + left))
    assert owner.asked[-1] == seconds


@pytest.mark.parametrize(("way_out", "written"), [(Exit.AUTHENTICATION, []), (Exit.RATE, []), (Exit.NETWORK, [MAKING])])
async def test_a_refusal_is_the_end_and_a_lost_line_is_looked_into_later(way_out: Exit, written: list[Making]) -> None:
    agenda = Agenda()
    with pytest.raises(Refused):
        await made(Owner(fault=refusal(way_out)), Keys(), agenda)
    assert agenda.written == written


@pytest.mark.parametrize(
    ("stuck", "says", "written", "left"),
    [
        (None, "Full. The key that was just made is revoked again", [], [BEFORE]),
        (refusal(Exit.NETWORK), "Full. The key that was just made could not be revoked either", [MAKING], [MADE]),
    ],
)
async def test_a_key_that_cannot_be_kept_is_revoked_again(
    stuck: Refused | None, says: str, written: list[Making], left: list[ProjectKey]
) -> None:
    owner, agenda = Owner(stuck=stuck), Agenda()
    with pytest.raises(VaultTrouble, match=says):
        await made(owner, Keys(VaultTrouble("Full.")), agenda)
    assert (agenda.written, owner.kept[-1:]) == (written, left)


@pytest.mark.parametrize(
    ("found", "revoked"),
    [
        (MADE, True),
        (replace(MADE, created=None), True),
        (replace(MADE, created=NOW - timedelta(days=1)), True),
        (replace(MADE, created=NOW - timedelta(days=1, seconds=1)), False),
        (replace(MADE, last_used=NOW), False),
        (replace(MADE, name="other"), False),
        (replace(MADE, account_id=None), False),
        (BEFORE, False),
    ],
)
async def test_only_what_nobody_can_have_is_revoked_afterwards(found: ProjectKey, revoked: bool) -> None:
    ports: Any = (owner := Owner([found]), Keys(), agenda := Agenda(MAKING))
    assert len(await settle(*ports)) == revoked
    assert owner.kept == ([] if revoked else [found])
    assert agenda.written == []


async def test_a_key_that_was_kept_and_one_of_another_organisation_are_left_alone() -> None:
    ports: Any = (
        owner := Owner([MADE]),
        Keys(kept=[replace(RECORD, id="x", vault_entry="r1")]),
        agenda := Agenda(MAKING),
    )
    assert await settle(*ports) == ()
    assert (owner.kept, agenda.written) == ([MADE], [])
    elsewhere = replace(MAKING, base_url="https://gateway.example/v1")
    ports = (owner, Keys(), agenda := Agenda(elsewhere))
    assert await settle(*ports) == ()
    assert agenda.written == [elsewhere]


async def test_where_the_project_is_gone_nothing_is_left_over() -> None:
    ports: Any = (Owner(gone=True), Keys(), agenda := Agenda(MAKING))
    assert await settle(*ports) == ()
    assert agenda.written == []
