"""The playground, as it is used: keys pressed, what the screen says, what was kept and booked."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from keytui.domain.ledger import Outcome
from keytui.domain.usage import Mark
from keytui.tui.panes.playground.pane import PlaygroundPane
from keytui.tui.widgets.composer import Composer
from tests.support.stage import Stage, on_stage


async def ask(stage: Stage, text: str) -> None:
    await stage.type(text)
    await stage.press("enter")


def composer(stage: Stage) -> Composer:
    return stage.app.screen.query_one(Composer)


def draft(stage: Stage) -> str:
    return composer(stage).text


def said(stage: Stage) -> list[str]:
    """What the user has sent."""
    thread = stage.app.screen.query_one(PlaygroundPane).thread
    return [message.text for message in thread.messages if message.role == "user"]


async def answered(stage: Stage) -> None:
    await stage.when(lambda: not stage.app.screen.query_one("PlaygroundPane").busy, "the answer's end")


def notices(stage: Stage) -> list[str]:
    """What is said in notices from now on."""
    said: list[str] = []
    stage.app.notify = lambda message, **_: said.append(message)  # type: ignore[method-assign]
    return said


async def entries(stage: Stage) -> list:
    return list((await stage.services.ledger()).latest(10))


@pytest.mark.parametrize("size", [(110, 32), (80, 24)])
async def test_a_first_message_is_counted_answered_and_booked(size: tuple[int, int]) -> None:
    async with on_stage(size=size) as stage:
        await stage.ready()
        await stage.type("How does prompt caching work?")
        text = await stage.until("~6 tokens", "in + up to")
        await stage.press("enter")
        text = await stage.until("A practice answer", "billed")
        assert "prompt_cache_key" in text
        [entry] = await entries(stage)
        assert entry.outcome is Outcome.FINISHED
        assert entry.usage.mark is Mark.BILLED
        assert entry.app == "playground"
        assert re.search(rf"\b{entry.usage.input}\b", text)
        # gpt-6-luna: 0.10 and 0.50 USD for a million tokens (openai-facts 3.7), nothing cached in 13 tokens.
        assert entry.cost.total == (entry.usage.input * Decimal("0.10") + entry.usage.output * Decimal("0.50")) / 10**6
        await stage.until("month $0.0001")


async def test_the_count_of_the_draft_is_exact_after_every_edit() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await stage.type("hello world")
        await stage.until("~2 tokens")
        await stage.press("backspace", "backspace", "ctrl+j")
        await stage.until("~3 tokens")
        await stage.press("ctrl+z")
        await stage.press("ctrl+z")
        text = await stage.until("~2 tokens")
        assert "hello world" in text


async def test_an_answer_is_stopped_kept_and_booked_as_an_estimate() -> None:
    async with on_stage(rate=30) as stage:
        await stage.ready()
        await ask(stage, "[[tokens=400 rate=30 style=words]]")
        await stage.until("esc stop")
        await stage.when(
            lambda: len(stage.app.screen.query_one("PlaygroundPane")._answering[0].message.text) > 40, "some text"
        )
        await stage.press("escape")
        text = await stage.until("stopped")
        assert re.search(r"stopped · ~\d+ in · ~\d+ out · ~\$0\.", text)
        [entry] = await entries(stage)
        assert entry.outcome is Outcome.STOPPED
        assert entry.usage.mark is Mark.ESTIMATED
        assert entry.usage.output > 5
        assert entry.cost is not None
        assert entry.cost.total > 0


async def test_an_answer_that_comes_is_told_of_where_it_will_be_told_of_when_it_has_come() -> None:
    async with on_stage(size=(160, 50), rate=30) as stage:
        await stage.ready()
        await ask(stage, "[[tokens=40 rate=30 style=words]]")
        coming = panel(stage, await stage.until("This answer", "tok/s", "cost so far"))
        assert re.search(r"cost so far +~\$0\.0000\d+$", "\n".join(coming), re.MULTILINE)
        await answered(stage)
        come = panel(stage, await stage.until("Last answer", "billed"))
        names = [[re.split("  +| [\\d~…$]", line.strip())[0] for line in lines] for lines in (coming, come)]
        assert [name[0] for name in names] == ["This answer", "Last answer"]
        assert [name.removesuffix(" so far") for name in names[0][1:]] == names[1][1:]
        assert names[1][1:] == ["in", "of that cached", "out", "cost", "speed", "first text after"]


def panel(stage: Stage, text: str) -> list[str]:
    """What the side panel says of the answer."""
    lines = [line.rpartition("│")[2].strip() for line in text.splitlines() if "│" in line]
    first = next(at for at, line in enumerate(lines) if "answer" in line)
    return lines[first : lines.index("", first)]


async def test_a_conversation_is_found_again_and_goes_on() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await ask(stage, "What is a token?")
        await answered(stage)
        await stage.press("ctrl+n")
        await stage.until("Welcome to keytui")
        await stage.press("ctrl+o")
        await stage.until("Conversations", "What is a token?", "2 messages")
        await stage.press("enter")
        await stage.until("A practice answer")
        await ask(stage, "And a key?")
        await answered(stage)
        newest, oldest = await entries(stage)
        assert newest.conversation == oldest.conversation
        assert newest.usage.input > oldest.usage.input


async def test_the_draft_and_the_conversation_are_there_after_a_restart() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await ask(stage, "What is a token?")
        await answered(stage)
        await stage.type("half a thought")
        await stage.when(
            lambda: stage.app.screen.query_one("PlaygroundPane")._keeping._draft == "half a thought", "the draft"
        )
        await stage.pilot.pause(0.3)
    async with on_stage() as stage:
        await stage.until("half a thought")
        await stage.press("ctrl+o")
        await stage.until("What is a token?")


async def test_another_model_answers_from_now_on() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await stage.press("ctrl+g")
        await stage.until("Model", "gpt-6.2-sol", "$2.00  $10.00")
        await stage.type("6.2-sol")
        await stage.press("enter")
        await stage.until("····", "gpt-6.2-sol")
        await ask(stage, "What is a token?")
        await answered(stage)
        [entry] = await entries(stage)
        assert entry.model == "gpt-6.2-sol"


async def test_a_rate_limit_is_waited_out_in_sight_and_can_be_stopped() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await situation(stage, "rate-limited")
        await ask(stage, "What is a token?")
        await stage.until("Trying again in", "escape stops")
        await stage.press("escape")
        await stage.until("stopped")
        assert "Trying again" not in stage.text()


@pytest.mark.parametrize(
    ("name", "said", "remedy"),
    [
        ("no-credit", "credit", "billing"),
        ("revoked-key", "key", "key"),
        ("spend-limit", "limit", "limit"),
        ("model-not-allowed", "gpt-6-luna", "model"),
    ],
)
async def test_a_refusal_is_one_sentence_with_a_next_step_and_costs_nothing(name: str, said: str, remedy: str) -> None:
    async with on_stage() as stage:
        await stage.ready()
        await situation(stage, name)
        await ask(stage, "What is a token?")
        await answered(stage)
        text = await stage.until("no answer")
        assert said in text
        assert remedy in text.lower()
        [entry] = await entries(stage)
        assert entry.outcome is Outcome.FAILED
        assert entry.cost is None or entry.cost.total == 0
        assert "month $0" in text


async def test_a_line_cut_in_the_middle_keeps_what_arrived() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await situation(stage, "cut-line")
        await ask(stage, "How does prompt caching work?")
        await answered(stage)
        text = await stage.until("cut off")
        assert "Prompt caching" in text
        [entry] = await entries(stage)
        assert entry.outcome is Outcome.CUT
        assert entry.usage.mark is Mark.ESTIMATED


async def test_what_is_sent_before_the_practice_service_is_there_goes_out_when_it_is() -> None:
    async with on_stage() as stage:
        await ask(stage, "What is a token?")
        await ask(stage, " And a key?")
        await stage.until("A practice answer", "billed")
        assert said(stage) == ["What is a token?"]
        assert draft(stage) == " And a key?"


async def test_nothing_is_sent_in_a_conversation_that_was_opened_after_enter() -> None:
    async with on_stage() as stage:
        await stage.ready()
        told = notices(stage)
        # As long as the rest of a long conversation is read, nothing goes out.
        stage.app.screen.query_one(PlaygroundPane).whole.clear()
        await ask(stage, "What is a token?")
        await stage.press("ctrl+n")
        await stage.when(lambda: told, "a word about it")
        assert "another conversation was opened" in told[0]
        assert draft(stage) == "What is a token?"
        assert not said(stage)
        assert not await entries(stage)


async def test_enter_while_an_answer_comes_says_so_and_the_draft_stays() -> None:
    async with on_stage() as stage:
        await stage.ready()
        told = notices(stage)
        # As fast as a paste of both, the first message not on its way yet.
        for text in ("[[tokens=400 rate=30 style=words]]", "And a key?"):
            composer(stage).insert(text)
            composer(stage).action_submit()
        await stage.until("esc stop")
        await stage.press("enter")
        await stage.when(lambda: len(told) == 2, "a word about each")
        assert "just going out" in told[0]
        assert "still coming" in told[1]
        assert all("your draft stays here" in words for words in told)
        await stage.press("escape")
        await answered(stage)
        assert said(stage) == ["[[tokens=400 rate=30 style=words]]"]
        assert draft(stage) == "And a key?"
        await stage.press("enter")
        await answered(stage)
        assert said(stage)[1:] == ["And a key?"]
        # Each was estimated by itself, whatever the draft held by then.
        keys, store = await stage.services.practice_keys(), await stage.services.calibrations()
        learnt = store.at(keys.base_url, "gpt-6-luna")
        assert (learnt.weight, learnt.estimated) == (1, learnt.measured)


async def situation(stage: Stage, name: str) -> None:
    """Put the practice service into a situation, as its own page does."""
    import httpx2

    keys = await stage.services.practice_keys()
    root = keys.base_url.removesuffix("/v1")
    async with httpx2.AsyncClient() as client:
        reply = await client.post(f"{root}/practice/situation", json={"name": name})
        reply.raise_for_status()


async def test_the_server_counts_exactly_until_the_draft_changes() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await stage.type("How does prompt caching work?")
        await stage.press("f3")
        text = await stage.until("✓ with all before", "to be sent")
        counted = re.search(r"(\d+) ✓", text)[1]
        keys, store = await stage.services.practice_keys(), await stage.services.calibrations()
        await stage.press("f3")
        await stage.pilot.pause()
        learnt = store.at(keys.base_url, "gpt-6-luna")
        assert (learnt.weight, learnt.measured) == (1, int(counted))
        await stage.type("x")
        await stage.when(lambda: "✓" not in stage.text(), "the mark to go")
        await stage.press("backspace", "enter")
        await answered(stage)
        [entry] = await entries(stage)
        assert entry.usage.input == int(counted)


async def test_what_is_billed_is_learnt_and_applied_to_the_next_estimate() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await stage.until("encoding assumed")
        keys = await stage.services.practice_keys()
        store = await stage.services.calibrations()
        store.learn(keys.base_url, "gpt-6-luna", 100, 120)
        await stage.press("ctrl+n")
        await stage.type("hello")
        await stage.until("learnt so far", "+20")
        await stage.press("enter")
        await answered(stage)
        [entry] = await entries(stage)
        await stage.until(f"{entry.usage.input} (~28)")
        assert store.at(keys.base_url, "gpt-6-luna").weight > 1.5


async def test_over_a_hard_cap_nothing_is_sent_and_the_draft_stays() -> None:
    async with on_stage() as stage:
        await stage.ready()
        stage.app.change_settings(monthly_cap=Decimal("0.0001"))
        await stage.press("ctrl+n")
        await stage.type("hello")
        await stage.until("over the monthly cap of $0.0001", "left of month cap")
        said = notices(stage)
        await stage.press("enter")
        await stage.when(lambda: said, "a word about it")
        assert "Not sent: it could cost up to" in said[0]
        assert "raise or remove the monthly cap" in said[0]
        assert "hello" in stage.text()
        assert not await entries(stage)


async def test_a_dear_message_is_asked_about_and_stays_until_it_is_meant() -> None:
    async with on_stage() as stage:
        await stage.ready()
        stage.app.change_settings(ask_above=Decimal("0.001"))
        await stage.type("hello")
        await stage.press("enter")
        await stage.until("This may cost up to $0.06", "You wish to be asked above $0.0010")
        await stage.press("escape")
        assert "hello" in stage.text()
        assert not await entries(stage)
        await stage.press("enter")
        await stage.until("This may cost")
        await stage.press("y")
        await stage.until("billed")


async def test_a_key_in_the_draft_is_noticed_not_kept_and_sent_only_when_meant() -> None:
    key = "sk-proj-" + "a1B2c3D4e5F6g7H8i9J0" * 3
    async with on_stage() as stage:
        await stage.ready()
        said = notices(stage)
        stage.app.screen.query_one("Composer").insert(f"why does {key} not work?")  # type: ignore[attr-defined]
        assert said[0].startswith("That looks like an OpenAI project key.")
        await stage.pilot.pause(1.3)
        assert (await stage.services.conversations()).draft(None) == ""
        await stage.press("enter")
        await stage.until("holds what looks like an OpenAI project key", "no secret any more")
        await stage.press("enter")
        assert "why does" in stage.text()
        assert not await entries(stage)


async def test_the_cache_is_seen_before_and_after_it_is_used() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await stage.until("Cache", "nothing sent yet", "begins at 1,024")
        stage.app.screen.query_one("Composer").load_text("one two three four five six seven " * 200)  # type: ignore[attr-defined]
        await stage.until("writing adds", "paid for after", "1 reading")
        await stage.press("enter")
        await answered(stage)
        await stage.until("29 min left", "expected")
        await stage.type("and now?")
        await stage.press("enter")
        await answered(stage)
        newest, oldest = await entries(stage)
        assert newest.usage.cached == oldest.usage.written > 1_024
        await stage.when(lambda: re.search(rf"of that cached +{newest.usage.cached:,}", stage.text()), "the real hit")


async def test_a_request_that_is_lost_on_its_way_offers_to_check_the_way() -> None:
    async with on_stage() as stage:
        await stage.ready()
        assert "check the route" not in stage.text()
        await situation(stage, "cut-line")
        await ask(stage, "How does prompt caching work?")
        await stage.until("cut off", "f9 checks the route", "check the route")
        await stage.press("f9")
        await stage.until("The route to 127.0.0.1", "an API answers")


async def test_keys_come_when_practice_gives_them_and_a_playground_opened_later_counts() -> None:
    async with on_stage(pane="keys") as stage:
        await stage.until("practice ····", "For programs")
        await stage.press("2")
        await stage.type("one two")
        await stage.until("~2 tokens")
