"""``keytui keys``: list, add, verify, rename, use, move, rotate, review, import and remove keys."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Coroutine

from keytui.adapters.keystore import Keys, open_keys
from keytui.adapters.paths import find
from keytui.cli.ending import ended
from keytui.cli.saying import say
from keytui.domain.shapes import resembles_key
from keytui.domain.troubles import Exit
from keytui.domain.troubles.pages import PAGES

Action = Callable[[Keys, argparse.Namespace], Coroutine[None, None, int]]

_VAULTS = ("keyring", "file", "session")

_MORE = """\
A key is read from a hidden prompt or, with --stdin, from standard input; never from an argument. It is verified before
it is kept, and bound to the address it was given for. exit status: 0 done, 1 failed, 2 usage, 3 the key was refused,
4 no credit or a cap, 5 rate limit, 6 network or certificates, 7 the vault

examples:
  keytui keys add work       asks for the key, hidden
  keytui keys import         what lies about on this machine, to be taken up
  keytui keys verify work
"""
_EXAMPLES = {
    "list": ("keytui keys list", "keytui keys list --json"),
    "add": ("keytui keys add work", "keytui keys add local --base-url http://127.0.0.1:8000/v1 --stdin < key.txt"),
    "verify": ("keytui keys verify", "keytui keys verify work --model gpt-6-luna"),
    "rename": ("keytui keys rename work office",),
    "use": ("keytui keys use work",),
    "move": ("keytui keys move work --vault file",),
    "rotate": ("keytui keys rotate work", "keytui keys rotate work --revoked", "keytui keys rotate work --undo"),
    "review": ("keytui keys review", "keytui keys review --platform --look"),
    "import": ("keytui keys import", "keytui keys import work --from dotenv --vault file"),
    "remove": ("keytui keys remove old",),
}
"""For each verb, what one would type."""


def run(arguments: list[str]) -> int:
    """Do one thing with keys; the exit status is that of design.md, section 5."""
    for argument in arguments:
        if resembles_key(argument):
            say(_IN_AN_ARGUMENT)
            return Exit.USAGE
    options = _parser().parse_args(arguments or ["list"])
    keys = open_keys(find(practice=options.practice), terminal=True)
    return ended(lambda: asyncio.run(_do(keys, options)))


_IN_AN_ARGUMENT = (
    "an argument looks like a key. Whoever can list processes has seen it by now, and the shell's history keeps it: "
    f"revoke that key ({PAGES['keys']}), delete the line from the history, make a new key, and add it with "
    "“keytui keys add NAME”, which asks for it."
)


async def _do(keys: Keys, options: argparse.Namespace) -> int:
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="keytui keys",
        description="Keep, check and change keys.",
        epilog=_MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    verbs = parser.add_subparsers(dest="action", metavar="VERB", required=True)

    def verb(name: str, what: str, *, key: bool | None = True) -> argparse.ArgumentParser:
        """A verb; ``key`` says whether it takes a NAME: yes, no, or (None) if you like."""
        one = verbs.add_parser(
            name,
            help=what,
            description=what[0].upper() + what[1:] + ".",
            epilog="\n  ".join(("examples:", *_EXAMPLES[name])),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if key is not False:
            one.add_argument("name", metavar="NAME", nargs=None if key else "?")
        one.add_argument("--json", action="store_true", help="JSON on standard output")
        one.add_argument("--practice", action="store_true", help="the keys of practice instead of the real ones")
        return one

    def passphrase(one: argparse.ArgumentParser) -> None:
        one.add_argument(
            "--passphrase-fd", type=int, metavar="N", help="read the encrypted file's passphrase from here"
        )

    def vault(one: argparse.ArgumentParser, what: str, *, required: bool = False) -> None:
        one.add_argument("--vault", choices=_VAULTS, required=required, help=what)
        passphrase(one)

    def unverified(one: argparse.ArgumentParser) -> None:
        one.add_argument("--no-verify", action="store_true", help="keep it without asking the server")

    verb("list", "show all keys, without their characters", key=False)

    add = verb("add", "keep a key under a name")
    add.add_argument("--stdin", action="store_true", help="read the key from standard input instead of asking for it")
    add.add_argument("--base-url", metavar="URL", help="the only address the key is for (OpenAI's)")
    unverified(add)
    vault(add, "where to keep it (the keyring if it works, else the encrypted file)")

    check = verb("verify", "check a key (the active one), stage by stage", key=None)
    check.add_argument("--model", help="also check that the key may use this model")
    passphrase(check)

    verb("rename", "give a key another name").add_argument("new_name", metavar="NEW-NAME")
    verb("use", "make a key the active one")
    vault(verb("move", "keep a key in another place"), "the new place", required=True)

    turn = verb("rotate", "let a new key take over a name; the old one is kept until you have revoked it")
    turn.add_argument("--stdin", action="store_true", help="read the new key from standard input")
    turn.add_argument("--automatic", action="store_true", help="let an admin key make the new key")
    turn.add_argument("--admin-key-stdin", action="store_true", help="read the admin key from standard input")
    turn.add_argument("--scopes", metavar="NAMES", help="with --automatic: what the new key may do; all: everything")
    turn.add_argument("--expires", metavar="DATE", help="with --automatic: the new key's end, or never")
    turn.add_argument("--until", metavar="DATE", help="keep the old key until this day (seven days)")
    turn.add_argument("--revoke", action="store_true", help="let an admin key revoke the old key, and delete it here")
    turn.add_argument("--revoked", action="store_true", help="the old key is revoked: check that, and delete it here")
    turn.add_argument("--undo", action="store_true", help="go back to the old key, and delete the new one here")
    turn.add_argument("--yes", action="store_true", help="with --revoked: delete it without checking")
    vault(turn, "where to keep the new key, if the old one is only read somewhere")

    look = verb("review", "look for what should be changed, and say why", key=False)
    look.add_argument("--platform", action="store_true", help="also ask the platform, with an admin key")
    look.add_argument("--admin-key-stdin", action="store_true", help="read the admin key from standard input")
    look.add_argument("--look", action="store_true", help="also look into other programs' and the shell's files")
    passphrase(look)

    bring = verb("import", "import a key that is on this machine; without NAME, list them", key=None)
    bring.add_argument("--from", dest="source", metavar="WHERE", help="one of those listed, or command:COMMAND")
    bring.add_argument("--base-url", metavar="URL", help="the only address the key is for (the one set beside it)")
    unverified(bring)
    vault(bring, "copy it there, instead of reading it where it is")

    away = verb("remove", "delete a key here; on the platform it stays valid")
    away.add_argument("--yes", action="store_true", help="do not ask")
    passphrase(away)
    return parser
