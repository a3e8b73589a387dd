"""The command line of ``keytui keys``."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable

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

Verb = Callable[..., ArgumentParser]
"""Adds a verb by its name and what it does; ``key`` says whether it takes a NAME: yes, no, or (None) if you like."""


def parser() -> ArgumentParser:
    """The options of every verb."""
    whole = ArgumentParser(
        prog="keytui keys",
        description="Keep, check and change keys.",
        epilog=_MORE,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    verbs = whole.add_subparsers(dest="action", metavar="VERB", required=True)

    def verb(name: str, what: str, *, key: bool | None = True) -> ArgumentParser:
        one = verbs.add_parser(
            name,
            help=what,
            description=what[0].upper() + what[1:] + ".",
            epilog="\n  ".join(("examples:", *_EXAMPLES[name])),
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if key is not False:
            one.add_argument("name", metavar="NAME", nargs=None if key else "?")
        one.add_argument("--json", action="store_true", help="JSON on standard output")
        one.add_argument("--practice", action="store_true", help="the keys of practice instead of the real ones")
        return one

    # The order is that of the help.
    verb("list", "show all keys, without their characters", key=False)
    _add(verb)
    _verify(verb)
    verb("rename", "give a key another name").add_argument("new_name", metavar="NEW-NAME")
    verb("use", "make a key the active one")
    _vault(verb("move", "keep a key in another place"), "the new place", required=True)
    _rotate(verb)
    _review(verb)
    _import(verb)
    _remove(verb)
    return whole


def _add(verb: Verb) -> None:
    one = verb("add", "keep a key under a name")
    one.add_argument("--stdin", action="store_true", help="read the key from standard input instead of asking for it")
    one.add_argument("--base-url", metavar="URL", help="the only address the key is for (OpenAI's)")
    _unverified(one)
    _vault(one, "where to keep it (the keyring if it works, else the encrypted file)")


def _verify(verb: Verb) -> None:
    one = verb("verify", "check a key (the active one), stage by stage", key=None)
    one.add_argument("--model", help="also check that the key may use this model")
    _passphrase(one)


def _rotate(verb: Verb) -> None:
    one = verb("rotate", "let a new key take over a name; the old one is kept until you have revoked it")
    one.add_argument("--stdin", action="store_true", help="read the new key from standard input")
    one.add_argument("--automatic", action="store_true", help="let an admin key make the new key")
    one.add_argument("--admin-key-stdin", action="store_true", help="read the admin key from standard input")
    one.add_argument("--scopes", metavar="NAMES", help="with --automatic: what the new key may do; all: everything")
    one.add_argument("--expires", metavar="DATE", help="with --automatic: the new key's end, or never")
    one.add_argument("--until", metavar="DATE", help="keep the old key until this day (seven days)")
    one.add_argument("--revoke", action="store_true", help="let an admin key revoke the old key, and delete it here")
    one.add_argument("--revoked", action="store_true", help="the old key is revoked: check that, and delete it here")
    one.add_argument("--undo", action="store_true", help="go back to the old key, and delete the new one here")
    one.add_argument("--yes", action="store_true", help="with --revoked: delete it without checking")
    _vault(one, "where to keep the new key, if the old one is only read somewhere")


def _review(verb: Verb) -> None:
    one = verb("review", "look for what should be changed, and say why", key=False)
    one.add_argument("--platform", action="store_true", help="also ask the platform, with an admin key")
    one.add_argument("--admin-key-stdin", action="store_true", help="read the admin key from standard input")
    one.add_argument("--look", action="store_true", help="also look into other programs' and the shell's files")
    _passphrase(one)


def _import(verb: Verb) -> None:
    one = verb("import", "import a key that is on this machine; without NAME, list them", key=None)
    one.add_argument("--from", dest="source", metavar="WHERE", help="one of those listed, or command:COMMAND")
    one.add_argument("--base-url", metavar="URL", help="the only address the key is for (the one set beside it)")
    _unverified(one)
    _vault(one, "copy it there, instead of reading it where it is")


def _remove(verb: Verb) -> None:
    one = verb("remove", "delete a key here; on the platform it stays valid")
    one.add_argument("--yes", action="store_true", help="do not ask")
    _passphrase(one)


def _passphrase(one: ArgumentParser) -> None:
    one.add_argument("--passphrase-fd", type=int, metavar="N", help="read the encrypted file's passphrase from here")


def _vault(one: ArgumentParser, what: str, *, required: bool = False) -> None:
    one.add_argument("--vault", choices=_VAULTS, required=required, help=what)
    _passphrase(one)


def _unverified(one: ArgumentParser) -> None:
    one.add_argument("--no-verify", action="store_true", help="keep it without asking the server")
