"""The doctor's check of the terminal: colours, characters, size, clipboard, tmux, ssh."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from keytui.domain.findings import Finding, Findings, State

_TOOLS = (("WAYLAND_DISPLAY", "wl-copy"), ("DISPLAY", "xclip"), ("DISPLAY", "xsel"), ("", "pbcopy"), ("", "clip.exe"))
"""What must be set for a program to reach the clipboard, and the program."""
_TMUX_SECONDS = 1.5
_SLOW_ESCAPE = 100
"""Milliseconds for which tmux holds the escape key back, from which on it is felt."""


def check_terminal() -> Findings:
    """What the full-screen app will find; all commands work with less."""
    term = os.environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        remedy = "The full-screen app needs a real terminal; all commands work without one."
        found = [Finding("terminal", State.NOTED, f"TERM={term or 'unset'}", remedy)]
    else:
        program = os.environ.get("TERM_PROGRAM", "")
        found = [Finding("terminal", State.GOOD, f"TERM={term}" + (f", {program}" if program else "")), _colours(term)]
    found += [_characters(), *_size(), _clipboard()]
    if os.environ.get("TMUX"):
        found += _tmux()
    elif os.environ.get("STY"):
        remedy = "GNU screen drops the clipboard's sequence in some versions; tmux passes it on."
        found.append(Finding("screen", State.NOTED, "in GNU screen", remedy))
    if any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT")):
        words = 'came in by ssh: no animations, fewer frames; line = "fast" in config.toml says otherwise'
        found.append(Finding("ssh", State.GOOD, words))
    return found


def _colours(term: str) -> Finding:
    if os.environ.get("NO_COLOR"):
        return Finding("colours", State.GOOD, "none, as NO_COLOR asks")
    if os.environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or term.endswith("-direct"):
        return Finding("colours", State.GOOD, "16 million")
    if "256" in term:
        return Finding("colours", State.GOOD, "256")
    remedy = "If your terminal can show more, set TERM=xterm-256color, and COLORTERM=truecolor where it can do that."
    return Finding("colours", State.NOTED, f"few ({term})", remedy)


def _characters() -> Finding:
    # The app replaces sys.stdout; what the locale says stands in the original.
    encoding = (getattr(sys.__stdout__, "encoding", "") or "").lower()
    if "utf" in encoding:
        return Finding("characters", State.GOOD, encoding)
    remedy = "Set LANG to a UTF-8 locale, such as C.UTF-8; until then keytui draws with plain characters."
    return Finding("characters", State.NOTED, f"encoding {encoding or 'unknown'}", remedy)


def _size() -> Findings:
    for stream in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
        if stream is not None and stream.isatty():
            size = os.get_terminal_size(stream.fileno())
            break
    else:
        return []
    said = f"{size.columns}x{size.lines}"
    if size.columns < 60 or size.lines < 18:
        return [Finding("size", State.NOTED, said, "Below 60x18 keytui shows one column; 80x24 shows everything.")]
    return [Finding("size", State.GOOD, said)]


def _clipboard() -> Finding:
    remote = any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    for needed, program in () if remote else _TOOLS:
        if (not needed or os.environ.get(needed)) and shutil.which(program):
            return Finding("clipboard", State.GOOD, f"by {program}")
    said = "by the terminal (OSC 52); it does not say whether it takes it"
    return Finding("clipboard", State.GOOD, said)


def _tmux() -> Findings:
    version = _asked_tmux("display-message", "-p", "#{version}")
    if version is None:
        return [Finding("tmux", State.NOTED, "it does not answer", "Look whether “tmux info” answers.")]
    found = [Finding("tmux", State.GOOD, version)]
    if _asked_tmux("show-options", "-sv", "set-clipboard") == "off":
        remedy = "Run: tmux set -s set-clipboard on"
        found.append(Finding("tmux", State.NOTED, "it keeps what is copied from your terminal", remedy))
    held = _asked_tmux("show-options", "-sv", "escape-time") or ""
    if held.isdigit() and int(held) > _SLOW_ESCAPE:
        remedy = "Run: tmux set -s escape-time 20"
        found.append(Finding("tmux", State.NOTED, f"it holds the escape key back for {held} ms", remedy))
    return found


def _asked_tmux(*words: str) -> str | None:
    try:
        done = subprocess.run(
            ["tmux", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_TMUX_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
