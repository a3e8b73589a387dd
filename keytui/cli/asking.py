"""Asking the user on a terminal, and reading secrets that scripts hand in. Never by an argument."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from keytui.domain.secrets import Secret

LONGEST = 64 * 1024
"""Bytes that are read of what is handed in."""


class NotAsked(Exception):
    """There is nobody to ask; the text names the option that is missing."""


def passphrase_from_fd(number: int) -> Secret:
    """The first line from a file descriptor, which is then closed: no program inherits it. Raises ``NotAsked``."""
    try:
        with os.fdopen(number, "rb") as file:
            line = file.read(LONGEST).split(b"\n", 1)[0].rstrip(b"\r")
    except OSError:
        raise NotAsked(f"File descriptor {number} is not open for reading: redirect it, as in {number}<FILE.") from None
    return Secret(line.decode("utf-8", "surrogateescape"))


@contextmanager
def _ended_by_ctrl_c() -> Iterator[None]:
    """Let ctrl+c end a question: under ``asyncio.run`` it would only be noted until the question is answered."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _typed(prompt: str) -> Secret:
    from getpass import getpass

    with _ended_by_ctrl_c():
        return Secret(getpass(prompt))


def passphrase_from_terminal(prompt: str) -> Secret:
    """What is typed, hidden, on the terminal itself (stdin may be a pipe). Raises ``NotAsked`` without a terminal."""
    try:
        with open("/dev/tty" if os.name == "posix" else "CON:"):
            pass
    except OSError:
        raise NotAsked("A passphrase is needed and there is no terminal to ask on: add --passphrase-fd N.") from None
    return _typed(prompt)


def interactive() -> bool:
    """Whether somebody can be asked: stdin and stderr are a terminal."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def hidden(prompt: str, *, missing: str) -> Secret:
    """What is typed or pasted, hidden; ``missing`` is said when there is nobody to ask. Raises ``NotAsked``."""
    if not interactive():
        raise NotAsked(missing)
    return _typed(prompt)


def new_passphrase() -> Secret:
    """A passphrase for a new file, asked twice. Raises ``NotAsked`` without a terminal."""
    missing = "A new encrypted file needs a passphrase: add --passphrase-fd N."
    while True:
        first = hidden("Choose a passphrase for the encrypted file: ", missing=missing)
        if not first:
            sys.stderr.write("It is empty; a few words are good.\n")
        elif hidden("The same again: ", missing=missing) == first:
            return first
        else:
            sys.stderr.write("The two differ; once more.\n")


def typed(question: str) -> str | None:
    """A line that is typed after a question on standard error; None at the end of the input."""
    sys.stderr.write(question)
    sys.stderr.flush()
    with _ended_by_ctrl_c():
        line = sys.stdin.readline()
    return line if line else None


def yes(question: str) -> bool:
    """Whether the user says yes; call it only when ``interactive``. Anything but yes is no."""
    return (typed(f"{question} [y/N] ") or "").strip().lower() in ("y", "yes")


def from_stdin() -> str:
    """All that stdin gives, as text, without the line's end."""
    return sys.stdin.buffer.read(LONGEST).decode("utf-8", "replace").rstrip("\r\n")
