"""Every fault, struck at a question in the playground: one after another, in one app that has to stay usable."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual import events as terminal

from keytui.tui.widgets.transcript import Transcript
from tests.faults.cell import complaint, nothing_but_answers, use_key, written_with
from tests.faults.matrix import FAULTS, MARKER
from tests.support.faulty import faulty_server
from tests.support.stage import Stage, on_stage


@pytest.mark.parametrize("endpoint", ["/chat/completions", "/responses"])
async def test_every_fault_is_told_and_the_app_stays_usable(endpoint: str, sealed: Path) -> None:
    wrong: dict[str, str] = {}
    async with faulty_server() as server, on_stage(practice=False, size=(80, 24)) as stage:
        nothing_but_answers(server)
        await use_key(stage, server.base_url)
        await stage.until("faults", "~0 tokens")
        for number, fault in enumerate(FAULTS):
            if number % 10 == 0:
                await stage.press("ctrl+n")  # a long history would only take time
            with fault.at(server, endpoint) as base_url:
                if fault.way is not None:
                    await use_key(stage, base_url)
                said = await asked(stage, f"Question {number}")
                if fault.way is not None:
                    await use_key(stage, server.base_url)
            if problem := complaint(said, answer="All of it" in said):
                wrong[fault.name] = problem
        nothing_but_answers(server)
        assert "All is well." in await asked(stage, "And at last?")
        assert MARKER not in stage.text()
        assert await questions_kept(stage) == {*(f"Question {number}" for number in range(len(FAULTS))), "And at last?"}
        entries = (await stage.services.ledger()).latest(500)
        assert all(entry.usage.total >= 0 for entry in entries)
        assert all(entry.cost is None or entry.cost.total >= 0 for entry in entries)
        assert len(entries) >= len(FAULTS)
    assert not wrong
    assert not written_with(MARKER, sealed)


async def test_a_clock_that_jumps_back_in_the_middle_of_an_answer_takes_nothing_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with faulty_server() as server, on_stage(practice=False) as stage:
        nothing_but_answers(server)
        await use_key(stage, server.base_url)
        await stage.until("faults", "~0 tokens")
        clock, jumped = stage.services.now, [0]

        def now() -> Any:
            jumped[0] += 1
            return clock() - timedelta(hours=jumped[0])

        monkeypatch.setattr(stage.services, "now", now)
        for question in ("One?", "Two?"):
            assert "All is well." in await asked(stage, question)
        monkeypatch.undo()
        entries = (await stage.services.ledger()).latest(9)
        assert [entry.usage.total for entry in entries] == [11, 11]
        assert all(entry.seconds is None or entry.seconds >= 0 for entry in entries)


async def questions_kept(stage: Stage) -> set[str]:
    store = await stage.services.conversations()
    messages = [message for head in store.conversations() for message in store.messages(head.id)]
    return {message.text for message in messages if message.role == "user"}


def transcript(stage: Stage) -> Transcript:
    return stage.app.screen.query_one(Transcript)


async def asked(stage: Stage, question: str) -> str:
    """Ask, and give the answer, or what is said in its place."""
    pane: Any = stage.app.screen.query_one("PlaygroundPane")
    before = len(transcript(stage)._list.messages)
    stage.app.post_message(terminal.Paste(question))
    await stage.press("enter")
    await stage.when(
        lambda: len(transcript(stage)._list.messages) >= before + 2 and not pane.busy, f"the answer to {question}"
    )
    last = transcript(stage)._list.messages[-1]
    return "\n".join([last.text, last.shown.note])
