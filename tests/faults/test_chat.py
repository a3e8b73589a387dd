"""Every fault, struck at a question in the playground: one after another, in one app that has to stay usable."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from keytui.domain.keys import KeyKind, KeyRecord, Place, new_key_id
from keytui.domain.secrets import Secret
from keytui.tui.widgets.transcript import Transcript
from tests.faults.matrix import ANSWERS, MARKER
from tests.support.faulty import HEAD, Faulty, events, faulty_server, piece, reply, usage
from tests.support.stage import Stage, on_stage

GOOD = HEAD + events(piece("All is well."), piece("", "stop"), usage(), "[DONE]")
DRIVING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


async def test_every_fault_is_told_and_the_app_stays_usable(sealed: Path) -> None:
    wrong: dict[str, str] = {}
    async with faulty_server() as server, on_stage(practice=False) as stage:
        server.on("/models", reply(200, {"object": "list", "data": [{"id": "gpt-6-luna", "object": "model"}]}))
        server.on("/responses", reply(404, {"error": {"message": "Unknown request URL", "code": "unknown_url"}}))
        await with_key(stage, server)
        for name, steps in ANSWERS.items():
            server.on_only("/chat/completions", *steps)
            said = await asked(stage, "Now?")
            if MARKER in said:
                wrong[name] = "the key is in what is said"
            elif DRIVING.search(said):
                wrong[name] = f"raw characters: {said!r}"
            elif len(said) < 10:
                wrong[name] = f"nothing is said: {said!r}"
        server.on_only("/chat/completions", GOOD)
        assert "All is well." in await asked(stage, "And at last?")
        assert MARKER not in stage.text()
        entries = (await stage.services.ledger()).latest(500)
        assert all(entry.usage.total >= 0 for entry in entries)
        assert all(entry.cost is None or entry.cost.total >= 0 for entry in entries)
        assert len(entries) >= len(ANSWERS)
    assert not wrong
    assert not written_with(MARKER, sealed)


def written_with(secret: str, folder: Path) -> list[Path]:
    """Files that hold a text."""
    return [file for file in folder.rglob("*") if file.is_file() and secret.encode() in file.read_bytes()]


async def with_key(stage: Stage, server: Faulty) -> None:
    """Give the app a key for the server, kept in memory only."""
    now = datetime.now(UTC)
    record = KeyRecord(
        new_key_id(), "faults", KeyKind.PROJECT, server.base_url, Place.SESSION, MARKER[-4:], now,
        default_model="gpt-6-luna",
    )  # fmt: skip
    await stage.services.keys.add(record, Secret(MARKER))
    stage.app.screen.key = stage.services.keys.active()  # type: ignore[attr-defined]
    await stage.until("faults ····", "~0 tokens")


async def asked(stage: Stage, question: str) -> str:
    """Ask, stop what would be tried again, and give the last message and its note."""
    pane: Any = stage.app.screen.query_one("PlaygroundPane")
    before = len(stage.app.screen.query_one(Transcript)._list.messages)
    await stage.type(question)
    await stage.press("enter")
    messages = stage.app.screen.query_one(Transcript)._list.messages
    await stage.when(lambda: len(messages) >= before + 2, "the answer's beginning")
    said: list[str] = []

    def over() -> bool:
        hint = str(pane.query_one("MeterLine").hint)
        if "Trying again" in hint and not said:
            said.append(hint)
            stage.app.call_later(pane.action_stop)
        return not pane.busy

    await stage.when(over, f"the end of the answer to {question}")
    last = messages[-1]
    return "\n".join([*said, last.text, last.shown.note])
