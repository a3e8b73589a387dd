"""``keytui setup --plain``: the walk line by line, by somebody who types, and in a terminal that can do nothing."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from keytui.cli import asking
from keytui.cli.backstage import Backstage
from keytui.cli.plain.walk import walk
from keytui.domain.apply.run import Means
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, KeyState, Place
from keytui.domain.secrets import Secret
from keytui.domain.setup import Step
from keytui.domain.usage import Mark, Usage
from tests.adapters.ledger.making import entry
from tests.cli.keytui import keytui
from tests.domain.apply.office import Organization
from tests.domain.apply.test_stuck import CUT, Refusing
from tests.support.practice import Practice
from tests.support.terminal import Terminal

PASSPHRASE = "four unrelated quiet words"


class Somebody:
    """Answers what was agreed, in its order, when a question holds its words; and else presses enter."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: list[tuple[str, str]] = []
        self.typed = 0
        self._read = 0
        self._words = io.StringIO()
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(asking, "interactive", lambda: True)
        monkeypatch.setattr(asking, "_typed", lambda prompt: self._words.write(prompt) and Secret(self.answer()))

    @property
    def heard(self) -> str:
        """All that was said."""
        return self._words.getvalue()

    def readline(self) -> str:
        return f"{self.answer()}\n"

    def answer(self) -> str:
        self.typed += 1
        assert self.typed < 120, self.heard[-2000:]
        asked = self.heard[self._read :]
        self._read = len(self.heard)
        if self.answers and self.answers[0][0] in asked:
            answer = self.answers.pop(0)[1]
            if answer == "ctrl+c":
                raise KeyboardInterrupt
            return answer
        return ""

    async def walk(self, *answers: tuple[str, str], practice: bool = False) -> Backstage:
        """Go through the walk, or as far as the answers lead; a keytui that sees what was kept."""
        self.answers += answers
        with self._monkeypatch.context() as terminal:
            terminal.setattr(sys, "stderr", self._words)
            terminal.setattr(sys, "stdin", self)
            assert not await walk(practice=practice, ascii_only=False)
        assert not self.answers, f"never asked for: {self.answers}\n{self.heard[-2000:]}"
        return Backstage(practice=practice, offline=False)


@pytest.fixture
def user(monkeypatch: pytest.MonkeyPatch) -> Somebody:
    return Somebody(monkeypatch)


@pytest.fixture
def organization(practice_fresh: Practice) -> Any:
    organization = Organization(practice_fresh)
    yield organization
    organization.close()


def test_in_a_terminal_that_can_do_nothing_practising_takes_nothing_but_enter(
    terminal: Callable[..., Terminal], sealed: Path
) -> None:
    environment = {"TERM": "dumb", "LANG": "C"}
    with terminal("setup", "--plain", "--practice", environment=environment, columns=80, rows=400) as screen:
        for question in (
            *("Number, 1 to 4", "Enter goes on", "Name, at most", "Description", "Used by whom", "Number, 1 to 4"),
            *("Number, 1 to 3", "Number, 1 to 4", "A message like yours", "Messages like this", "Messages in each"),
            *("Cap, USD", "The platform mails", "Requests a minute", "Tokens a minute", "how many days"),
            *("Number, 1 to 2", "Which address", "Ask it, for", "Your message", "Send it?", "Ask something else?"),
            "Enter ends set-up",
        ):
            screen.wait_for(lambda text, question=question: question in text.rstrip().rsplit("\n", 1)[-1])
            screen.press("enter")
        assert screen.wait_exit() == 0
        said = screen.raw
    assert b"\x1b" not in said
    assert said.isascii()
    assert b"billed." in said
    assert b"The same on gpt-6-sol $" in said
    kept = Backstage(practice=True, offline=False)
    assert kept.settings.load().setup == "finished"
    assert kept.progress.load() is None


def test_without_a_terminal_it_names_what_works() -> None:
    ran = keytui("setup", "--plain", stdin="")
    assert ran.status == 2
    assert "--plan FILE" in ran.words


async def test_a_pasted_key_is_told_checked_and_kept(user: Somebody, practice: Practice) -> None:
    kept = await user.walk(
        ("Which is it?", "1"),
        ("Name, at most", "notes"),
        ("Description", "back"),
        ("Name, at most", "why"),
        ("Name, at most", "why bill"),
        ("Messages in each", "x"),
        ("Messages in each", "8"),
        ("Cap, USD", "5"),
        ("Which address", practice.base_url),
        ("Paste the key", practice.admin_key),
        ("This is an admin key", f"{practice.api_key[:-2]}zz"),
        ("What now?", ""),
        ("Which address", practice.base_url),
        ("Paste the key", f' "{practice.api_key}" '),
        ("Where is it to be kept?", "2"),
        ("Your message", "Why?"),
        ("Ask something else?", "leave"),
    )
    for words in (
        "Organisation, project, key",
        "Type a whole number",
        "Taken off: ",
        "the cache saves",
        "Kept as “notes”",
    ):
        assert words in user.heard
    for secret in (practice.api_key, practice.admin_key):
        assert secret not in user.heard
    progress = kept.progress.load()
    assert progress is not None
    assert (progress.step, progress.plan.project.name, progress.habit.together) == (Step.MESSAGE, "notes", 8)
    assert [(s.label, s.requests) for s in (await kept.ledger()).by("app")] == [("set-up", 1)]
    assert kept.settings.load().setup == "dismissed"


async def test_the_reckoning_begins_with_the_ledger(user: Somebody) -> None:
    before = Backstage(practice=False, offline=False)
    record = KeyRecord(
        *("", "work", KeyKind.PROJECT, OPENAI_BASE_URL, Place.ENVIRONMENT, "", before.now()), locator="WORK_KEY"
    )
    key = await before.keys.add(record, Secret("sk-proj-" + "aB3d" * 20))
    ledger = await before.ledger()
    for number in range(20):
        usage = Usage(input=2000, output=150, cached=1000, mark=Mark.BILLED)
        ledger.book(entry(f"{number}", before.now(), key_id=key.id, usage=usage))
    kept = await user.walk(("Which is it?", "1"), ("A message like yours; enter", ""), ("Cap, USD", "leave"))
    said = " ".join(user.heard.split())
    assert "20 requests a day, of 2,000 tokens in (1,000 cached) and 150 out each" in said
    assert "Messages in each" not in user.heard
    progress = kept.progress.load()
    assert progress is not None
    assert (progress.habit.sent, progress.habit.message) == (2000, "")


async def test_the_checklist_is_left_taken_up_and_proved(user: Somebody, practice: Practice) -> None:
    kept = await user.walk(
        ("Which is it?", "2"),
        ("Name, at most", "mail"),
        ("Is it done?", "yes"),
        ("Is it done?", "no"),
        ("Is it done?", "leave"),
    )
    progress = kept.progress.load()
    assert progress is not None
    assert (progress.step, progress.ticked) == (Step.KEY, ("project",))
    assert "limit a month, USD: 10" in user.heard
    kept = await user.walk(
        ("1 of 6: Make the project: done.", "yes"),
        ("Which address", practice.base_url),
        ("Paste the key", practice.api_key),
        ("Where is it to be kept?", "1"),
        ("Choose a passphrase", PASSPHRASE),
        ("The same again", PASSPHRASE),
        ("Ask it, for", "yes"),
        ("Your message", "leave"),
    )
    progress = kept.progress.load()
    assert progress is not None
    assert set(progress.ticked) == {"project", "limit", "models", "tools", "key", "credit"}
    (record,) = kept.keys.records()
    assert (record.name, record.place, record.state) == ("mail", Place.FILE, KeyState.WORKS)
    assert [(s.label, s.requests) for s in (await kept.ledger()).by("app")] == [("probe", 1)]
    assert practice.api_key not in user.heard


async def test_what_was_answered_before_ctrl_c_is_kept(user: Somebody) -> None:
    with pytest.raises(KeyboardInterrupt):
        await user.walk(("Which is it?", "1"), ("Name, at most", "notes"), ("Cap, USD", "ctrl+c"))
    kept = Backstage(practice=False, offline=False).progress.load()
    assert kept is not None
    assert (kept.step, kept.plan.key.name) == (Step.PROJECT, "notes")


async def test_an_admin_key_makes_it_all_and_a_second_time_changes_nothing(
    user: Somebody, practice_fresh: Practice, organization: Organization
) -> None:
    admin = (
        ("The plan:", ""),
        ("Which address", practice_fresh.base_url),
        ("Paste the admin key", practice_fresh.admin_key),
        ("Where is the new key kept?", "1"),
    )
    kept = await user.walk(
        ("Which is it?", "3"),
        ("Name, at most", "notes"),
        ("The plan:", ""),
        ("Which address", practice_fresh.base_url),
        ("Paste the admin key", practice_fresh.api_key),
        *admin[1:],
        ("Choose a passphrase", PASSPHRASE),
        ("The same again", PASSPHRASE),
        ("Do it?", "yes"),
        ("Your message", "leave"),
    )
    assert "Managing the organisation needs an admin key" in user.heard
    assert "Make the project “notes”: made" in user.heard
    (project,) = organization.projects("notes")
    assert organization.settings(project)["limit"] == 1000
    (record,) = kept.keys.records()
    assert (record.name, record.kind, record.state) == ("notes", KeyKind.SERVICE_ACCOUNT, KeyState.WORKS)
    await user.walk(
        ("Passphrase of the encrypted file", PASSPHRASE),
        ("Your message", "back"),
        *admin,
        ("Everything is there as planned", "yes"),
        ("Your message", "leave"),
    )
    assert len(organization.keys(project)) == 1
    assert practice_fresh.admin_key not in user.heard


async def test_a_plan_that_stops_can_be_left_and_taken_back(
    user: Somebody, practice_fresh: Practice, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Backstage.means

    async def refusing(self: Backstage, secret: Secret, base_url: str, place: Place) -> Means:
        means = await whole(self, secret, base_url, place)
        return replace(means, admin=Refusing(means.admin, "set_spend_limit", CUT))  # type: ignore[arg-type]

    monkeypatch.setattr(Backstage, "means", refusing)
    await user.walk(
        ("Which is it?", "3"),
        ("Which address", practice_fresh.base_url),
        ("Paste the admin key", practice_fresh.admin_key),
        ("Where is the new key kept?", "2"),
        ("What now?", "4"),
    )
    assert "not done" in user.heard
    assert len(organization.projects("keytui")) == 1
    monkeypatch.setattr(Backstage, "means", whole)
    await user.walk(
        ("was left half made", "2"),
        ("Paste the admin key", practice_fresh.admin_key),
        ("Where is the new key kept?", "2"),
        ("All of it is taken back", "leave"),
    )
    assert organization.projects("keytui") == []
