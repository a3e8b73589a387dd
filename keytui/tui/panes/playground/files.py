"""Files that become text in the draft, and the user's own editor for it. All of it blocks: call it from a worker."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

LARGEST = 4_000_000
"""Bytes: about a million tokens, which is more than any model reads."""

FALLBACK_EDITOR = "vi"


class Unreadable(Exception):
    """A file cannot be taken; the text is a sentence that says why."""


def read_file(name: str) -> str:
    """A file's text. Raises ``Unreadable``."""
    path = Path(name).expanduser()
    try:
        if path.is_dir():
            raise Unreadable(f"{path} is a folder; name a file in it.")
        if path.stat().st_size > LARGEST:
            raise Unreadable(f"{path} has more than {LARGEST:,} bytes; no model reads that much. Take a part of it.")
        contents = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror or error}.") from None
    if b"\0" in contents:
        raise Unreadable(f"{path} is no text.")
    return contents.decode("utf-8", "replace")


def as_draft(name: str, text: str) -> str:
    """A file's text as a part of a message: its name, and the text in a fence that nothing in it can end."""
    fence = "```"
    while fence in text:
        fence += "`"
    end = "" if text.endswith("\n") else "\n"
    return f"{Path(name).name}:\n{fence}\n{text}{end}{fence}\n"


def editor() -> list[str]:
    """The user's editor, as ``VISUAL`` or ``EDITOR`` names it."""
    wanted = os.environ.get("VISUAL") or os.environ.get("EDITOR") or FALLBACK_EDITOR
    try:
        return shlex.split(wanted) or [FALLBACK_EDITOR]
    except ValueError:
        return [wanted]


def edited(text: str, command: list[str]) -> str:
    """The text after the user has edited it, in a file for this user alone that is gone afterwards.

    Raises ``Unreadable`` when the editor cannot be started or says that it failed: then the draft stays as it was.
    """
    with tempfile.TemporaryDirectory(prefix="keytui-") as folder:
        path = Path(folder) / "draft.md"
        path.write_text(text, encoding="utf-8", errors="replace")
        path.chmod(0o600)
        try:
            status = subprocess.run([*command, str(path)], check=False).returncode
            changed = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise Unreadable(
                f"{command[0]} cannot be used: {error.strerror or error}. Set EDITOR to another."
            ) from None
    if status:
        raise Unreadable(f"{command[0]} ended with status {status}; the draft is as it was.")
    # Editors end a file with a line end; a draft has none of its own there.
    return changed if text.endswith("\n") else changed.removesuffix("\n")
