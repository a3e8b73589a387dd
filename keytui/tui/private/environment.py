"""What has to be settled before Textual is imported: it reads its environment while it is being imported.

textual 8.2.8: ``TEXTUAL_LOG`` and ``TEXTUAL_DEBUG`` write every key that is typed, pastes included, to files that
others may read; ``TEXTUAL_FPS``, ``TEXTUAL_ANIMATIONS`` and ``ESCDELAY`` are constants from then on. Only the
standard library is imported here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from dataclasses import dataclass

_UNWANTED = (
    "TEXTUAL",
    "TEXTUAL_LOG",
    "TEXTUAL_DEBUG",
    "TEXTUAL_DRIVER",
    "TEXTUAL_PRESS",
    "TEXTUAL_SCREENSHOT",
    "TEXTUAL_SCREENSHOT_LOCATION",
    "TEXTUAL_SCREENSHOT_FILENAME",
    "TEXTUAL_DEVTOOLS_HOST",
    "TEXTUAL_DEVTOOLS_PORT",
    "OPENAI_LOG",
)

_SLOW = {
    # Every frame of an animation is a screen of bytes.
    "TEXTUAL_ANIMATIONS": "none",
    "TEXTUAL_FPS": "30",
    "TEXTUAL_SMOOTH_SCROLL": "0",
}

_ANIMATIONS = {"on": "full", "off": "none"}

_NEARBY = {
    # A key that comes right after a frame of a streaming answer waits for the next one: 8 ms instead of 17.
    "TEXTUAL_FPS": "120",
}

_WITHOUT = (
    "These work without one: “keytui setup --plain”, “keytui keys”, “keytui ask”, “keytui tokens”, “keytui cost”; "
    "“keytui --help” lists all."
)

_DUMB = ("", "dumb", "unknown")


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the full-screen app can start here, and how it has to look."""

    refusal: str | None
    """Why it cannot, and what works instead; None when it can."""
    remote: bool
    """Whether the screen is at the other end of a slow line: of an ssh connection, unless the user says otherwise."""
    ascii_only: bool
    """Whether the locale cannot show box drawing characters."""


def prepare(environ: MutableMapping[str, str], *, line: str = "auto", animations: str = "auto") -> Readiness:
    """Make the environment fit for the app, and say whether it is. To be called before ``textual`` is imported.

    Files that are created from now on are the user's alone (umask 077). What the user has set for Textual's speed stays
    as it is; what would write down keystrokes is taken out. ``line`` and ``animations`` are the settings of that name.
    """
    for name in _UNWANTED:
        environ.pop(name, None)
    remote = line == "slow" or (line == "auto" and over_ssh(environ))
    if animations in _ANIMATIONS:
        environ.setdefault("TEXTUAL_ANIMATIONS", _ANIMATIONS[animations])
    if over_ssh(environ):
        # An arrow key is three bytes that may arrive far apart; at the usual 100 ms they become escape and two letters.
        environ.setdefault("ESCDELAY", "300")
    for name, value in (_SLOW if remote else _NEARBY).items():
        environ.setdefault(name, value)
    os.umask(0o077)
    ascii_only = not _speaks_utf8(environ)
    return Readiness(_refusal(environ), remote, ascii_only)


def over_ssh(environ: MutableMapping[str, str]) -> bool:
    """Whether this session came in by ssh."""
    return any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))


def _speaks_utf8(environ: MutableMapping[str, str]) -> bool:
    """Whether the locale is UTF-8; the screen is written as UTF-8 in any case, which ASCII is part of."""
    screen = sys.__stderr__
    if screen is None:
        return False
    utf8 = _is_utf8(screen.encoding or "")
    if not utf8 and hasattr(screen, "reconfigure"):
        screen.reconfigure(encoding="utf-8")
    return utf8 and not _names_another(environ)


def _names_another(environ: MutableMapping[str, str]) -> bool:
    """Whether the user has asked for a locale that is not UTF-8, in which Python itself may speak UTF-8 all the same.

    Python puts ``LC_CTYPE=C.UTF-8`` into its own environment (PEP 538), so that name says nothing. Where no locale
    is set at all, nobody has asked for anything: today's terminals speak UTF-8.
    """
    spoken = environ.get("LC_CTYPE", "")
    chosen = environ.get("LC_ALL") or (spoken if spoken != "C.UTF-8" else "") or environ.get("LANG") or ""
    encoding = chosen.partition(".")[2].partition("@")[0]
    return chosen in ("C", "POSIX") or (encoding != "" and not _is_utf8(encoding))


def _is_utf8(encoding: str) -> bool:
    return encoding.lower().replace("-", "").replace("_", "") == "utf8"


def _refusal(environ: MutableMapping[str, str]) -> str | None:
    # Textual draws on standard error and reads from standard input.
    for stream, what in ((sys.__stdin__, "input"), (sys.__stderr__, "error output")):
        if stream is None or not stream.isatty():
            return f"the full-screen app needs a terminal, and its {what} is not one. {_WITHOUT}"
    terminal = environ.get("TERM", "")
    if terminal in _DUMB:
        named = f"TERM is “{terminal}”" if terminal else "TERM is not set"
        return (
            f"the full-screen app needs a terminal that can move its cursor, and {named}. In a usual terminal, "
            f"“TERM=xterm-256color keytui” starts it. {_WITHOUT}"
        )
    return None
