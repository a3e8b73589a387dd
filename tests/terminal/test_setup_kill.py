from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.domain.apply.office import Organization
from tests.support.practice import Practice
from tests.support.sealed import clean
from tests.support.terminal import Terminal

COMMAND = [sys.executable, "-m", "keytui", "setup"]
PASSPHRASE = "four unrelated quiet words"


def test_killed_in_the_middle_the_walk_is_taken_up_where_it_was(tmp_path: Path) -> None:
    environment = clean(os.environ, tmp_path)
    command = [sys.executable, "-m", "keytui", "setup", "--practice"]
    with Terminal(command, environment=environment, columns=80, rows=24) as terminal:
        terminal.wait_for("Which is it?")
        terminal.press("enter")
        terminal.wait_for("Auto-reload")
        terminal.press("enter")
        terminal.wait_for("What will it cost?")
        terminal.signal(signal.SIGKILL)
        terminal.wait_exit()
    with Terminal(command, environment=environment, columns=80, rows=24) as terminal:
        terminal.wait_for("What will it cost?")


@pytest.fixture
def organization(practice_fresh: Practice) -> Iterator[Organization]:
    organization = Organization(practice_fresh)
    yield organization
    organization.close()


def killed_at(note: int, service: Practice, environment: dict[str, str]) -> None:
    """The whole walk with an admin key, killed when this note is on the disk."""
    command = [sys.executable, "-m", "tests.support.dying_app", str(note), "setup"]
    with Terminal(command, environment=environment, columns=80, rows=24) as terminal:
        terminal.wait_for("Which is it?")
        terminal.press("down")
        terminal.wait_for("› I own the organisation")
        terminal.press("enter")
        terminal.wait_for("What will it cost?")
        terminal.press("enter")
        terminal.wait_for("service account")
        terminal.press("enter")
        give_admin_key(terminal, service)
        terminal.wait_for("and nothing else:")
        terminal.press("enter")
        terminal.wait_exit()


def give_admin_key(terminal: Terminal, service: Practice) -> None:
    """Paste it, and open the encrypted file for the new key."""
    terminal.wait_for("Admin key then")
    terminal.paste(service.admin_key)
    terminal.wait_for("an OpenAI admin key")
    terminal.press("enter")
    asked = terminal.wait_for(re.compile("Choose a passphrase|The encrypted file is locked"))
    terminal.paste(PASSPHRASE)
    terminal.wait_for(re.compile("Passphrase +•{20}"))
    if "Choose" in asked:
        terminal.press("tab")
        # Nothing on the screen tells in words which field has the focus: what is drawn for it has to arrive.
        terminal.wait_quiet()
        terminal.paste(PASSPHRASE)
        terminal.wait_for(re.compile("Once more +•{20}"))
    terminal.press("enter")


@pytest.mark.parametrize("note", [2, 18, 19])
def test_killed_while_a_plan_is_applied_the_next_start_finishes_it(
    note: int, practice_fresh: Practice, organization: Organization, tmp_path: Path
) -> None:
    environment = clean(os.environ, tmp_path) | {"OPENAI_BASE_URL": practice_fresh.base_url}
    killed_at(note, practice_fresh, environment)
    with Terminal(COMMAND, environment=environment, columns=80, rows=24) as terminal:
        terminal.wait_for("was left half made")
        terminal.press("enter")
        give_admin_key(terminal, practice_fresh)
        said = terminal.wait_for("Kept as “keytui”")
        assert "✓ works" in said
    (project,) = organization.projects("keytui", archived=True)
    assert organization.accounts(project) == ["keytui"]
    (key,) = organization.keys(project)
    assert key.redacted_value[-4:] in said


@pytest.mark.parametrize("note", [2, 18, 19])
def test_killed_while_a_plan_is_applied_the_next_start_takes_it_back(
    note: int, practice_fresh: Practice, organization: Organization, tmp_path: Path
) -> None:
    environment = clean(os.environ, tmp_path) | {"OPENAI_BASE_URL": practice_fresh.base_url}
    killed_at(note, practice_fresh, environment)
    with Terminal([sys.executable, "-m", "keytui"], environment=environment, columns=80, rows=24) as terminal:
        terminal.wait_for(re.compile(r"f2\b"))
        terminal.press("f2")
        terminal.wait_for("steps are done")
        terminal.wait_for("Take it back")
        terminal.press("tab")
        terminal.wait_quiet()
        terminal.press("enter")
        terminal.wait_for("Admin key then")
        terminal.paste(practice_fresh.admin_key)
        terminal.wait_for("an OpenAI admin key")
        terminal.press("enter")
        said = terminal.wait_for(re.compile("All of it is taken back|The encrypted file is locked"))
        if "locked" in said:
            # A key that is stored already lies in the encrypted file, which is opened to forget it.
            terminal.paste(PASSPHRASE)
            terminal.wait_for(re.compile("Passphrase +•{20}"))
            terminal.press("enter")
        terminal.wait_for("All of it is taken back")
    assert organization.projects("keytui") == []
    for project in organization.projects("keytui", archived=True):
        assert organization.keys(project) == []
        assert organization.accounts(project) == []
