"""Everything that a server, a line or a disk may do wrong, once: the tests strike with it wherever keytui listens.

A new fault is one line here.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from keytui.adapters import paths
from tests.adapters.openai.test_troubles_seen import REFUSALS
from tests.support.faulty import CHUNKED, HEAD, RESET, Step, chunk, error, events, piece, reply, usage

MARKER = "sk-proj-" + "Zz9Marker" * 9
"""The key in use: no word of it may be shown, printed or written but where keys are kept."""

HTML = "<!DOCTYPE html><html><body>Welcome to the hotel network</body></html>"
HALF = HEAD + events(piece("Half an answer"))
_WHOLE = events(piece("All of it"), piece("", "stop"))

ANSWERS: Mapping[str, tuple[Step, ...]] = {
    **{name: (answer,) for name, answer in REFUSALS.items()},
    "reset at once": (RESET,),
    "closed at once": (),
    "reset in the answer": (HALF, 0.05, RESET),
    "cut in the answer": (CHUNKED, chunk(events(piece("Half"))), 0.05),
    "closed without an end": (HALF,),
    "garbage in the stream": (HEAD + b"data: {]\n\n" + _WHOLE + events("[DONE]"),),
    "bytes that are no text": (HEAD + b"data: \xff\xfe\x00\n\n",),
    "truncated JSON": (HEAD + b'data: {"choices": [{"delta": {"content": "x"',),
    "unknown events": (HEAD + b"event: surprise\ndata: {}\n\n" + _WHOLE + events(usage(), "[DONE]"),),
    "no usage": (HEAD + _WHOLE + events("[DONE]"),),
    "usage twice": (HEAD + _WHOLE + events(usage(9, 2), usage(9, 3), "[DONE]"),),
    "usage that is no number": (HEAD + _WHOLE + events({"choices": [], "usage": {"prompt_tokens": "many"}}, "[DONE]"),),
    "negative usage": (HEAD + _WHOLE + events(usage(-5, -7), "[DONE]"),),
    "an error in the stream": (HALF + events({"error": {"message": "It had an error", "type": "server_error"}}),),
    "a page instead of an answer": (reply(200, HTML, content="text/html"),),
    "a page as a refusal": (reply(502, HTML, content="text/html"),),
    "JSON instead of a stream": (reply(200, {"unexpected": True}),),
    "an empty answer": (reply(200, ""),),
    "huge headers": (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000 + b"\r\n\r\n",),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.6\r\n",),
    "the key in the message": (error(401, f"Incorrect API key provided: {MARKER}.", "invalid_api_key"),),
    "sequences in the message": (error(400, "\x1b]0;mine\x07\x1b[2J\u202eevil", "odd"),),
    "slow drip": (HEAD, b"da", 0.05, b"ta: {}", 0.05, b"\n\n" + _WHOLE + events(usage(), "[DONE]")),
}  # fmt: skip
"""What comes back when a question is asked."""


@dataclass(frozen=True, slots=True)
class Damage:
    """Something on this machine that is not as it should be; ``strike`` does it to an empty home."""

    name: str
    strike: Callable[[], None]


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def _locked() -> None:
    file = paths.find(practice=False).database
    file.parent.mkdir(parents=True, exist_ok=True)
    _held.append(connection := sqlite3.connect(file))
    connection.execute("CREATE TABLE held (x)")
    connection.commit()
    connection.execute("BEGIN EXCLUSIVE")


_held: list[sqlite3.Connection] = []


def release() -> None:
    """Let go of what a damage holds."""
    while _held:
        _held.pop().close()


def _unreadable(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    _write(folder, b"a file where a folder should be")


DAMAGES = (
    Damage("config that is no TOML", lambda: _write(paths.find(practice=False).settings_file, b'theme = "a\n')),
    Damage("config that is no text", lambda: _write(paths.find(practice=False).settings_file, os.urandom(400))),
    Damage("database that is none", lambda: _write(paths.find(practice=False).database, b"no database" * 900)),
    Damage("empty database", lambda: _write(paths.find(practice=False).database, b"")),
    Damage("locked database", _locked),
    Damage("data folder that is a file", lambda: _unreadable(paths.find(practice=False).database.parent)),
)
"""What may be wrong on the machine itself."""
