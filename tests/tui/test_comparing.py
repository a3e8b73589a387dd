"""Several answers to one question: asked at once, stopped, cut, resized, and gone on from."""

from __future__ import annotations

import re
from decimal import Decimal

from keytui.domain.ledger import Entry, Outcome
from keytui.domain.usage import Mark
from keytui.tui.panes.playground.pane import PlaygroundPane
from keytui.tui.widgets.answer_columns import AnswerColumns
from tests.support.stage import Stage, on_stage
from tests.tui.test_playground import answered, ask, notices, situation

THREE = ("gpt-6-luna", "gpt-6-astra", "gpt-6.1-sol")


def pane(stage: Stage) -> PlaygroundPane:
    return stage.app.screen_stack[0].query_one(PlaygroundPane)


async def ask_three(stage: Stage, text: str) -> AnswerColumns:
    """Ask the model in use and two more, chosen by key."""
    await stage.type(text)
    await stage.press("ctrl+r")
    await stage.until("Ask several models", "[1] gpt-6-luna", "6.1-terra")
    await stage.press("up", "up", "tab", "up", "up", "tab")
    await stage.until("[2] gpt-6-astra", "[3] gpt-6.1-sol")
    await stage.press("enter")
    await stage.until("▸1 gpt-6-luna")
    return stage.app.screen.query_one(AnswerColumns)


async def entries(stage: Stage) -> list[Entry]:
    return list((await stage.services.ledger()).latest(10))


async def test_three_models_answer_at_once_and_the_conversation_goes_on_from_one() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await ask_three(stage, "What is a token?")
        await answered(stage)
        text = await stage.until("3 answers, $0.0", "finished")
        [heads] = [row for row in text.split("\n") if "1 gpt-6-luna" in row]
        assert all(model in heads for model in THREE)
        assert len(re.findall(r"\$0\.\d+ · \d+ in · \d+ out", text)) == 3
        booked = await entries(stage)
        assert {entry.model for entry in booked} == set(THREE)
        assert all(entry.outcome is Outcome.FINISHED and entry.cost is not None for entry in booked)
        await stage.press("right")
        await stage.when(lambda: pane(stage).model == "gpt-6-astra", "the marked answer's model")
        await stage.press("ctrl+t")
        await stage.until("gpt-6-astra  ", "practice·answer")
        await stage.press("escape", "enter")
        await stage.when(lambda: not stage.app.screen.query(AnswerColumns), "the conversation")
        assert [message.model for message in pane(stage).thread.messages] == [None, "gpt-6-astra"]
        await ask(stage, "And a key?")
        await answered(stage)
        newest = (await entries(stage))[0]
        assert newest.model == "gpt-6-astra"
        [first] = [entry for entry in booked if entry.model == "gpt-6-astra"]
        assert newest.usage.input > first.usage.input + 50
        assert len((await stage.services.conversations()).messages(pane(stage).thread.head.id)) == 6


async def test_the_marked_answer_is_gone_on_from_when_the_conversation_is_opened_again() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await ask_three(stage, "What is a token?")
        await answered(stage)
        await stage.press("right")
        store = await stage.services.conversations()
        await stage.when(lambda: store.conversations()[0].leaf, "the choice to be kept")
        await stage.press("ctrl+n", "ctrl+o")
        await stage.until("4 messages")
        await stage.press("enter")
        await stage.when(lambda: len(pane(stage).thread.messages) == 2, "the conversation")
        assert pane(stage).thread.messages[1].model == "gpt-6-astra"


async def test_the_last_question_is_put_to_another_model_beside_its_answer() -> None:
    async with on_stage(size=(80, 24)) as stage:
        await stage.ready()
        await ask(stage, "What is a token?")
        await answered(stage)
        await stage.press("ctrl+r")
        await stage.until("up to 2", "beside gpt-6-luna's answer", "6.1-terra")
        await stage.type("6.1-sol")
        await stage.press("enter")
        await stage.until("1 gpt-6-luna", "2 gpt-6.1-sol")
        await answered(stage)
        await stage.until("2 answers, $0.0")
        newest, oldest = await entries(stage)
        assert (newest.model, oldest.model) == ("gpt-6.1-sol", "gpt-6-luna")
        assert newest.usage.input == oldest.usage.input
        stored = (await stage.services.conversations()).messages(pane(stage).thread.head.id)
        assert [message.role for message in stored] == ["user", "assistant", "assistant"]


async def test_answers_are_stopped_one_by_one_and_together_and_each_is_booked() -> None:
    async with on_stage() as stage:
        await stage.ready()
        columns = await ask_three(stage, "[[tokens=6000 rate=40 style=words]]")
        coming = pane(stage)._answering
        await stage.when(lambda: all(len(one.message.text) > 40 for one in coming), "some text in each")
        await stage.until("stop this one", "tok/s")
        await stage.press("right", "x")
        await stage.when(lambda: columns.columns[1].facts.state == "stopped", "the second to stop")
        assert columns.coming == {0, 2}
        # Narrower than three columns, and back; another pane, and back: what comes meanwhile is not lost.
        await stage.pilot.resize_terminal(80, 24)
        await stage.until("1 gpt-6-luna writing", "2 gpt-6-astra stopped")
        await stage.press("alt+3")
        await stage.until("Forecast")
        so_far = len(coming[0].message.text)
        await stage.when(lambda: len(coming[0].message.text) > so_far + 40, "more text")
        await stage.pilot.resize_terminal(110, 32)
        await stage.press("alt+2")
        # The keys are the answers' again.
        await stage.until("next answer")
        await stage.press("escape")
        await answered(stage)
        booked = await entries(stage)
        assert [entry.outcome for entry in booked] == [Outcome.STOPPED] * 3
        assert all(entry.usage.mark is Mark.ESTIMATED and entry.usage.output > 5 for entry in booked)
        for one, column in zip(coming, columns.columns, strict=True):
            assert column.transcript.messages[0].text == one.message.text
            assert column.facts.state == "stopped"


async def test_three_cut_lines_keep_what_arrived_and_say_so() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await situation(stage, "cut-line")
        columns = await ask_three(stage, "How does prompt caching work?")
        await answered(stage)
        assert [column.facts.state for column in columns.columns] == ["cut off"] * 3
        assert {entry.outcome for entry in await entries(stage)} == {Outcome.CUT}
        await stage.until("f9 checks the route")


async def test_another_conversation_takes_the_columns_away_and_all_three_are_kept() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await ask_three(stage, "[[tokens=6000 rate=40 style=words]]")
        coming = pane(stage)._answering
        await stage.when(lambda: all(len(one.message.text) > 40 for one in coming), "some text in each")
        await stage.press("ctrl+n")
        await stage.until("Welcome to keytui")
        await answered(stage)
        assert not stage.app.screen.query(AnswerColumns)
        assert pane(stage).thread.untouched
        [head] = (await stage.services.conversations()).conversations()
        stored = (await stage.services.conversations()).messages(head.id)
        assert [message.outcome for message in stored[1:]] == ["stopped"] * 3
        assert all(message.text and message.cost for message in stored[1:])


async def test_a_cap_is_held_against_all_of_them_together() -> None:
    async with on_stage() as stage:
        await stage.ready()
        # Each of the three alone would stay below it: astra may cost 6.40 at most.
        stage.app.change_settings(monthly_cap=Decimal(7))
        await stage.press("ctrl+n")
        said = notices(stage)
        await stage.type("hello")
        await stage.press("ctrl+r")
        await stage.until("[1] gpt-6-luna", "6.1-terra")
        await stage.press("up", "up", "tab", "up", "up", "tab", "enter")
        await stage.when(lambda: said, "a word about it")
        assert re.search(r"Not sent: it could cost up to \$7\.\d+, and the monthly cap of \$7\.00", said[0])
        assert pane(stage).draft == "hello"
        assert not await entries(stage)
