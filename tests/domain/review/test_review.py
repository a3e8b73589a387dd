from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.found import Found, FoundKey
from keytui.domain.keys import OPENAI_BASE_URL, FileState, KeyKind, KeyRecord, KeyState, Place, VaultTrouble
from keytui.domain.organization.parts import Project, ProjectKey
from keytui.domain.platform_keys import Standing, learnt
from keytui.domain.review.reviewing import EVERY, readable, review
from keytui.domain.secrets import Secret

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECRET = Secret("sk-proj-abcdefgh0123")
KEY = KeyRecord(
    "1",
    "work",
    KeyKind.PROJECT,
    OPENAI_BASE_URL,
    Place.KEYRING,
    "0123",
    NOW - timedelta(days=5),
    expires=NOW + timedelta(days=60),
    last_used=NOW - timedelta(days=1),
    monthly_cap=Decimal(10),
    scopes=("api.model.read",),
)
IN_DOTENV = FoundKey(
    "OPENAI_API_KEY in .env of this folder",
    Place.DOTENV,
    "/src/.env#OPENAI_API_KEY",
    KeyKind.PROJECT,
    "0123",
    SECRET,
)


def rules(*records: KeyRecord, **more: object) -> list[str]:
    return [finding.id for finding in review(records, NOW, **more).findings]  # type: ignore[arg-type]


def test_a_key_that_is_as_it_should_be_gives_nothing() -> None:
    assert rules(KEY, secrets={"1": SECRET}, active=KEY) == []


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"expires": None}, "no-expiry"),
        ({"expires": NOW + timedelta(days=3)}, "expires-soon"),
        ({"expires": NOW - timedelta(days=3)}, "expired"),
        ({"created": NOW - timedelta(days=91)}, "old"),
        ({"last_used": NOW - timedelta(days=31)}, "unused"),
        ({"last_used": None, "created": NOW - timedelta(days=31)}, "never-used"),
        ({"kind": KeyKind.ADMIN}, "admin-kept"),
        ({"kind": KeyKind.LEGACY}, "legacy"),
        ({"monthly_cap": None}, "no-cap"),
        ({"scopes": ()}, "all-permissions"),
        ({"scopes": None}, "permissions-unknown"),
        ({"state": KeyState.REFUSED}, "refused"),
    ],
)
def test_each_rule_by_itself(change: dict[str, object], rule: str) -> None:
    (finding,) = review([replace(KEY, **change)], NOW).findings  # type: ignore[arg-type]
    assert finding.id == rule
    assert "work" in finding.what
    assert finding.why.endswith(".")
    assert finding.action


def test_a_new_key_that_was_not_used_yet_is_left_in_peace() -> None:
    assert rules(replace(KEY, last_used=None)) == []


def test_one_key_under_two_names_is_told_once() -> None:
    other = replace(KEY, id="2", name="home")
    findings = review([KEY, other], NOW, secrets={"1": SECRET, "2": Secret(SECRET.reveal())}).findings
    assert [(finding.id, finding.key_name) for finding in findings] == [("same-key", "home")]
    assert rules(KEY, other, secrets={"1": SECRET}) == []


def test_a_kept_key_that_lies_in_clear_comes_first() -> None:
    found = review([replace(KEY, expires=None)], NOW, secrets={"1": SECRET}, found=[IN_DOTENV]).findings
    assert [finding.id for finding in found] == ["in-clear", "no-expiry"]
    assert ".env of this folder" in found[0].what


def test_a_key_that_is_read_from_there_is_not_told_twice() -> None:
    assert rules(replace(KEY, place=Place.DOTENV), secrets={"1": SECRET}, found=[IN_DOTENV]) == []


def test_another_key_in_the_environment_stands_in_the_way_of_the_active_one_only() -> None:
    lying = replace(IN_DOTENV, secret=Secret("sk-proj-other"), place=Place.ENVIRONMENT, locator="OPENAI_API_KEY")
    other = replace(KEY, id="2", name="home")
    secrets = {"1": SECRET, "2": Secret("sk-proj-third")}
    findings = review([KEY, other], NOW, secrets=secrets, found=[lying], active=KEY).findings
    assert [(finding.id, finding.key_name) for finding in findings] == [("shadowed", "work")]
    admin = replace(lying, locator="OPENAI_ADMIN_KEY", kind=KeyKind.ADMIN)
    assert rules(KEY, secrets=secrets, found=[admin], active=KEY) == []


def standing(*, limited: bool = True, **key: object) -> Standing:
    return Standing(Project("proj_1", "shop"), ProjectKey("key_1", "work", "sk-...0123", "Jo", **key), limited)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "rule", "said"),
    [
        (standing(owner_active=False), "owner-inactive", "belongs to Jo, who has no access"),
        (standing(limited=False), "no-limit", "(shop) has no spend limit"),
    ],
)
def test_what_only_an_admin_key_sees(seen: Standing, rule: str, said: str) -> None:
    (finding,) = review([KEY], NOW, platform={"1": seen}).findings
    assert (finding.id, said in finding.what, finding.by_looking) == (rule, True, True)
    assert rules(KEY, platform={"1": standing()}) == []


def test_what_the_platform_knows_better_is_learnt() -> None:
    used, ends = NOW - timedelta(hours=1), NOW + timedelta(days=9)
    known = learnt(KEY, standing(last_used=used, expires=ends))
    assert (known.last_used, known.expires, known.project, known.project_name) == (used, ends, "proj_1", "shop")
    assert learnt(known, standing(last_used=NOW - timedelta(days=90))) == known


def test_the_next_review_has_a_date_and_nothing_shows_a_secret() -> None:
    result = review([KEY], NOW, secrets={"1": SECRET}, found=[IN_DOTENV])
    assert result.next == NOW + EVERY
    assert SECRET.reveal() not in repr(result) + repr(Found((IN_DOTENV,)))


def test_a_cap_for_all_keys_is_a_cap() -> None:
    assert rules(replace(KEY, monthly_cap=None), capped=True) == []


class Keys:
    file_state = FileState.LOCKED

    async def secret(self, record: KeyRecord) -> Secret:
        assert record.place is not Place.COMMAND
        if record.place is Place.SESSION:
            raise VaultTrouble("Gone.")
        return Secret(record.name)


async def test_only_what_asks_for_nothing_is_read_for_a_review() -> None:
    kept = [replace(KEY, id=place.value, name=place.value, place=place) for place in Place]
    keys: Any = Keys()
    secrets, unread = await readable(keys, kept)
    assert unread == ("file", "session", "command")
    assert secrets == {name: Secret(name) for name in ("keyring", "environment", "dotenv")}
    keys.file_state = FileState.OPEN
    assert "file" in (await readable(keys, kept))[0]
