"""Text to the clipboard, and an honest word on whether it got there.

textual 8.2.8: ``App.copy_to_clipboard`` sends the OSC 52 sequence, which nobody answers; tmux drops it by default and
GNU screen always does.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from textual.app import App

from keytui.tui.private.copies import ShowsCopies
from keytui.tui.private.environment import over_ssh

_PATIENCE = 2.0
"""Seconds that a program for the clipboard has."""

_SCREEN_PIECE = 500
"""Characters that GNU screen hands through at once."""

_TOOLS = (
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard", "-in")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
    ("", ("pbcopy",)),
    ("", ("clip.exe",)),
)
"""What must be set for a program to work, and the program; the text is its input, never an argument."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of a copy."""

    words: str
    """What to tell the user: one sentence, and the next step when it is not known whether the text arrived."""
    tool: str = ""
    """The program that took the text; empty when the terminal was asked to."""


async def copy(app: App[Any], text: str, *, secret: bool = False) -> Copied:
    """Put a text on the clipboard by the best way there is: a local program, tmux, or the terminal itself.

    One that is no ``secret`` can be shown alone afterwards, and it is said how.
    """
    if isinstance(app, ShowsCopies):
        app.last_copied = "" if secret else text
    if not over_ssh(os.environ):
        for needed, command in _TOOLS:
            if (not needed or os.environ.get(needed)) and shutil.which(command[0]) and await _given(command, text):
                return Copied("Copied.", command[0])
    if os.environ.get("TMUX") and await _given(("tmux", "load-buffer", "-w", "-"), text):
        return Copied(
            "Given to tmux: ctrl+b ] pastes it there. Your terminal has it too, unless tmux keeps it from it.",
            "tmux",
        )
    if os.environ.get("STY"):
        _through_screen(app, text)
    else:
        app.copy_to_clipboard(text)
    sent = "Sent to your terminal's clipboard"
    return Copied(
        f"{sent}, which does not say whether it took it."
        if secret
        else f"{sent}. If nothing arrives there, f7 shows the text alone, for the mouse to select.",
    )


async def _given(command: tuple[str, ...], text: str) -> bool:
    """Whether a program took the text."""

    def give() -> bool:
        try:
            done = subprocess.run(
                command,
                input=text.encode("utf-8", "replace"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_PATIENCE,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0

    return await asyncio.to_thread(give)


def _through_screen(app: App[Any], text: str) -> None:
    """The sequence in pieces that GNU screen hands to its terminal as they are."""
    sequence = f"\x1b]52;c;{b64encode(text.encode('utf-8', 'replace')).decode()}\a"
    driver = app._driver
    if driver is not None:
        for at in range(0, len(sequence), _SCREEN_PIECE):
            driver.write(f"\x1bP{sequence[at : at + _SCREEN_PIECE]}\x1b\\")
        driver.flush()
