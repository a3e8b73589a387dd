"""``keytui keys``: list, add, verify, rename, use, move, rotate, review, import and remove keys."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Callable, Coroutine

from keytui.adapters.keystore import Keys, open_keys
from keytui.adapters.paths import find
from keytui.cli.ending import ended
from keytui.cli.keys.options import parser
from keytui.cli.saying import say
from keytui.domain.shapes import resembles_key
from keytui.domain.troubles import Exit
from keytui.domain.troubles.pages import PAGES

Action = Callable[[Keys, Namespace], Coroutine[None, None, int]]


def run(arguments: list[str]) -> int:
    """Do one thing with keys; the exit status is that of design.md, section 5."""
    for argument in arguments:
        if resembles_key(argument):
            say(_IN_AN_ARGUMENT)
            return Exit.USAGE
    options = parser().parse_args(arguments or ["list"])
    keys = open_keys(find(practice=options.practice), terminal=True)
    return ended(lambda: asyncio.run(_do(keys, options)))


_IN_AN_ARGUMENT = (
    "an argument looks like a key. Whoever can list processes has seen it by now, and the shell's history keeps it: "
    f"revoke that key ({PAGES['keys']}), delete the line from the history, make a new key, and add it with "
    "“keytui keys add NAME”, which asks for it."
)


async def _do(keys: Keys, options: Namespace) -> int:
    for sentence in await keys.heal():
        say(sentence)
    return await _action(options.action)(keys, options)


def _action(name: str) -> Action:
    """The function behind a verb, imported only now."""
    if name in ("add", "import"):
        from keytui.cli.keys import adding

        return adding.add if name == "add" else adding.bring_in
    if name == "verify":
        from keytui.cli.keys import checking

        return checking.verify
    if name == "review":
        from keytui.cli.keys import reviewing

        return reviewing.review
    if name == "rotate":
        from keytui.cli.keys import rotating

        return rotating.rotate
    from keytui.cli.keys import changing

    return {
        "list": changing.show,
        "use": changing.use,
        "rename": changing.rename,
        "move": changing.move,
        "remove": changing.remove,
    }[name]
