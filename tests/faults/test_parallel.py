"""Faults struck while several models are asked at once: at one of the answers, and at all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from keytui.tui.panes.playground.pane import PlaygroundPane
from keytui.tui.widgets.answer_columns import AnswerColumns
from tests.faults.cell import GOOD, complaint, nothing_but_answers, use_key, written_with
from tests.faults.matrix import FAULTS, MARKER
from tests.faults.test_chat import asked, questions_kept
from tests.support.faulty import faulty_server
from tests.support.stage import Stage, on_stage

MODELS = ("gpt-6-luna", "gpt-6-astra", "gpt-6.1-sol")
TELLING = {
    "invalid-key",
    "no-credit",
    "nobody listens",
    "reset at once",
    "no answer within its time",
    "silence in the answer",
    "an error in the stream",
    "the key in the message",
    "sequences in the message",
    "a message without end",
    "endless usage",
}
"""A fault of each kind; how a single answer takes all of them is in ``test_chat``."""

FEW = [fault for fault in FAULTS if fault.name in TELLING]


def test_the_telling_faults_are_there() -> None:
    assert {fault.name for fault in FEW} == TELLING


@pytest.mark.parametrize("failing", ["one", "all"])
async def test_a_fault_is_told_in_its_column_and_the_others_go_on(failing: str, sealed: Path) -> None:
    wrong: dict[str, str] = {}
    async with faulty_server() as server, on_stage(practice=False, size=(110, 32)) as stage:
        nothing_but_answers(server)
        await use_key(stage, server.base_url)
        await stage.until("faults", "~0 tokens")
        struck = [fault for fault in FEW if failing == "all" or fault.way is None]
        for number, fault in enumerate(struck):
            await stage.press("ctrl+n")
            with fault.at(server, "/chat/completions") as base_url:
                if failing == "one":
                    # Whichever comes first gets it, and all that come after are answered.
                    server.on("/chat/completions", GOOD)
                if fault.way is not None:
                    await use_key(stage, base_url)
                said = await asked_at_once(stage, f"Question {number}")
                if fault.way is not None:
                    await use_key(stage, server.base_url)
            if problem := trouble_with(said, failing):
                wrong[fault.name] = problem
            if failing == "one" and not pane(stage).thread.messages[-1].text:
                wrong[fault.name] = "the conversation goes on from an answer that says nothing"
            assert MARKER[8:40] not in stage.text()
        nothing_but_answers(server)
        # Back to the conversation, which goes on.
        await stage.press("enter")
        await stage.when(lambda: not stage.app.screen.query(AnswerColumns), "the conversation")
        assert "All is well." in await asked(stage, "And at last?")
        kept = {*(f"Question {number}" for number in range(len(struck))), "And at last?"}
        assert await questions_kept(stage) == kept
        entries = (await stage.services.ledger()).latest(500)
        assert len(entries) >= len(MODELS) * len([fault for fault in struck if fault.way is None])
        assert all(entry.cost is None or entry.cost.total >= 0 for entry in entries)
    assert not wrong
    assert not written_with(MARKER, sealed)


def trouble_with(said: list[str], failing: str) -> str:
    """What is wrong with what the columns say; empty when nothing is."""
    good = [words for words in said if "All is well." in words]
    if failing == "one" and len(good) < len(MODELS) - 1:
        return f"{len(good)} of the others answered: {said}"
    return next((found for words in said if (found := complaint(words, answer="All " in words))), "")


def pane(stage: Stage) -> PlaygroundPane:
    return stage.app.screen.query_one(PlaygroundPane)


async def asked_at_once(stage: Stage, question: str) -> list[str]:
    """Ask all models, and give what each column says in the end."""
    playground = pane(stage)
    playground.send(question, MODELS)
    await stage.when(lambda: stage.app.screen.query(AnswerColumns) and not playground.busy, f"answers to {question}")
    columns = stage.app.screen.query_one(AnswerColumns).columns
    return ["\n".join((shown.text, shown.note)) for shown in (column.transcript.messages[0] for column in columns)]
