"""``keytui setup``: the walk to a key, in the app or line by line; with a plan, the same without a screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from keytui.domain.troubles import Exit


def run(arguments: Sequence[str]) -> int:
    """Open the walk, in the app or line by line; or apply, finish or undo a plan without a screen."""
    words = list(arguments)
    if any(word in ("-h", "--help") for word in words):
        from keytui.cli.plan.options import HELP

        sys.stdout.write(HELP)
        return Exit.DONE
    if set(words) <= {"--practice"}:
        from keytui.cli.app import start

        return start(practice=bool(words), setup=True)
    if "--plain" in words and set(words) <= {"--practice", "--plain"}:
        return _line_by_line(practice="--practice" in words)
    return _without_a_screen(words)


def _line_by_line(*, practice: bool) -> int:
    import asyncio

    from keytui.cli.asking import interactive
    from keytui.cli.ending import ended
    from keytui.cli.saying import say
    from keytui.tui.private.environment import prepare

    if not interactive():
        say("there is no terminal to ask on: “keytui setup --plan FILE” needs none; --help says more.")
        return Exit.USAGE
    ascii_only = prepare(os.environ).ascii_only
    from keytui.cli.plain.walk import walk

    def begin() -> int:
        if asyncio.run(walk(practice=practice, ascii_only=ascii_only)):
            os.execv(sys.executable, [sys.executable, "-m", "keytui", "setup", "--plain", "--practice"])
        return Exit.DONE

    try:
        return ended(begin, not_asked=Exit.VAULT)
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        say("interrupted. How far you have come is kept: the same command goes on there.")
        return Exit.INTERRUPTED


def _without_a_screen(words: list[str]) -> int:
    import asyncio

    from keytui.cli.ending import ended
    from keytui.cli.plan.options import parse
    from keytui.cli.saying import say
    from keytui.domain.shapes import resembles_key

    if any(resembles_key(word) for word in words):
        say(
            "an argument looks like a key. Whoever can list processes has seen it by now, and the shell's history "
            "keeps it: revoke that key, and hand a new one in with --admin-key-stdin."
        )
        return Exit.USAGE
    options = parse(words)
    from keytui.cli.plan.doing import run_plan, write_plan

    try:
        return ended(lambda: write_plan(options) if options.write_plan else asyncio.run(run_plan(options)))
    except KeyboardInterrupt:
        say("interrupted. What was begun is noted: --finish goes on with it, --undo takes back what it did.")
        return Exit.INTERRUPTED
