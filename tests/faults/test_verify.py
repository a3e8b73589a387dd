"""Every fault, struck at the check of a key in the keys pane: one after another, in one app."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import DataTable

from keytui.domain.keys import KeyState
from keytui.domain.probe import Verdict
from keytui.tui.widgets.stages import Stages
from tests.faults.cell import complaint, nothing_but_answers, use_key, written_with
from tests.faults.matrix import FAULTS, MARKER
from tests.support.faulty import faulty_server
from tests.support.stage import Stage, on_stage


@pytest.mark.parametrize(
    "endpoint", ["", "/input_tokens"], ids=["from the first stage on", "where the tokens are counted"]
)
async def test_every_fault_is_told_at_its_stage(endpoint: str, sealed: Path) -> None:
    wrong: dict[str, str] = {}
    async with faulty_server() as server, on_stage(practice=False, size=(110, 60)) as stage:
        if endpoint:
            nothing_but_answers(server)
        usual = await use_key(stage, server.base_url)
        await stage.press("alt+1")
        await stage.when(lambda: stage.app.screen.query("KeysPane Stages"), "the pane")
        for fault in FAULTS:
            with fault.at(server, endpoint) as base_url:
                here = usual if fault.way is None else await use_key(stage, base_url)
                said = await verified(stage, here.id)
            # Where tokens are not counted, a key is not said to be bad for it.
            if problem := complaint(said, answer=bool(endpoint) and fault.way is None):
                wrong[fault.name] = problem
        nothing_but_answers(server)
        await verified(stage, usual.id)
        failed = [result for result in stage.app.screen.query_one(Stages).results if result.verdict is Verdict.FAILED]
        assert not failed
        record = next(record for record in stage.services.keys.records() if record.id == usual.id)
        assert record.state is KeyState.WORKS
        assert MARKER not in stage.text()
    assert not wrong
    assert not written_with(MARKER, sealed)


async def verified(stage: Stage, key_id: str) -> str:
    """Check a key; gives what the stages say."""
    pane = stage.app.screen.query_one("KeysPane")
    pane.keys_changed()  # type: ignore[attr-defined]
    at = [record.id for record in pane.records].index(key_id)  # type: ignore[attr-defined]
    pane.query_one(DataTable).move_cursor(row=at)
    await stage.press("v")
    stages = pane.query_one(Stages)
    await stage.when(lambda: stages.about == key_id and stages.results and not stages.running, "the check's end")
    return "\n".join(
        f"{result.trouble.title} {result.trouble.remedy} {result.note}" if result.trouble else ""
        for result in stages.results
    ).strip() + ("" if any(result.trouble for result in stages.results) else str(stages.render()))
