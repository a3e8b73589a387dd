"""What has to be true of every cell of the matrix: a clear sentence, and nothing that drives, betrays or puzzles."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from keytui.domain.keys import KeyKind, KeyRecord, Place, new_key_id
from keytui.domain.secrets import Secret
from tests.faults.matrix import MARKER
from tests.support.faulty import HEAD, Faulty, events, piece, reply, usage
from tests.support.stage import Stage

GOOD = HEAD + events(piece("All is well."), piece("", "stop"), usage(), "[DONE]")
"""An answer with nothing wrong."""

MODELS = reply(200, {"object": "list", "data": [{"id": "gpt-6-luna", "object": "model"}]})
UNKNOWN = reply(404, {"error": {"message": "Unknown request URL", "code": "unknown_url"}})

DRIVING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Characters that drive a terminal or turn the reading direction."""

_SENTENCE = re.compile(r"[A-Z“/][^.!?]{8,}[.!?]")
_PUZZLING = re.compile(r"Traceback|\b[A-Z]\w+(?:Error|Exception)\b|\bNone\b|<class|object at 0x")
_LONGEST = 900
"""Characters: a sentence, its remedy, and the first words of what a server said."""


def complaint(said: str, *, answer: bool = False) -> str:
    """What is wrong with what was said; empty when nothing is. ``answer``: it may be the model's answer instead."""
    if MARKER[8:40] in said.replace("\n", ""):
        return f"the key is in it: {said[:200]!r}"
    if found := DRIVING.search(said):
        return f"{found[0]!r} in {said[:200]!r}"
    if found := _PUZZLING.search(said):
        return f"{found[0]!r} in {said[:400]!r}"
    if not answer and not _SENTENCE.search(said):
        return f"no sentence: {said[:200]!r}"
    if len(said) > _LONGEST and not answer:
        return f"{len(said)} characters: {said[:200]!r} …"
    return ""


def nothing_but_answers(server: Faulty) -> None:
    """Let the server be good, as a gateway that speaks Chat Completions only."""
    server.forget()
    server.on_only("/models", MODELS)
    server.on_only("/responses", UNKNOWN)
    server.on_only("/input_tokens", UNKNOWN)
    server.on_only("/chat/completions", GOOD)


def written_with(secret: str, folder: Path) -> list[Path]:
    """Files that hold a text."""
    return [file for file in folder.rglob("*") if file.is_file() and secret.encode() in file.read_bytes()]


async def use_key(stage: Stage, base_url: str) -> KeyRecord:
    """Give the app a key for an address, kept in memory only, and make it the one in use."""
    now = datetime.now(UTC)
    record = KeyRecord(
        new_key_id(), f"faults {len(stage.services.keys.records())}", KeyKind.PROJECT, base_url, Place.SESSION,
        MARKER[-4:], now, default_model="gpt-6-luna",
    )  # fmt: skip
    await stage.services.keys.add(record, Secret(MARKER))
    stage.services.keys.activate(record.id)
    stage.app.screen.key = stage.services.keys.active()  # type: ignore[attr-defined]
    await stage.when(lambda: stage.app.screen.query_one("PlaygroundPane").key == record, "the key")  # type: ignore[attr-defined]
    return record
