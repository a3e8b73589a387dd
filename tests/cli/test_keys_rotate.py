"""``keytui keys rotate``, from the new key to the end of the old one, against the practice service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.keytui import Ran, keytui
from tests.support.platform_owner import Owner
from tests.support.practice import Practice

WORDS = "a few words"


@pytest.fixture
def owner(practice_fresh: Practice) -> Iterator[Owner]:
    owner = Owner(practice_fresh.base_url, practice_fresh.admin_key)
    yield owner
    owner.close()


@pytest.fixture
def work(practice_fresh: Practice, owner: Owner) -> str:
    """The characters of the key “work”, kept in the encrypted file."""
    key = owner.make_key("first")
    kept = ["--stdin", "--vault", "file", "--base-url", practice_fresh.base_url]
    assert keytui("keys", "add", "work", *kept, stdin=key, passphrase=WORDS).status == 0
    return key


def rotate(*options: str, key: str | None = None, admin: str | None = None) -> Ran:
    more = ("--stdin",) if key is not None else ("--admin-key-stdin",) if admin is not None else ()
    return keytui("keys", "rotate", "work", *more, *options, stdin=key or admin, passphrase=WORDS)


def held(name: str) -> str:
    """What a program gets that is started with this key."""
    return keytui("exec", "-k", name, "--", "printenv", "OPENAI_API_KEY", passphrase=WORDS).out.strip()


def test_a_key_is_rotated_with_overlap(owner: Owner, work: str) -> None:
    new = owner.make_key("second")
    rotated = rotate(key=f" {new}\n")
    assert (rotated.status, rotated.out) == (0, "")
    assert f"“work” is the new key (…{new[-4:]})" in rotated.words
    assert "--revoked" in rotated.words
    assert (held("work"), held("work (old)")) == (new, work)
    # Said too early: the old key still works, so it stays.
    early = rotate("--revoked")
    assert early.status == 1
    assert "the old key still works" in early.words
    assert held("work (old)") == work
    owner.revoke(work)
    ended = rotate("--revoked", "--json")
    assert ended.status == 0
    assert ended.data["last4"] == new[-4:]
    assert [key["name"] for key in keytui("keys", "list", "--json").data["keys"]] == ["work"]


def test_a_refused_new_key_changes_nothing_and_can_be_taken_away(owner: Owner, work: str) -> None:
    refused = rotate(key="sk-proj-" + "aB3dE6gH9jT3BlbkFJ" * 6)
    assert refused.status == 3
    assert "“work” is still the old one" in refused.words
    assert held("work") == work
    # The rotation is remembered: another call tries the same key again.
    assert rotate().status == 3
    assert rotate("--revoked").status == 1
    assert rotate("--undo").status == 0
    assert [key["name"] for key in keytui("keys", "list", "--json").data["keys"]] == ["work"]
    assert rotate("--undo").status == 2


def test_going_back_after_the_new_key_took_over(owner: Owner, work: str) -> None:
    assert rotate("--until", "2099-01-01", key=owner.make_key("second")).status == 0
    told = rotate("--json").data["rotation"]
    assert told["old"] == "work (old)"
    assert told["until"].startswith(("2098-12-31", "2099-01-01"))
    assert rotate("--undo").status == 0
    assert held("work") == work


@pytest.mark.parametrize(
    ("options", "said"), [(["--until", "soon"], "2027-03-31"), (["--until", "2001-01-01"], "a day to come")]
)
def test_a_moment_that_cannot_be_is_refused_before_a_key_is_asked_for(work: str, options: list[str], said: str) -> None:
    refused = rotate(*options)
    assert refused.status == 2
    assert said in refused.words


def test_without_a_terminal_the_missing_flag_is_named(work: str) -> None:
    refused = rotate()
    assert refused.status == 2
    assert "--stdin" in refused.words


SCOPES = "api.model.read,api.model.request,api.responses.write"


def test_an_admin_key_makes_the_new_one_and_revokes_the_old(
    practice_fresh: Practice, owner: Owner, work: str, sealed: Path
) -> None:
    unknown = rotate("--automatic", admin=practice_fresh.admin_key)
    assert (unknown.status, "say it with --scopes" in unknown.words) == (2, True)
    rotated = rotate("--automatic", "--scopes", SCOPES, "--json", admin=practice_fresh.admin_key)
    assert rotated.status == 0, rotated.words
    assert rotated.data["scopes"] == SCOPES.split(",")
    assert "ends by itself" in rotated.words
    new = held("work")
    assert (new[-4:], new != work, held("work (old)")) == (rotated.data["last4"], True, work)
    assert owner.listed()[work[-4:]]["expires_at"] is not None
    # A key of the wrong kind is not sent, and nothing changes.
    wrong = rotate("--revoke", admin=work)
    assert (wrong.status, "needs an admin key" in wrong.words) == (3, True)
    ended = rotate("--revoke", admin=practice_fresh.admin_key)
    assert ended.status == 0, ended.words
    assert work[-4:] not in owner.listed()
    assert [key["name"] for key in keytui("keys", "list", "--json").data["keys"]] == ["work"]
    # A second one knows what the first one may do; going back revokes what was made.
    assert rotate("--automatic", admin=practice_fresh.admin_key).status == 0
    second = held("work")
    # Ended before the platform was told when the old key ends: the next call tells it, if it can.
    [agenda] = sealed.rglob("agenda.json")
    agenda.write_text(agenda.read_text().replace('"end_set": true', '"end_set": false'))
    assert "does not end by itself yet" in rotate().words
    assert "ends by itself on" in rotate(admin=practice_fresh.admin_key).words
    assert "by itself" not in rotate().words
    assert rotate("--undo", admin=practice_fresh.admin_key).status == 0
    assert held("work") == new
    assert second[-4:] not in owner.listed()
    for file in sealed.rglob("*"):
        assert not file.is_file() or practice_fresh.admin_key.encode() not in file.read_bytes()


def test_a_review_asks_the_platform_when_it_may(practice_fresh: Practice, work: str) -> None:
    def look(*options: str) -> Ran:
        return keytui("keys", "review", "--json", *options, stdin=practice_fresh.admin_key, passphrase=WORDS)

    alone = look().data
    assert alone["platform_asked"] is False
    assert "no-limit" not in [finding["id"] for finding in alone["findings"]]
    asked = look("--platform", "--admin-key-stdin").data
    assert asked["platform_asked"] is True
    [finding] = [finding for finding in asked["findings"] if finding["id"] == "no-limit"]
    assert (finding["key_name"], "(first) has no spend limit" in finding["what"]) == ("work", True)
    assert finding["why"].endswith(".")
    assert finding["action"]
    [key] = keytui("keys", "list", "--json").data["keys"]
    assert key["project_name"] == "first"
