from __future__ import annotations

import random
import string
from collections.abc import Callable
from pathlib import Path

import pytest

from keytui.domain.keys import KeyRecord, KeyState, VaultTrouble
from keytui.domain.secrets import Secret
from keytui.domain.setup import Step
from keytui.tui.screens.setup.paste_part import PastePart
from tests.support.practice import Practice, practice_service
from tests.tui.setup_walk import Walk, walk
from tests.tui.test_setup_walk import enter_key


def key(prefix: str = "sk-proj-", *, seed: int = 7) -> str:
    """A key in shape that opens nothing."""
    letters = random.Random(seed)
    half = "".join(letters.choice(string.ascii_letters + string.digits) for _ in range(148))
    return f"{prefix}{half[:74]}T3BlbkFJ{half[74:]}"


async def to_the_paste(user: Walk) -> None:
    await user.at(Step.KEY)
    await user.proposes("Check it")


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("sk-ant-api03-" + key("")[:90], "an Anthropic key"),
        (key("sk-admin-"), "an admin key"),
        (key()[:40] + "é" + key()[41:], "“é”"),
        ("sk-proj-abc...wxyz", "shortened form"),
        (key() + " " + key(seed=8), "two different keys"),
        ("sk-abc", "too short"),
        ("   \n", "Nothing was pasted"),
    ],
    ids=["another vendor's", "admin", "foreign character", "shortened", "two", "cut", "blank"],
)
async def test_what_is_no_usable_key_is_said_in_one_sentence_and_goes_nowhere(pasted: str, words: str) -> None:
    async with walk(start_at="key") as user:
        await to_the_paste(user)
        await user.paste(pasted)
        await user.press("enter")
        await user.until(lambda: words in user.said("#problem"))
        assert user.said("#problem").count(". ") <= 1
        user.assert_fits()
        assert not user.services.keys.records()
        assert user.screen.query_one(PastePart).display


async def test_a_key_in_the_environment_is_offered_and_can_stay_there(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", practice.api_key)
    monkeypatch.setenv("OPENAI_BASE_URL", practice.base_url)
    async with walk() as user:
        await user.at(Step.YOU)
        await user.until(lambda: practice.api_key[-4:] in user.text)
        assert "› I have a key" in user.text
        await user.press("enter")
        await user.at(Step.PROJECT)
        await user.press("enter")
        await to_the_paste(user)
        assert "OPENAI_API_KEY in the environment" in user.text
        await user.press("enter")
        await user.proposes("Keep it")
        assert "where it is: OPENAI_API_KEY in the environment" in user.text
        user.assert_fits()
        await user.press("enter")
        await user.proposes("Continue")
        (record,) = user.services.keys.records()
        assert (record.place.value, record.locator) == ("environment", "OPENAI_API_KEY")
        assert (await user.services.keys.secret(record)).reveal() == practice.api_key


async def test_another_key_in_the_environment_is_pointed_out(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key(seed=9))
    async with walk() as user:
        await user.at(Step.YOU)
        await user.until(lambda: "› I have a key" in user.text)
        await user.press("enter")
        await user.at(Step.PROJECT)
        await user.press("enter")
        await to_the_paste(user)
        await user.press("left", "tab")
        await user.paste(practice.api_key)
        await user.until(lambda: f"another key (····{key(seed=9)[-4:]})" in user.said("#said").replace("\n", " "))
        user.assert_fits()


async def refused(user: Walk, service: Practice, base_url: str | None = None) -> None:
    """Paste the service's key, and wait for what the check says."""
    await to_the_paste(user)
    await enter_key(user, service.api_key, base_url or service.base_url)


@pytest.mark.parametrize(
    ("situation", "proposal", "words", "state"),
    [
        ("revoked-key", "Another key", "key", None),
        ("model-not-allowed", "Try again", "gpt-6-luna", KeyState.LIMITED),
        ("unsupported-country", "Another key", "country", None),
        ("captive-portal", "Try again", "", None),
    ],
)
async def test_a_check_that_stops_says_why_and_what_to_do(
    situation: str, proposal: str, words: str, state: KeyState | None, tmp_path: Path
) -> None:
    with practice_service(tmp_path, "--rate", "max", "--situation", situation) as service:
        async with walk(start_at="key") as user:
            await refused(user, service)
            await user.until(lambda: "✗" in user.text and user.view.ready)
            await user.proposes(proposal)
            assert words in user.said("#outcome")
            user.assert_fits()
            assert service.api_key not in user.app.export_screenshot()
            if state is not None:
                await user.press("tab", "tab", "enter")
                await user.proposes("Keep it")
                await user.choose_place()
                await user.press("enter")
                await user.proposes("Continue")
                assert user.services.keys.records()[0].state is state
            assert not (proposal == "Another key" and user.services.keys.records())


async def test_an_unreachable_address_lets_the_key_be_kept_unverified(practice: Practice) -> None:
    async with walk(start_at="key") as user:
        await refused(user, practice, "http://127.0.0.1:9/v1")
        await user.proposes("Try again")
        user.assert_fits()
        await user.press("enter")
        await user.proposes("Try again")
        await user.press("tab", "tab", "enter")
        await user.proposes("Keep it")
        await user.choose_place()
        await user.press("enter")
        await user.proposes("Continue")
        (record,) = user.services.keys.records()
        assert record.state is KeyState.UNCHECKED
        assert record.verified is None


async def test_a_proxy_that_is_needed_is_entered_where_it_is_missed(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with walk(start_at="key") as user:
        await refused(user, practice, "http://platform.invalid/v1")
        await user.proposes("Try again")
        assert "proxy" in user.said("#outcome")
        user.assert_fits()
        await user.press("tab", "tab", "tab", "enter")
        await user.until(lambda: "Your own proxy and certificates" in user.text)
        await user.press("escape")
        await user.until(lambda: "enter your proxy" in user.text)
        assert user.screen.query_one(PastePart).candidate() is not None


async def test_a_place_that_refuses_the_key_is_told_and_nothing_is_lost(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with walk(start_at="key") as user:

        async def full(record: KeyRecord, secret: Secret) -> KeyRecord:
            raise VaultTrouble("The disk is full; make room, then try again.")

        monkeypatch.setattr(user.services.keys, "add", full)
        await refused(user, practice)
        await user.proposes("Keep it")
        await user.choose_place()
        await user.press("enter")
        await user.until(lambda: "The disk is full" in user.said("#outcome"))
        monkeypatch.undo()
        await user.press("enter")
        await user.proposes("Continue")
        assert len(user.services.keys.records()) == 1


async def ask_there(user: Walk, service: Practice, words: Callable[[], bool]) -> None:
    """Keep the key of a service, and send the first message to it."""
    await refused(user, service)
    await user.until(lambda: user.view.ready and user.said("#outcome"))
    if "✗" in user.text:
        await user.press("tab", "tab", "enter")
    await user.proposes("Keep it")
    await user.choose_place()
    await user.press("enter")
    await user.proposes("Continue")
    await user.press("enter")
    await user.at(Step.MESSAGE)
    await user.until(lambda: "up to $" in user.said("#meter"))
    await user.press("enter")
    await user.until(words)


@pytest.mark.parametrize(
    ("situation", "words"),
    [("no-credit", "credit"), ("spend-limit", "spend limit"), ("organization-spend-limit", "spend limit")],
)
async def test_a_first_message_that_is_refused_says_why_and_can_be_sent_again(
    situation: str, words: str, tmp_path: Path
) -> None:
    with practice_service(tmp_path, "--rate", "max", "--situation", situation) as service:
        async with walk(start_at="key") as user:
            await ask_there(user, service, lambda: words in user.said("#plain").lower())
            await user.proposes("Send again")
            assert user.said("#billed") == ""
            user.assert_fits()


async def test_a_cut_answer_is_kept_and_counted_as_an_estimate(tmp_path: Path) -> None:
    with practice_service(tmp_path, "--rate", "max", "--situation", "cut-line") as service:
        async with walk(start_at="key") as user:
            await ask_there(user, service, lambda: "estimated" in user.said("#billed"))
            await user.proposes("Send again")
            assert user.screen.query_one("#answer").children


async def test_a_rate_limit_is_waited_for_in_sight_and_can_be_stopped(tmp_path: Path) -> None:
    with practice_service(tmp_path, "--rate", "max", "--situation", "slow-down") as service:
        async with walk(start_at="key") as user:
            await ask_there(user, service, lambda: "Asking again in" in user.said("#billed"))
            assert user.view.busy
            await user.press("escape")
            await user.proposes("Send again")
            assert user.said("#billed") == ""
            assert not user.over
