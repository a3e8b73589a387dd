from __future__ import annotations

import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.keytui import Ran, keytui
from tests.support.practice import Practice
from tests.support.terminal import Terminal

KEY = "sk-proj-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"
ADMIN = KEY.replace("proj", "admin")
WORDS = "a few words"
NOWHERE = "http://127.0.0.1:9/v1"


def add(name: str, *more: str, key: str = KEY) -> Ran:
    """A key in the encrypted file, unverified."""
    return keytui("keys", "add", name, "--stdin", "--vault", "file", "--no-verify", *more, stdin=key, passphrase=WORDS)


def test_without_keys_the_list_is_empty_and_says_what_to_do() -> None:
    listed = keytui("keys")
    assert (listed.status, listed.out) == (0, "")
    assert "keytui keys add NAME" in listed.words
    assert keytui("keys", "list", "--json").data == {"active": None, "keys": []}


def test_an_admin_key_is_checked_by_what_it_manages(practice: Practice) -> None:
    there = ("--stdin", "--vault", "file", "--base-url", practice.base_url)
    added = keytui("keys", "add", "owner", *there, stdin=practice.admin_key, passphrase=WORDS)
    assert added.status == 0, added.words
    assert "key accepted: 1 project" in added.words
    assert keytui("keys", "verify", "owner", "--json", passphrase=WORDS).data["state"] == "works"
    listed = keytui("keys", "list", "--json").data
    assert (listed["active"], listed["keys"][0]["kind"]) == (None, "admin")
    used = keytui("keys", "use", "owner")
    assert used.status != 0
    assert "manages the organisation and answers no questions" in used.words
    assert keytui("keys", "list", "--json").data["active"] is None


def test_a_key_is_added_listed_renamed_chosen_and_removed(sealed: Path) -> None:
    added = add("work", key=f"export OPENAI_API_KEY='{KEY}'\n")
    assert (added.status, added.out) == (0, "")
    assert "Taken off: “OPENAI_API_KEY=”, “export”, quotes." in added.words
    assert "kept in the encrypted file, for https://api.openai.com/v1 only" in added.words
    other = add("rest", "--json", "--base-url", "127.0.0.1:4000", key="any-shape")
    assert (other.data["base_url"], other.data["active"]) == ("http://127.0.0.1:4000/v1", False)

    listed = keytui("keys", "list", "--json").data
    assert listed["active"] == "work"
    assert [key["name"] for key in listed["keys"]] == ["work", "rest"]
    assert {"kind": "project", "place": "file", "last4": KEY[-4:], "state": "unchecked"}.items() <= listed["keys"][
        0
    ].items()
    table = keytui("keys", "list").out
    assert re.search(rf"^\* +work +…{KEY[-4:]} +project key +encrypted file +not checked", table, re.MULTILINE)

    assert keytui("keys", "rename", "rest", "shop").status == 0
    assert keytui("keys", "use", "shop").status == 0
    assert keytui("keys", "list", "--json").data["active"] == "shop"
    removed = keytui("keys", "remove", "work", "--yes", passphrase=WORDS)
    assert removed.status == 0
    assert "stays valid until it is revoked there" in removed.words
    assert [key["name"] for key in keytui("keys", "list", "--json").data["keys"]] == ["shop"]
    for file in (sealed / "keytui").rglob("*"):
        assert stat.S_IMODE(file.stat().st_mode) == (0o700 if file.is_dir() else 0o600)


@pytest.mark.parametrize(
    "arguments",
    [["add", KEY], ["add", "work", f"--key={KEY}"], [KEY], ["use", f"  {KEY}"], ["verify", "sk-short-but-long-enough"]],
)
def test_a_key_in_an_argument_is_refused_and_not_repeated(arguments: list[str]) -> None:
    refused = keytui("keys", *arguments)
    assert refused.status == 2
    assert "revoke that key" in refused.words
    assert KEY not in refused.words + refused.out
    assert keytui("keys", "list", "--json").data["keys"] == []


def test_without_anybody_to_ask_the_missing_option_is_named() -> None:
    assert "add --stdin" in keytui("keys", "add", "work").words
    assert keytui("keys", "add", "work").status == 2
    nowhere = keytui("keys", "add", "work", "--stdin", "--no-verify", stdin=KEY)
    assert (nowhere.status, "--vault file --passphrase-fd N" in nowhere.words) == (7, True)
    locked = keytui("keys", "add", "work", "--stdin", "--no-verify", "--vault", "file", stdin=KEY)
    assert (locked.status, "--passphrase-fd" in locked.words) == (2, True)
    add("work")
    unsure = keytui("keys", "remove", "work")
    assert (unsure.status, "add --yes" in unsure.words) == (2, True)
    closed = keytui("keys", "verify", "work")
    assert (closed.status, "--passphrase-fd" in closed.words) == (2, True)


def test_the_session_is_told_to_end_with_the_command() -> None:
    added = keytui("keys", "add", "work", "--stdin", "--no-verify", "--vault", "session", stdin=KEY)
    assert added.status == 0
    assert "nothing was kept" in added.words
    assert keytui("keys", "list", "--json").data["keys"] == []


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("", "Nothing was pasted"),
        ("sk-ant-api03-" + KEY[8:], "OpenAI does not accept"),
        (KEY[:30] + "é" + KEY[30:], "no key has"),
        (f"{KEY}\n{KEY.replace('aB3', 'Zz9')}", "two different keys"),
    ],
)
def test_what_is_no_key_is_not_kept(key: str, said: str) -> None:
    refused = add("work", key=key)
    assert (refused.status, said in refused.words) == (3, True)
    assert keytui("keys", "list", "--json").data["keys"] == []


def test_names_are_checked_before_the_key_is_asked_for() -> None:
    add("work")
    assert keytui("keys", "add", "work").status == 7
    assert "already" in keytui("keys", "add", "work").words
    near = keytui("keys", "use", "wrok")
    assert (near.status, "Did you mean “work”?" in near.words) == (1, True)
    assert keytui("keys", "rename", "work", "-x").status == 2
    assert keytui("keys", "rename", "work", "two\nlines").status == 2


def test_a_wrong_passphrase_is_the_vaults_trouble() -> None:
    add("work")
    wrong = keytui("keys", "verify", "work", passphrase="other words")
    assert (wrong.status, "try again" in wrong.words) == (7, True)
    assert keytui("keys", "verify", "work", "--passphrase-fd", "63").status == 2


def test_an_unreadable_list_is_named_and_left_alone(sealed: Path) -> None:
    add("work")
    index = sealed / "keytui/data/keys.json"
    index.write_text(index.read_text().replace('"active"', "active"))
    before = index.read_bytes()
    for arguments in (["list"], ["use", "work"], ["add", "more", "--stdin", "--no-verify"]):
        ran = keytui("keys", *arguments, stdin=KEY)
        assert (ran.status, f"{index}, line 3" in ran.words) == (7, True)
    assert index.read_bytes() == before


def test_a_server_that_cannot_be_asked_keeps_nothing() -> None:
    arguments = ["keys", "add", "work", "--stdin", "--vault", "file", "--base-url", NOWHERE]
    ran = keytui(*arguments, stdin=KEY, passphrase=WORDS)
    assert ran.status == 6
    assert "nothing was kept" in ran.words
    assert keytui("keys", "list", "--json").data["keys"] == []


def test_a_key_is_verified_before_it_is_done(practice: Practice) -> None:
    arguments = ["keys", "add", "work", "--stdin", "--vault", "file", "--base-url", practice.base_url, "--json"]
    added = keytui(*arguments, stdin=practice.api_key, passphrase=WORDS)
    assert added.status == 0, added.words
    assert added.data["state"] == "works"
    assert added.data["stages"][-1]["verdict"] in ("passed", "skipped")
    assert "✓ key accepted" in added.words
    verified = keytui("keys", "verify", "--json", passphrase=WORDS)
    assert (verified.status, verified.data["state"], verified.data["name"]) == (0, "works", "work")


def test_a_refused_key_is_not_kept_and_a_kept_one_is_noted_as_refused(practice: Practice) -> None:
    arguments = ["keys", "add", "work", "--stdin", "--vault", "file", "--base-url", practice.base_url]
    refused = keytui(*arguments, stdin=KEY, passphrase=WORDS)
    assert (refused.status, "did not pass" in refused.words) == (3, True)
    assert keytui(*arguments, "--no-verify", stdin=KEY, passphrase=WORDS).status == 0
    verified = keytui("keys", "verify", "work", "--json", passphrase=WORDS)
    assert (verified.status, verified.data["exit"], verified.data["state"]) == (3, 3, "refused")
    assert keytui("keys", "list", "--json").data["keys"][0]["state"] == "refused"
    findings = keytui("keys", "review", "--json").data["findings"]
    assert "refused" in [finding["id"] for finding in findings]


def test_the_review_names_why_and_what_to_do(sealed: Path, tmp_path: Path) -> None:
    add("work")
    add("twin")
    (tmp_path / ".env").write_text(f"OPENAI_API_KEY={KEY}\n")
    (sealed / ".bashrc").write_text(f"export OPENAI_API_KEY={KEY}\n")
    unread = keytui("keys", "review", "--json", cwd=tmp_path).data
    assert unread["not_compared"] == ["work", "twin"]
    found = keytui("keys", "review", "--json", passphrase=WORDS, cwd=tmp_path).data
    rules = [(finding["id"], finding["key_name"]) for finding in found["findings"]]
    assert ("in-clear", "work") in rules
    assert ("same-key", "twin") in rules
    assert not any(".bashrc" in finding["what"] for finding in found["findings"])
    looked = keytui("keys", "review", "--look", passphrase=WORDS, cwd=tmp_path)
    assert "~/.bashrc" in looked.out
    assert "Why: " in looked.out
    assert "Do: " in looked.out
    assert KEY not in looked.out + looked.words


def test_what_lies_about_is_offered_and_taken_only_by_name(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"OPENAI_API_KEY={KEY}\n")
    environment = {"OPENAI_API_KEY": KEY.replace("aB3", "Zz9")}
    offered = keytui("keys", "import", "--json", environment=environment, cwd=tmp_path)
    assert [key["from"] for key in offered.data] == ["environment:OPENAI_API_KEY", "dotenv:OPENAI_API_KEY"]
    assert keytui("keys", "list", "--json").data["keys"] == []
    assert keytui("keys", "import", "work", cwd=tmp_path).status == 2
    taken = keytui("keys", "import", "here", "--from", "dotenv", "--no-verify", "--json", cwd=tmp_path)
    assert (taken.data["place"], taken.data["locator"]) == ("dotenv", f"{tmp_path}/.env#OPENAI_API_KEY")
    copied = keytui(
        "keys", "import", "copy", "--from", "dotenv", "--no-verify", "--json", "--vault", "file",
        passphrase=WORDS, cwd=tmp_path,
    )  # fmt: skip
    assert (copied.data["place"], "locator" in copied.data) == ("file", False)
    command = keytui("keys", "import", "printed", "--from", f"command:echo {KEY[:40]}", "--no-verify", "--json")
    # A key in an argument is refused here as well, even inside a command.
    assert command.status == 2
    (tmp_path / "key").write_text(KEY)
    command = keytui("keys", "import", "printed", "--from", f"command:cat {tmp_path}/key", "--no-verify", "--json")
    assert (command.data["place"], command.data["locator"]) == ("command", f"cat {tmp_path}/key")
    assert keytui("keys", "remove", "here", "--yes").status == 0
    assert KEY in (tmp_path / ".env").read_text()


@pytest.mark.real
@pytest.mark.usefixtures("secret_service")
def test_the_keyring_is_taken_where_it_works_and_keys_move_there() -> None:
    added = keytui("keys", "add", "work", "--stdin", "--no-verify", "--json", stdin=KEY)
    assert added.data["place"] == "keyring", added.words
    moved = keytui("keys", "move", "work", "--vault", "file", "--json", passphrase=WORDS)
    assert (moved.status, moved.data["place"]) == (0, "file")
    back = keytui("keys", "move", "work", "--vault", "keyring", "--json", passphrase=WORDS)
    assert back.data["place"] == "keyring"
    ran = keytui("exec", "--", "printenv", "OPENAI_API_KEY")
    assert (ran.status, ran.out) == (0, KEY + "\n")


def test_practice_keys_are_apart_from_the_real_ones() -> None:
    add("work")
    assert keytui("keys", "list", "--practice", "--json").data["keys"] == []


def test_on_a_terminal_the_key_is_asked_for_hidden(terminal: Callable[..., Terminal]) -> None:
    with terminal("keys", "add", "work", "--no-verify") as screen:
        screen.wait_for("Paste the key")
        screen.send(KEY + "\r")
        screen.wait_for("Choose a passphrase")
        screen.send("one\r")
        screen.wait_for("The same again")
        screen.send("other\r")
        screen.wait_for("The two differ")
        screen.wait_for(lambda text: text.count("Choose a passphrase") == 2)
        screen.send(WORDS + "\r")
        screen.wait_for(lambda text: text.count("The same again") == 2)
        screen.send(WORDS + "\r")
        assert screen.wait_exit() == 0
        assert KEY.encode() not in screen.raw
        assert WORDS.encode() not in screen.raw
    assert keytui("exec", "--", "printenv", "OPENAI_API_KEY", passphrase=WORDS).out == KEY + "\n"


def test_on_a_terminal_an_unverified_key_is_kept_only_after_a_yes(terminal: Callable[..., Terminal]) -> None:
    for answer, kept in (("\r", 0), ("yes\r", 1)):
        with terminal("keys", "add", "work", "--vault", "session", "--base-url", NOWHERE) as screen:
            screen.wait_for("Paste the key")
            screen.send(KEY + "\r")
            screen.wait_for("Keep the key unverified?")
            screen.send(answer)
            assert screen.wait_exit() == (0 if kept else 6)


def test_help_says_everything_without_a_key() -> None:
    helped = keytui("keys", "--help")
    assert helped.status == 0
    for verb in ("list", "add", "verify", "rename", "use", "move", "review", "import", "remove"):
        assert verb in helped.out
        assert keytui("keys", verb, "--help").status == 0
    assert keytui("keys", "lst").status == 2
