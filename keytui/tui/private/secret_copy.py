"""A key to the clipboard, and back out of it where a program can tell that it is still there."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

from textual.app import App

from keytui.domain.secrets import Secret
from keytui.tui.private.clipboard import Copied, copy

SECONDS = 30
"""How long a key stays on the clipboard."""

_PATIENCE = 2.0
"""Seconds that a program for the clipboard has."""

_READERS = {
    "wl-copy": (("wl-paste", "--no-newline"), ("wl-copy", "--clear")),
    "xclip": (("xclip", "-selection", "clipboard", "-out"), ("xclip", "-selection", "clipboard", "-in")),
    "xsel": (("xsel", "--clipboard", "--output"), ("xsel", "--clipboard", "--clear")),
    "pbcopy": (("pbpaste",), ("pbcopy",)),
    "tmux": (("tmux", "show-buffer"), ("tmux", "delete-buffer")),
}
"""By the program that took a text: one that gives it back, and one that empties the clipboard (its input is empty)."""


async def copy_secret(app: App[Any], secret: Secret) -> Copied:
    """Put a key on the clipboard by the best way there is; the app itself does not keep it."""
    try:
        return await copy(app, secret.reveal(), secret=True)
    finally:
        # textual 8.2.8 remembers what it copied, and would paste it into any field.
        app._clipboard = ""


def can_take_back(copied: Copied) -> bool:
    """Whether the clipboard can be read and emptied here."""
    reader = _READERS.get(copied.tool)
    return reader is not None and shutil.which(reader[0][0]) is not None


def take_back(copied: Copied, secret: Secret) -> bool:
    """Empty the clipboard when the key is still what is on it; whether it was. Blocking, two seconds at most each."""
    read, clear = _READERS[copied.tool]
    try:
        held = subprocess.run(read, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE)
        if Secret(held.stdout.decode("utf-8", "replace").rstrip("\n")) != secret:
            return False
        quiet = subprocess.DEVNULL
        return subprocess.run(clear, stdin=quiet, stdout=quiet, stderr=quiet, timeout=_PATIENCE).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
