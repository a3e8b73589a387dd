from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from textual.widgets import Input

from keytui.cli.backstage import Backstage
from keytui.domain.keys import KeyKind, KeyRecord, KeyState, Place
from keytui.domain.secrets import Secret
from keytui.domain.setup import Standing, Step
from keytui.domain.usage import Mark, Usage
from keytui.tui.screens.setup.picker import Picker
from tests.adapters.ledger.making import entry
from tests.support.practice import Practice, practice_service
from tests.tui.setup_walk import SIZES, Walk, walk

MOST_KEYSTROKES = 25


async def enter_key(user: Walk, key: str, base_url: str) -> None:
    """From the paste on: the key, and the address it is for."""
    await user.proposes("Check it")
    await user.paste(key)
    user.screen.query_one("#address", Picker).focus()
    await user.press("right", "tab")
    await user.until(lambda: user.app.focused and user.app.focused.id == "base-url")
    await user.paste(base_url)
    await user.press("enter")


@pytest.mark.parametrize("size", SIZES)
async def test_practising_takes_nothing_but_enter(size: tuple[int, int]) -> None:
    async with walk(practice=True, size=size) as user:
        for step in (Step.YOU, Step.ACCOUNT, Step.PROJECT):
            await user.at(step)
            user.assert_fits()
            await user.press("enter")
        await user.proposes("Check it")
        await user.until(lambda: "project key" in user.said("#said"))
        user.assert_fits()
        await user.press("enter")
        await user.proposes("Continue")
        assert "key accepted" in user.text
        user.assert_fits()
        await user.press("enter")
        await user.at(Step.MESSAGE)
        await user.until(lambda: "up to $" in user.said("#meter"))
        assert "enter send " in user.text
        user.assert_fits()
        await user.press("enter")
        await user.proposes("Continue")
        assert "enter continue" in user.text
        assert "billed" in user.said("#billed")
        assert "7 of those in are message format; 128 of those out are reasoning" in user.said("#billed")
        assert "The same on gpt-6-sol $" in user.said("#billed")
        user.assert_fits()
        await user.press("enter")
        await user.at(Step.USE)
        for _ in range(4):
            user.assert_fits()
            await user.press("right")
        assert "it ends with keytui" in user.said("#review")
        assert "enter finish" in user.text
        await user.press("enter")
        await user.until(lambda: user.over)
        assert user.pressed <= MOST_KEYSTROKES
        (result,) = user.results
        assert result is not None
        assert result.key is not None
        assert result.key.state is KeyState.WORKS
        assert user.app.settings.setup == "finished"
        assert user.services.progress.load() is None
        spent = (await user.services.ledger()).by("app")
        assert [(spend.label, spend.requests) for spend in spent] == [("set-up", 1)]


@pytest.mark.parametrize("size", SIZES)
async def test_a_pasted_key_is_cleaned_checked_kept_and_used(size: tuple[int, int], practice: Practice) -> None:
    async with walk(size=size) as user:
        await user.at(Step.YOU)
        await user.press("up", "enter")
        await user.at(Step.PROJECT)
        user.assert_fits()
        await user.type("notes")
        await user.press("enter")
        await user.at(Step.KEY)
        await enter_key(user, f' export OPENAI_API_KEY="{practice.api_key}"\n', practice.base_url)
        await user.proposes("Keep it")
        assert "the encrypted file" in user.text
        assert "forgotten passphrase" in user.said("#outcome")
        user.assert_fits()
        await user.choose_place()
        assert not user.services.keys.records()
        user.assert_fits()
        await user.press("enter")
        await user.proposes("Continue")
        assert "Kept as “notes”: this session only." in user.said("#outcome")
        user.assert_fits()
        (record,) = user.services.keys.records()
        assert user.services.keys.active() == record
        assert (record.name, record.base_url, record.place) == ("notes", practice.base_url, Place.SESSION)
        assert (record.default_model, record.monthly_cap) == ("gpt-6-luna", Decimal(10))
        assert (record.state, record.last4) == (KeyState.WORKS, practice.api_key[-4:])
        assert (await user.services.keys.secret(record)).reveal() == practice.api_key
        await user.press("enter")
        await user.at(Step.MESSAGE)
        await user.until(lambda: "up to $" in user.said("#meter"))
        await user.type("Why?")
        await user.until(lambda: user.said("#meter").startswith("~2 tokens"))
        await user.press("enter")
        await user.proposes("Continue")
        assert "billed" in user.said("#billed")
        await user.press("enter")
        await user.at(Step.USE)
        assert "keytui exec -k notes -- your-program" in user.text
        await user.press("right")
        assert practice.base_url in user.said("#text")
        await user.press("enter")
        await user.until(lambda: user.over)
        assert user.pressed <= MOST_KEYSTROKES
        assert practice.api_key not in user.app.export_screenshot()


async def test_without_a_key_a_checklist_comes_before_the_paste() -> None:
    async with walk() as user:
        await user.at(Step.YOU)
        await user.press("enter")
        await user.at(Step.ACCOUNT)
        assert "https://platform.openai.com/settings/organization/billing/overview" in user.text
        user.assert_fits()
        await user.press("enter")
        await user.at(Step.PROJECT)
        await user.type("my notes")
        await user.press("tab")
        await user.type("sorting mail")
        await user.press("enter")
        await user.proposes("To the key")
        assert "my notes" in user.text
        assert "sorting mail" in user.text
        for _ in range(4):
            user.assert_fits()
            await user.press("space")
        assert "Responses write" in user.text
        user.assert_fits()
        kept = user.services.progress.load()
        assert kept is not None
        await user.until(lambda: len((user.services.progress.load() or kept).ticked) == 4)
        await user.press("enter")
        await user.proposes("Check it")
        user.assert_fits()


async def test_practising_outside_practice_asks_for_the_practice_service() -> None:
    async with walk() as user:
        await user.at(Step.YOU)
        await user.press("down", "down", "enter")
        await user.until(lambda: user.over)
        (result,) = user.results
        assert result is not None
        assert result.relaunch == "practice"
        assert user.app.settings.setup == "open"


async def test_back_keeps_what_was_entered_and_skip_says_what_was_left_out() -> None:
    async with walk(practice=True) as user:
        await user.at(Step.YOU)
        await user.press("enter", "s")
        await user.at(Step.PROJECT)
        assert user.screen.progress.standing(Step.ACCOUNT) is Standing.LEFT_OUT
        await user.type("kept")
        await user.press("alt+left")
        await user.at(Step.ACCOUNT)
        await user.press("enter")
        await user.at(Step.PROJECT)
        assert user.screen.query_one("#name").value == "kept"  # type: ignore[attr-defined]
        assert user.screen.progress.standing(Step.ACCOUNT) is Standing.DONE
        for step in (Step.KEY, Step.MESSAGE, Step.USE):
            await user.press("alt+right")
            await user.at(step)
        await user.press("enter")
        await user.until(lambda: user.over)
        assert user.app.settings.setup == "finished"


async def test_left_and_taken_up_again() -> None:
    async with walk(practice=True) as user:
        await user.at(Step.YOU)
        await user.press("enter", "enter")
        await user.at(Step.PROJECT)
        await user.type("later")
        await user.press("escape")
        await user.until(lambda: user.over)
        assert user.results == [None]
        assert user.app.settings.setup == "dismissed"
    async with walk(practice=True) as user:
        await user.at(Step.PROJECT)
        assert user.screen.query_one("#name").value == "later"  # type: ignore[attr-defined]


async def test_a_walk_that_was_cut_off_is_taken_up_where_it_was() -> None:
    async with walk(practice=True) as user:
        await user.at(Step.YOU)
        await user.press("enter")
        await user.at(Step.ACCOUNT)
        await user.press("enter")
        await user.at(Step.PROJECT)
        assert user.app.settings.setup == "open"
    async with walk(practice=True) as user:
        await user.at(Step.PROJECT)


async def test_progress_that_cannot_be_read_is_named_and_left_alone() -> None:
    async with walk(practice=True) as user:
        path = user.services.paths.setup_file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{")
    path.chmod(0o600)
    async with walk(practice=True) as user:
        await user.at(Step.YOU)
        await user.until(lambda: any(str(path) in str(note.message) for note in user.app._notifications))
        await user.press("enter")
        await user.at(Step.ACCOUNT)
    assert path.read_text() == "{"


async def test_the_why_of_a_step_is_a_key_away_and_counts_ones_own_words() -> None:
    async with walk(practice=True, start_at="message") as user:
        await user.at(Step.MESSAGE)
        await user.press("f1")
        await user.until(lambda: "Yours, " in user.text)
        assert "Tokens and prices" in user.text
        await user.press("right")
        await user.until(lambda: "tenth of the price" in user.text)
        await user.press("escape")
        await user.until(lambda: user.app.screen is user.screen)


@pytest.mark.parametrize("size", [(110, 32), (80, 24), (60, 18), (40, 12)])
async def test_every_step_opens_at_every_size(size: tuple[int, int]) -> None:
    async with walk(practice=True, size=size) as user:
        for step in Step:
            await user.at(step)
            if step is not Step.USE:
                user.screen.progress = user.screen.progress.at(step)
                await user.screen._move(user.view.so_far().forward())


async def test_the_buttons_do_as_the_keys() -> None:
    async with walk(practice=True) as user:
        await user.at(Step.YOU)
        await user.press("enter")
        await user.at(Step.ACCOUNT)
        user.screen.query_one("#skip").focus()
        await user.press("enter")
        await user.at(Step.PROJECT)
        user.screen.query_one("#back").focus()
        await user.press("enter")
        await user.at(Step.ACCOUNT)


async def test_a_key_in_the_encrypted_file_and_a_proof_that_costs_a_little(practice_fresh: Practice) -> None:
    async with walk() as user:
        await user.at(Step.YOU)
        await user.press("enter")
        await user.at(Step.ACCOUNT)
        await user.press("enter")
        await user.at(Step.PROJECT)
        await user.press("enter")
        await user.proposes("To the key")
        await user.press("enter")
        await enter_key(user, practice_fresh.api_key, practice_fresh.base_url)
        await user.proposes("Keep it")
        await user.press("enter")
        await user.until(lambda: "Choose a passphrase" in user.text)
        await user.paste("four unrelated quiet words")
        await user.press("tab")
        await user.paste("four unrelated quiet words")
        await user.press("enter")
        await user.proposes("Continue")
        assert "the encrypted file" in user.said("#outcome")
        assert {"key", "models"} <= set(user.view.so_far().ticked)
        user.assert_fits()
        assert not (await user.services.ledger()).by("app")
        await user.press("tab", "enter")
        await user.until(lambda: "are proved" in user.said("#outcome"))
        user.assert_fits()
        assert "credit" in user.view.so_far().ticked
        (spend,) = (await user.services.ledger()).by("app")
        assert (spend.label, spend.requests) == ("probe", 1)
        assert spend.cost > 0
        (record,) = user.services.keys.records()
        assert (record.place, record.state) == (Place.FILE, KeyState.WORKS)


async def test_a_key_for_embeddings_is_shown_a_program_instead_of_an_answer() -> None:
    async with walk(practice=True, start_at="project") as user:
        await user.at(Step.PROJECT)
        picker = user.screen.query_one("#preset", Picker)
        picker.focus()
        await user.until(lambda: picker.has_focus)
        await user.press("right")
        await user.until(lambda: picker.words == "embeddings only")
        await user.press("alt+right")
        await user.at(Step.KEY)
        await user.press("alt+right")
        await user.at(Step.MESSAGE)
        await user.until(lambda: "answers no questions" in user.said("#plain"))
        user.assert_fits()
        await user.press("enter")
        await user.at(Step.USE)
        await user.press("right")
        assert "client.embeddings.create" in user.said("#text")
        user.assert_fits()


async def test_items_of_the_checklist_are_proved_one_by_one(practice_fresh: Practice) -> None:
    async with walk() as user:
        await user.at(Step.YOU)
        await user.press("enter", "s", "enter")
        await user.proposes("To the key")
        await user.press("down", "down", "v")
        await user.until(lambda: "Proved with the key" in user.text)
        user.assert_fits()
        await user.press("enter")
        await enter_key(user, practice_fresh.api_key, practice_fresh.base_url)
        await user.proposes("Keep it")
        await user.choose_place()
        await user.press("enter")
        await user.proposes("Continue")
        user.assert_fits()
        user.screen.query_one("#list").focus()
        await user.press("enter", "v")
        await user.until(lambda: "exact count: 8 tokens" in user.text)
        user.assert_fits()
        assert not (await user.services.ledger()).by("app")
        await user.press("down", "down", "down", "v")
        await user.until(lambda: "for $0.000012 at most?" in user.text)
        await user.press("n", "v")
        await user.until(lambda: "for $0.000012 at most?" in user.text)
        assert "credit" not in user.view.so_far().ticked
        await user.press("y")
        await user.until(lambda: "one tiny paid request: billed" in user.text)
        user.assert_fits()
        assert "credit" in user.view.so_far().ticked
        assert [spend.label for spend in (await user.services.ledger()).by("app")] == ["probe"]
        await user.press("alt+left")
        await user.at(Step.PROJECT)
        await user.press("enter")
        await user.proposes("Continue")
        await user.press(*["down"] * 4, "v")
        await user.until(lambda: "key accepted: 23 models" in user.text)
        user.screen.query_one("#another").focus()
        await user.press("enter")
        await user.proposes("Check it")


async def test_an_item_that_is_not_proved_says_why(tmp_path: Path) -> None:
    with practice_service(tmp_path, "--rate", "max", "--credit", "0") as broke:
        async with walk() as user:
            await user.at(Step.YOU)
            await user.press("enter", "s", "enter")
            await user.proposes("To the key")
            await user.press("enter")
            await enter_key(user, broke.api_key, broke.base_url)
            await user.proposes("Keep it")
            await user.choose_place()
            await user.press("enter")
            await user.proposes("Continue")
            user.screen.query_one("#list").focus()
            await user.press("enter", *["down"] * 5, "v")
            await user.until(lambda: "at most?" in user.text)
            await user.press("y")
            await user.until(lambda: "no API credit left" in user.text)
            user.assert_fits()
            assert "credit" not in user.view.so_far().ticked


async def test_what_is_enough_is_taken_with_a_key() -> None:
    async with walk(practice=True, start_at="project") as user:
        await user.until(lambda: "Enough: gpt-6-luna, cap $5.00" in user.said("#advice"))
        assert "Standard  Flex Batch" in user.said("#costs")
        for field, text in (("typical", "word " * 400), ("together", "20"), ("messages", "2000")):
            user.screen.query_one(f"#{field}", Input).value = text
        await user.until(lambda: "cache -$" in user.said("#costs") and "cap $50.00" in user.said("#advice"))
        user.assert_fits()
        await user.press("f4")
        plan = user.view.so_far().plan
        assert (plan.cap, plan.spend_limit, plan.alerts) == (Decimal(50), Decimal(50), (Decimal(40),))
        assert user.view.so_far().habit.together == 20
        user.screen.query_one("#tiers", Picker).focus()
        await user.press("right")
        assert user.view.so_far().plan.permissions.service_tiers == ("flex",)


async def test_the_calculator_begins_with_what_the_ledger_says_of_the_key(practice: Practice) -> None:
    services = Backstage(practice=False, offline=False)
    key = await services.keys.add(
        KeyRecord("", "work", KeyKind.PROJECT, practice.base_url, Place.SESSION, "", services.now()),
        Secret(practice.api_key),
    )
    async with walk(services=services, start_at="project") as user:
        user.assert_fits()
        ledger = await services.ledger()
        for number in range(20):
            usage = Usage(input=2000, output=150, cached=1000, mark=Mark.BILLED)
            ledger.book(entry(f"{number}", services.now(), key_id=key.id, usage=usage))
        await user.press("alt+left")
        await user.at(Step.YOU)
        await user.press("enter")
        await user.at(Step.PROJECT)
        await user.until(lambda: "~2,000 in, ~150 out; cache -$" in user.said("#costs"))
        assert "as in your ledger" in user.text
        assert "in each conversation" not in user.text
        assert user.view.so_far().habit.messages_a_day == 20
        user.assert_fits()
        user.screen.query_one("#typical", Input).value = "a question"
        await user.until(lambda: "~150 out each" in user.said("#costs"))
        assert "in each conversation" in user.text


async def test_the_longest_checklist_fits_and_copies_whole() -> None:
    async with walk() as user:
        await user.at(Step.YOU)
        await user.press("enter", "s")
        await user.at(Step.PROJECT)
        long = "sorting the mail of everybody in the house, and more " * 3
        for field, text in (("description", long), ("use", long), ("requests", "20")):
            user.screen.query_one(f"#{field}", Input).value = text
        await user.press("enter")
        await user.proposes("To the key")
        for _ in range(7):
            user.assert_fits()
            await user.press("down")
        await user.press(*["up"] * 7, "c", "c")
        assert user.app.clipboard == long.strip()
