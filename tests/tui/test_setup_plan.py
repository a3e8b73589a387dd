"""With an admin key the walk makes everything itself: seen before, ticked while, taken back if wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.apply.run import Means
from keytui.domain.keys import KeyKind, KeyState, Place
from keytui.domain.setup import Step
from keytui.domain.troubles import Exit, Trouble, explain
from keytui.domain.troubles.pages import PAGES
from keytui.tui.screens.setup.picker import Picker
from keytui.tui.screens.setup.plan_work import PlanWork
from tests.domain.apply.office import Organization
from tests.domain.apply.test_stuck import Refusing
from tests.support.practice import Practice
from tests.tui.setup_walk import SIZES, Walk, walk
from tests.tui.test_setup_walk import MOST_KEYSTROKES

CUT = Trouble("connection-reset", "The connection was closed.", "Try again.", Exit.NETWORK)


@pytest.fixture
def organization(practice_fresh: Practice) -> Iterator[Organization]:
    organization = Organization(practice_fresh)
    yield organization
    organization.close()


async def to_the_plan(user: Walk, name: str = "") -> None:
    """From the first step to the whole plan."""
    await user.at(Step.YOU)
    while "› I own the organisation" not in user.text:
        await user.press("down")
    await user.press("enter")
    await user.at(Step.PROJECT)
    user.assert_fits()
    await user.type(name)
    await user.press("enter")
    await user.proposes("To the admin key")


async def give_admin_key(user: Walk, service: Practice, *, place: str = "this session only") -> None:
    """From the plan to the comparison."""
    await user.press("enter")
    await user.until(lambda: user.app.focused and user.app.focused.id == "admin-key")
    user.assert_fits()
    assert PAGES["admin-keys"] in user.text
    await user.paste(service.admin_key)
    user.screen.query_one("#address", Picker).focus()
    await user.press("right", "tab")
    await user.paste(service.base_url)
    await user.choose_place(place)
    user.assert_fits()
    await user.press("enter")


def outcomes(user: Walk) -> dict[str, str]:
    ticks = user.screen.query_one(PlanWork).ticks
    return {tick.step.name: tick.outcome.value for tick in ticks if tick.outcome is not None}


@pytest.mark.parametrize("size", SIZES)
async def test_practising_it_takes_nothing_but_enter(size: tuple[int, int]) -> None:
    async with walk(practice=True, size=size) as user:
        await to_the_plan(user)
        for words in ("$10.00 a month", "gpt-6-luna, gpt-6-sol, gpt-6-astra", "after 90 days", "$8.00"):
            assert words in user.text
        user.assert_fits()
        await user.press("enter")
        await user.proposes("Look first")
        user.assert_fits()
        await user.press("enter")
        await user.proposes("Make it")
        assert "admin key in memory" in user.text
        assert "service account" in user.text
        user.assert_fits()
        await user.press("enter")
        await user.proposes("Continue")
        assert outcomes(user)["project"] == "made"
        assert "The admin key is forgotten." in user.said("#outcome")
        await user.until(lambda: "admin key in memory" not in user.text)
        user.assert_fits()
        await user.press("enter")
        await user.at(Step.MESSAGE)
        await user.until(lambda: "up to $" in user.said("#meter"))
        await user.press("enter")
        await user.proposes("Continue")
        assert "billed" in user.said("#billed")
        await user.press("enter")
        await user.at(Step.USE)
        await user.press("enter")
        await user.until(lambda: user.over)
        assert user.pressed <= MOST_KEYSTROKES
        (result,) = user.results
        assert result is not None
        assert result.key is not None
        assert (result.key.kind, result.key.state) == (KeyKind.SERVICE_ACCOUNT, KeyState.WORKS)
        assert (await user.services.journal()).load().finished  # type: ignore[union-attr]


async def test_everything_that_was_chosen_is_made_and_a_second_time_changes_nothing(
    practice_fresh: Practice, organization: Organization
) -> None:
    async with walk() as user:
        await to_the_plan(user, "notes")
        await user.press("alt+left")
        await user.at(Step.PROJECT)
        for field, text in (("requests", "20"), ("cap", "5")):
            user.screen.query_one(f"#{field}").focus()
            await user.type(text)
        await user.press("enter")
        await user.proposes("To the admin key")
        assert "20 requests a minute, for each of 3 models" in user.text
        user.assert_fits()
        await give_admin_key(user, practice_fresh)
        await user.proposes("Make it")
        assert organization.projects("notes") == []
        await user.press("enter")
        await user.proposes("Continue")
        user.assert_fits()
        assert practice_fresh.admin_key not in user.app.export_screenshot()
        (project,) = organization.projects("notes")
        settings = organization.settings(project)
        assert settings["models"] == ["gpt-6-astra", "gpt-6-luna", "gpt-6-sol"]
        assert (settings["rates"], settings["limit"], settings["alerts"]) == (20, 500, [400])
        (record,) = user.services.keys.records()
        assert (record.name, record.place, record.monthly_cap) == ("notes", Place.SESSION, Decimal(5))
        assert user.services.keys.active() == record
        organization.client((await user.services.keys.secret(record)).reveal()).models.list()
        await user.press("alt+left")
        await user.at(Step.PROJECT)
        await user.press("enter")
        await user.proposes("To the admin key")
        await give_admin_key(user, practice_fresh)
        await user.proposes("Make it")
        assert "Everything is there as planned" in user.said("#headline")
        await user.press("enter")
        await user.proposes("Continue")
        assert set(outcomes(user).values()) == {"adopted", "unchanged"}
        assert len(organization.keys(project)) == 1
        user.assert_fits()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [("project", "Managing the organisation needs an admin key"), ("stranger", "does not know this admin key")],
)
async def test_a_wrong_admin_key_is_explained_and_nothing_is_made(
    wrong: str, words: str, practice_fresh: Practice, organization: Organization
) -> None:
    given = practice_fresh.api_key if wrong == "project" else f"{practice_fresh.admin_key[:-6]}AbCdEf"
    async with walk() as user:
        await to_the_plan(user, "never")
        await give_admin_key(user, replace(practice_fresh, admin_key=given))
        await user.until(lambda: words in user.text.replace("\n", " ") or words in user.said("#outcome"))
        user.assert_fits()
        assert "admin key in memory" not in user.text
        assert organization.projects("never") == []


def refuse(user: Walk, monkeypatch: pytest.MonkeyPatch, method: str, trouble: Trouble = CUT) -> Refusing:
    """Let one kind of call be refused until the test says otherwise."""
    means, made = user.services.means, list[Refusing]()

    async def refusing(*given: Any) -> Means:
        whole = await means(*given)
        made.append(Refusing(whole.admin, method, made[0].trouble if made else trouble))
        return replace(whole, admin=made[-1], sleep=no_pause)  # type: ignore[arg-type]

    async def no_pause(seconds: float) -> None:
        """Waiting is tried elsewhere."""

    monkeypatch.setattr(user.services, "means", refusing)
    return _Latest(made)  # type: ignore[return-value]


class _Latest:
    def __init__(self, made: list[Refusing]) -> None:
        self.__dict__["_made"] = made

    def __setattr__(self, name: str, value: Any) -> None:
        for one in self._made:
            setattr(one, name, value)


async def stuck(user: Walk, service: Practice, name: str) -> None:
    await to_the_plan(user, name)
    await give_admin_key(user, service)
    await user.proposes("Make it")
    await user.press("enter")
    await user.proposes("Try again")
    assert "The connection was closed." in user.said("#outcome")
    assert "admin key in memory" in user.text
    user.assert_fits()


async def test_what_only_an_owner_can_do_comes_with_a_letter(
    practice_fresh: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []

    async def note(widget: object, text: str) -> None:
        copied.append(text)

    monkeypatch.setattr("keytui.tui.screens.setup.automatic.hand_to_clipboard", note)
    async with walk() as user:
        refuse(user, monkeypatch, "make_project", explain("cannot-create"))
        await to_the_plan(user, "letter")
        await give_admin_key(user, practice_fresh)
        await user.proposes("Make it")
        assert "letter to owner" not in user.text
        await user.press("enter")
        await user.proposes("Try again")
        assert "You may not make projects or keys" in user.said("#outcome")
        assert "f4 letter to owner" in user.text
        user.assert_fits()
        await user.press("f4")
        assert "Could you make a project “letter”" in copied[0]


@pytest.mark.parametrize("size", SIZES)
async def test_where_it_stops_it_can_be_tried_again(
    size: tuple[int, int], practice_fresh: Practice, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with walk(size=size) as user:
        refusing = refuse(user, monkeypatch, "set_spend_limit")
        await stuck(user, practice_fresh, "again")
        assert "✗ not done" in user.text
        assert "○" in user.text
        refusing.trouble = None
        await user.press("enter")
        await user.proposes("Continue")
        (project,) = organization.projects("again")
        assert organization.settings(project)["limit"] == 1000


async def test_where_it_stops_it_can_go_on_without(
    practice_fresh: Practice, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with walk() as user:
        refuse(user, monkeypatch, "set_spend_limit")
        await stuck(user, practice_fresh, "without")
        await user.press("tab", "enter")
        await user.proposes("Continue")
        assert outcomes(user)["spend limit"] == "left out"
        (project,) = organization.projects("without")
        assert organization.settings(project)["limit"] is None
        assert len(organization.keys(project)) == 1


async def test_where_it_stops_it_can_be_taken_back(
    practice_fresh: Practice, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with walk() as user:
        refuse(user, monkeypatch, "make_key")
        await stuck(user, practice_fresh, "back")
        # The key's step cannot be left out, so taking it back is the first of the other buttons.
        await user.press("tab", "enter")
        await user.proposes("To the plan")
        assert set(outcomes(user).values()) <= {"undone", "unchanged"}
        assert "taken back" in user.said("#outcome")
        user.assert_fits()
        assert organization.projects("back") == []
        assert user.services.keys.records() == ()
        assert (await user.services.journal()).load() is None


async def test_left_in_the_middle_it_is_found_again_and_finished(
    practice_fresh: Practice, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with walk() as user:
        refuse(user, monkeypatch, "make_spend_alert")
        await stuck(user, practice_fresh, "later")
        await user.press("escape")
        await user.until(lambda: user.over)
    async with walk() as user:
        await user.at(Step.KEY)
        await user.proposes("Finish it")
        assert "was left half made" in user.said("#headline")
        user.assert_fits()
        await user.press("enter")
        await user.until(lambda: user.app.focused and user.app.focused.id == "admin-key")
        assert practice_fresh.base_url in user.text
        await user.paste(practice_fresh.admin_key)
        await user.choose_place()
        user.assert_fits()
        await user.press("enter")
        await user.proposes("Continue")
        (project,) = organization.projects("later")
        assert organization.settings(project)["alerts"] == [800]
        assert user.screen.progress.way == "own"


async def test_an_admin_key_is_kept_when_it_is_asked_for_and_serves_the_next_time(
    practice_fresh: Practice, organization: Organization
) -> None:
    async with walk() as user:
        await to_the_plan(user, "first")
        await user.press("enter")
        await user.until(lambda: user.app.focused and user.app.focused.id == "admin-key")
        await user.paste(practice_fresh.admin_key)
        user.screen.query_one("#address", Picker).focus()
        await user.press("right", "tab")
        await user.paste(practice_fresh.base_url)
        await user.choose_place()
        user.screen.query_one("#after", Picker).focus()
        await user.press("right", "enter")
        await user.proposes("Make it")
        await user.press("enter")
        await user.proposes("Continue")
        assert "The admin key is kept there too, as “admin”." in user.said("#outcome")
        user.assert_fits()
        kept = {record.kind for record in user.services.keys.records()}
        assert kept == {KeyKind.SERVICE_ACCOUNT, KeyKind.ADMIN}
        active = user.services.keys.active()
        assert active is not None
        assert active.name == "first"
        await user.press("alt+left")
        await user.at(Step.PROJECT)
        await user.type("second")
        await user.press("enter")
        await user.proposes("To the admin key")
        await user.press("enter")
        await user.until(lambda: "stored as “admin”" in user.text)
        user.assert_fits()
        await user.choose_place()
        await user.press("enter")
        await user.proposes("Make it")
        await user.press("enter")
        await user.proposes("Continue")
        assert len(organization.projects("second")) == 1


async def test_the_encrypted_file_asks_for_its_passphrase_in_the_app(
    practice_fresh: Practice, organization: Organization
) -> None:
    async with walk() as user:
        await to_the_plan(user, "filed")
        await give_admin_key(user, practice_fresh, place="the encrypted file")
        await user.until(lambda: "Choose a passphrase" in user.text)
        assert "forgotten passphrase" in user.text
        await user.paste("four unrelated quiet words")
        await user.press("enter")
        await user.paste("four unrelated quiet words")
        await user.press("enter")
        await user.proposes("Make it")
        await user.press("enter")
        await user.proposes("Continue")
        assert "the encrypted file" in user.said("#outcome")
        (record,) = user.services.keys.records()
        assert record.place is Place.FILE


async def test_a_plan_that_makes_no_sense_leads_back_to_the_project() -> None:
    async with walk(practice=True) as user:
        await user.at(Step.YOU)
        await user.press("down", "down", "down", "enter")
        await user.at(Step.PROJECT)
        user.screen.query_one("#alert").focus()
        await user.type("50")
        await user.press("enter")
        await user.proposes("Back to the project")
        assert "The alert takes amounts up to the spend limit" in user.said("#outcome")
        user.assert_fits()
        await user.press("enter")
        await user.at(Step.PROJECT)
