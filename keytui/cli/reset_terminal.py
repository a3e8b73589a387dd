"""``keytui reset-terminal``: undoes what a killed full-screen program leaves behind."""

import os
import sys

SEQUENCE = (
    "\x1b[<u"  # the kitty keyboard protocol's last level
    "\x1b[?1049l"  # the other screen
    "\x1b[?1000;1002;1003;1004;1005;1006;1015;1016l"  # the mouse, and word of losing the focus
    "\x1b[?2004;2026;2031;2048l"  # bracketed paste, held-back output, word of colours and sizes
    "\x1b[?7h\x1b[?25h"  # wrapping lines, the cursor
    "\x1b[?1l\x1b>"  # plain arrow keys and keypad
    "\x1b[0m\x1b(B\x0f"  # plain letters
    "\r"
)
"""Each switch that Textual and its like turn on, turned off (source: secrets-and-terminals 4.4, measured)."""

HELP = """\
usage: keytui reset-terminal

Undo what a killed full-screen program leaves behind: the other screen, mouse reports, bracketed paste, a hidden
cursor, no echo. If you cannot see what you type, type it all the same and press ctrl+j.

example:
  keytui reset-terminal
"""


def run(arguments: list[str]) -> int:
    """Put the terminal right; 1 when there is none, 2 when the command was not understood."""
    if arguments:
        if arguments[0] in ("-h", "--help"):
            sys.stdout.write(HELP)
            return 0
        sys.stderr.write(f"keytui reset-terminal: takes no “{arguments[0]}”; it needs no options.\n")
        return 2
    handle = _terminal()
    if handle is None:
        sys.stderr.write("keytui reset-terminal: there is no terminal here; run it in the one to be put right.\n")
        return 1
    try:
        _sane(handle)
        os.write(handle, SEQUENCE.encode("ascii"))
    except OSError as error:
        sys.stderr.write(f"keytui reset-terminal: the terminal cannot be written to ({error.strerror}).\n")
        return 1
    finally:
        os.close(handle)
    return 0


def _terminal() -> int | None:
    """The terminal itself, wherever the streams go; None when there is none."""
    try:
        return os.open("/dev/tty" if os.name == "posix" else "CONOUT$", os.O_RDWR | getattr(os, "O_NOCTTY", 0))
    except OSError:
        return None


def _sane(handle: int) -> None:
    """What ``stty sane`` does: lines, echo and signals are the terminal's again."""
    if os.name != "posix":
        return
    import termios

    state = termios.tcgetattr(handle)
    state[0] |= termios.ICRNL | termios.IXON | termios.BRKINT
    state[0] &= ~(termios.INLCR | termios.IGNCR | termios.IXOFF | termios.ISTRIP | termios.PARMRK | termios.INPCK)
    state[1] |= termios.OPOST | termios.ONLCR
    state[3] |= termios.ISIG | termios.ICANON | termios.IEXTEN | termios.ECHO | termios.ECHOE | termios.ECHOK
    state[3] &= ~(termios.ECHONL | termios.NOFLSH | termios.TOSTOP)
    controls = {
        termios.VINTR: b"\x03",
        termios.VQUIT: b"\x1c",
        termios.VERASE: b"\x7f",
        termios.VKILL: b"\x15",
        termios.VEOF: b"\x04",
        termios.VSTART: b"\x11",
        termios.VSTOP: b"\x13",
        termios.VSUSP: b"\x1a",
    }
    for place, character in controls.items():
        state[6][place] = character
    termios.tcsetattr(handle, termios.TCSANOW, state)
