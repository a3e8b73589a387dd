"""The ``keytui`` command. This module stays light: a command's own module is imported only when it is asked for."""

import sys

COMMANDS = {
    "setup": "the walk to a key, or a plan applied without a screen",
    "keys": "keep, check, rotate, review, import and remove keys",
    "exec": "run a program with a key in its environment",
    "ask": "one question, one answer, streamed to stdout",
    "tokens": "count tokens exactly, offline",
    "cost": "what was spent, from the ledger",
    "status": "one line for a prompt or tmux, from local data",
    "proxy": "the metering proxy, for other programs",
    "practice": "the practice service alone",
    "doctor": "everything that can be wrong on this machine",
    "paths": "every file and folder used",
    "completion": "completion of commands and names of keys, for a shell",
    "reset-terminal": "undo what a killed full-screen program leaves behind",
}
"""Commands in the order of ``--help``. Each lives in ``keytui/cli``, in a module or package of its name, as
``run(arguments) -> exit status``."""


_KEEP_SECRETS = ("setup", "keys", "ask", "proxy")
"""Commands that hold keys for as long as they run, as the app does. ``exec`` hands its key on at once."""


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit status is design.md's: 0 done, 1 failed, 2 usage, 130 interrupted, and so on."""
    arguments = sys.argv[1:] if argv is None else argv
    first = arguments[0] if arguments else ""
    if first in ("-V", "--version"):
        from keytui import __version__

        sys.stdout.write(f"keytui {__version__}\n")
        return 0
    if first in ("-h", "--help", "help"):
        from keytui.cli.usage import overview

        sys.stdout.write(overview())
        return 0
    from importlib import import_module

    if first in _KEEP_SECRETS or first not in COMMANDS:
        from keytui.adapters.hardening import keep_memory_private

        keep_memory_private()
    try:
        if first in COMMANDS:
            return int(import_module(f"keytui.cli.{first.replace('-', '_')}").run(arguments[1:]))
        if first and not first.startswith("-"):
            from keytui.cli.usage import unknown

            sys.stderr.write(unknown(first))
            return 2
        return int(import_module("keytui.cli.app").run(arguments))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader has gone (``keytui paths | head``). What is still buffered has nowhere to go either.
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
