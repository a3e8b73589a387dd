"""``keytui setup --plan`` as a user or a script runs it, against a practice service in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from keytui.cli.setup import run
from tests.cli.keytui import Ran, keytui
from tests.domain.apply.office import Organization
from tests.support.faulty import error, faulty_server, reply
from tests.support.practice import Practice
from tests.support.terminal import Terminal

WORDS = "a few words"
KEY = "sk-proj-" + "aB3dE6gH9jK2mN5pQ8sT" * 5
ADMIN = KEY.replace("proj", "admin")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "plan.toml"
    assert here(["--write-plan", str(file)]) == 0
    return file


def here(arguments: list[str]) -> object:
    """The command in this process; its exit status."""
    try:
        return run(arguments)
    except SystemExit as ended:
        return ended.code


def setup(
    service: Practice | str, *arguments: str, admin_key: str | None = None, passphrase: str | None = WORDS
) -> Ran:
    """The command with an admin key on standard input, and the encrypted file."""
    address = service if isinstance(service, str) else service.base_url
    key = admin_key or (ADMIN if isinstance(service, str) else service.admin_key)
    return keytui(
        "setup", *arguments, "--base-url", address, "--admin-key-stdin", stdin=f"{key}\n", passphrase=passphrase
    )


def projects(service: Practice) -> list[str]:
    """The ids of the projects that the plan made."""
    organization = Organization(service)
    try:
        return organization.projects("keytui", archived=True)
    finally:
        organization.close()


def test_a_plan_is_applied_twice_and_undone(practice_fresh: Practice, plan: Path, sealed: Path) -> None:
    organization = Organization(practice_fresh)
    looked = setup(practice_fresh, "--plan", str(plan), "--dry-run")
    assert looked.status == 0
    assert re.search(r"^  project +nothing yet → keytui$", looked.out, re.MULTILINE)
    assert organization.projects("keytui") == []
    assert not (sealed / "keytui").exists() or not list((sealed / "keytui").rglob("plan.json"))

    first = setup(practice_fresh, "--plan", str(plan), "--yes", "--json")
    assert first.status == 0, first.words
    assert {step["step"]: step["outcome"] for step in first.data["steps"]}["key"] == "made"
    assert (first.data["trouble"], first.data["not_done"], first.data["exit"]) == (None, [], 0)
    assert first.data["key"].items() >= {"name": "keytui", "place": "file", "state": "works"}.items()
    (listed,) = keytui("keys", "list", "--json").data["keys"]
    assert listed["id"] == first.data["key"]["id"]
    assert listed["active"] is True
    said = [first.out, first.words, *(f.read_bytes().decode("latin-1") for f in sealed.rglob("*") if f.is_file())]
    for text in said:
        assert practice_fresh.admin_key not in text
        assert not re.search(rf"sk-svcacct-[\w-]{{20,}}{listed['last4']}", text)
    (project,) = organization.projects("keytui")
    before = organization.settings(project)

    second = setup(practice_fresh, "--plan", str(plan), "--yes")
    assert second.status == 0
    assert "nothing is to be made or changed" in second.out
    assert "– adopted" in second.words
    assert "– made" not in second.words
    assert organization.settings(project) == before

    undone = setup(practice_fresh, "--undo", "--yes", "--json")
    assert undone.status == 0
    assert undone.data["steps"][0].items() >= {"step": "key", "outcome": "undone"}.items()
    assert organization.projects("keytui") == []
    assert keytui("keys", "list", "--json").data["keys"] == []
    assert setup(practice_fresh, "--undo", "--yes").words == "keytui: there is no plan to undo.\n"
    organization.close()


def test_practice_alone_needs_nothing(plan: Path) -> None:
    applied = keytui("setup", "--plan", str(plan), "--practice", "--yes", "--json")
    assert applied.status == 0, applied.words
    assert applied.data["key"]["place"] == "session"
    assert keytui("keys", "list", "--practice", "--json").data["keys"] == []
    assert keytui("setup", "--finish", "--practice").status == 1


def test_killed_in_the_middle_it_asks_what_to_do(practice_fresh: Practice, plan: Path, tmp_path: Path) -> None:
    organization = Organization(practice_fresh)
    written = plan.read_text().replace("rate_limits = []", "")
    plan.write_text(f'{written}\n[[rate_limits]]\nmodel = "gpt-none"\nrequests_per_minute = 1\n')
    stuck = setup(practice_fresh, "--plan", str(plan), "--yes", "--json")
    assert stuck.status == 1
    assert stuck.data["trouble"]["step"] == "rate gpt-none"
    assert stuck.data["not_done"][0] == "rate gpt-none"
    assert "--without 'rate gpt-none'" in stuck.words
    assert "--finish goes on with it, --undo takes back what it did" in stuck.words

    other = tmp_path / "other.toml"
    other.write_text('[project]\nname = "other"\n')
    waits = setup(practice_fresh, "--plan", str(other), "--yes")
    assert (waits.status, waits.out) == (2, "")
    assert "The plan for “keytui”" in waits.words
    assert "4 of 10 steps done" in waits.words
    assert organization.projects("other") == []

    wrong = setup(practice_fresh, "--finish", "--without", "rates")
    assert (wrong.status, "there is no step “rates”" in wrong.words) == (2, True)
    needed = setup(practice_fresh, "--finish", "--without", "key")
    assert (needed.status, "impossible without the step “key”" in needed.words) == (2, True)
    finished = setup(practice_fresh, "--finish", "--without", "rate gpt-none", "--yes")
    assert finished.status == 0, finished.words
    assert "left out" in finished.words
    assert setup(practice_fresh, "--finish", "--yes").status == 1
    organization.close()


def test_the_command_is_killed_and_taken_up(practice_fresh: Practice, plan: Path, sealed: Path) -> None:
    organization = Organization(practice_fresh)
    reading, writing = os.pipe()
    os.write(writing, f"{WORDS}\n".encode())
    os.close(writing)
    command = [sys.executable, "-m", "keytui", "setup", "--plan", str(plan), "--yes", "--admin-key-stdin"]
    command += ["--base-url", practice_fresh.base_url, "--passphrase-fd", str(reading)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, pass_fds=(reading,)
    ) as process:
        os.close(reading)
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(practice_fresh.admin_key.encode())
        process.stdin.close()
        for line in process.stderr:
            if b"Make the project" in line:
                process.send_signal(signal.SIGKILL)
                break
        assert process.wait(30) == -signal.SIGKILL
    again = setup(practice_fresh, "--plan", str(plan), "--yes", "--json")
    assert again.status == 0, again.words
    assert "was left half made" in again.words
    (project,) = organization.projects("keytui", archived=True)
    assert len(organization.keys(project)) == len(organization.accounts(project)) == 1
    assert len(keytui("keys", "list", "--json").data["keys"]) == 1
    organization.close()


# ---- exit statuses ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--yes"], "--plan FILE"),
        (["--dry-run", "--undo"], "--dry-run goes with --plan"),
        (["--plan", "x", "--finish"], "not allowed with"),
        (["--plan", "x", "--yes", "--dry-run"], "not allowed with"),
        (["--plan", "x", "--preset", "ci"], "--preset goes with --write-plan"),
        (["--plan", "none.toml"], "none.toml cannot be read"),
        (["--pan", "x"], "--pan"),
        (["--admin-key", ADMIN], "revoke that key"),
        (["--plan", ADMIN], "revoke that key"),
    ],
)
def test_what_makes_no_sense_is_usage(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = here(arguments)
    out, words = capsys.readouterr()
    assert (status, out) == (2, "")
    assert said in words
    assert ADMIN not in words


def test_a_plan_with_a_mistake_is_named(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan.write_text(plan.read_text().replace("expires_days = 90", 'expires_days = "soon"'))
    capsys.readouterr()
    assert here(["--plan", str(plan), "--yes"]) == 2
    said = f"keytui: {plan}: key.expires_days takes a whole number of days, or “never”.\n"
    assert capsys.readouterr().err == said


def test_a_plan_is_not_written_over(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert here(["--write-plan", str(plan)]) == 1
    assert "nothing was written" in capsys.readouterr().err


def test_without_anybody_to_ask_the_missing_option_is_named(practice_fresh: Practice, plan: Path) -> None:
    keyless = keytui("setup", "--plan", str(plan), "--yes", "--base-url", practice_fresh.base_url)
    assert (keyless.status, "add --admin-key-stdin" in keyless.words) == (2, True)
    unsure = setup(practice_fresh, "--plan", str(plan))
    assert (unsure.status, "add --yes" in unsure.words) == (2, True)
    placeless = setup(practice_fresh, "--plan", str(plan), "--yes", passphrase=None)
    assert (placeless.status, "--passphrase-fd" in placeless.words) == (7, True)
    assert projects(practice_fresh) == []


def test_the_environments_admin_key_is_used_and_named(practice_fresh: Practice, plan: Path) -> None:
    applied = keytui(
        "setup", "--plan", str(plan), "--dry-run", "--json",
        environment={"OPENAI_ADMIN_KEY": practice_fresh.admin_key, "OPENAI_BASE_URL": practice_fresh.base_url},
    )  # fmt: skip
    assert applied.status == 0
    assert applied.data["differences"][0]["what"] == "project"
    assert (applied.data["dry_run"], applied.data["steps"], applied.data["key"]) == (True, [], None)
    assert "OPENAI_ADMIN_KEY" in applied.words
    assert "OPENAI_BASE_URL is set" in applied.words


def test_the_wrong_key_is_authentication(practice_fresh: Practice, plan: Path) -> None:
    wrong = setup(practice_fresh, "--plan", str(plan), "--yes", admin_key=practice_fresh.api_key)
    assert wrong.status == 3
    assert "this is an OpenAI project key" in wrong.words
    unknown = setup(practice_fresh, "--plan", str(plan), "--yes", "--json", admin_key=ADMIN)
    assert unknown.status == 3
    assert unknown.data["trouble"]["id"] == "invalid-key"
    assert "nothing was made or changed" in unknown.words


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (error(403, "Missing scopes: api.management.read"), 3),
        (error(429, "You exceeded your current quota", "insufficient_quota"), 4),
        (error(429, "Rate limit reached", "rate_limit_exceeded"), 5),
        (reply(200, "<html></html>", content="text/html"), 6),
        (error(400, "no"), 1),
    ],
)
async def test_the_exit_status_says_what_kind_of_trouble(
    answer: bytes, status: int, plan: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", ADMIN)
    async with faulty_server() as server:
        server.on("/organization/projects", answer)
        arguments = ["--plan", str(plan), "--dry-run", "--json", "--base-url", server.base_url]
        ended = await asyncio.to_thread(here, arguments)
    assert ended == json.loads(capsys.readouterr().out)["exit"] == status


def test_a_server_that_is_not_there_is_network(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", ADMIN)
    assert here(["--plan", str(plan), "--dry-run", "--base-url", "http://127.0.0.1:9/v1"]) == 6


def test_a_vault_that_does_not_open_is_the_vaults(practice_fresh: Practice, plan: Path) -> None:
    added = ("keys", "add", "work", "--stdin", "--vault", "file", "--no-verify")
    assert keytui(*added, stdin=KEY, passphrase=WORDS).status == 0
    refused = setup(practice_fresh, "--plan", str(plan), "--yes", passphrase="other words")
    assert refused.status == 7
    assert projects(practice_fresh) == []


# ---- on a terminal ------------------------------------------------------------------------------------------------


def test_on_a_terminal_everything_is_asked(
    practice_fresh: Practice, plan: Path, terminal: Callable[..., Terminal]
) -> None:
    organization = Organization(practice_fresh)
    arguments = ("setup", "--plan", str(plan), "--base-url", practice_fresh.base_url, "--vault", "file")
    with terminal(*arguments, columns=150, rows=60) as screen:
        screen.wait_for("Paste the admin key")
        screen.send(f"{practice_fresh.admin_key}\r")
        screen.wait_for("Choose a passphrase")
        screen.send(f"{WORDS}\r")
        screen.wait_for("The same again")
        screen.send(f"{WORDS}\r")
        screen.wait_for("Make and change this at")
        assert organization.projects("keytui") == []
        screen.send("y\r")
        screen.wait_for("is stored and checked")
        assert screen.wait_exit() == 0
        assert practice_fresh.admin_key[-20:].encode() not in screen.raw
    (project,) = organization.projects("keytui")
    assert len(organization.keys(project)) == 1
    organization.close()


def test_on_a_terminal_a_failure_offers_the_ways_on(
    practice_fresh: Practice, plan: Path, terminal: Callable[..., Terminal]
) -> None:
    organization = Organization(practice_fresh)
    written = plan.read_text().replace("rate_limits = []", "")
    plan.write_text(f'{written}\n[[rate_limits]]\nmodel = "gpt-none"\nrequests_per_minute = 1\n')
    arguments = ("setup", "--plan", str(plan), "--base-url", practice_fresh.base_url, "--vault", "file")
    environment = {"OPENAI_ADMIN_KEY": practice_fresh.admin_key}
    with terminal(*arguments, columns=150, rows=60, environment=environment) as screen:
        for prompt in ("Choose a passphrase", "The same again"):
            screen.wait_for(prompt)
            screen.send(f"{WORDS}\r")
        screen.wait_for("Make and change this at")
        screen.send("y\r")
        for question, answer in (("Try again?", "n"), ("Go on without this step?", "n"), ("Take back what", "y")):
            screen.wait_for(question)
            screen.send(f"{answer}\r")
        screen.wait_for("Archive the project “keytui” – undone")
        assert screen.wait_exit() == 1
    assert organization.projects("keytui") == []
    organization.close()
