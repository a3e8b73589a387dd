"""``keytui exec``: run a program with a key in its environment, and nowhere else.

This module is on the way of every program that is started with a key, so it imports next to nothing: keys from the
environment, a ``.env`` or a command need neither the domain's types nor ``json`` unless there is an index to look in.
"""

import os
import sys

from keytui.cli.exec.options import HELP, Refusal, Wish, read

OWN_FAILURE, NOT_EXECUTABLE, NOT_FOUND = 125, 126, 127
"""Exit status when CMD was not run: keytui's own trouble, no program, no such program (as ``env`` has them)."""

MARKER = "KEYTUI_EXEC"
"""In the environment of CMD: the name of the key it was started with."""

STALE = (
    "OPENAI_API_KEY",
    "OPENAI_ADMIN_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_API_BASE",
    "OPENAI_ORG_ID",
    "OPENAI_ORGANIZATION",
    "OPENAI_PROJECT_ID",
    "OPENAI_PROJECT",
    "OPENAI_WEBHOOK_SECRET",
    "OPENAI_CUSTOM_HEADERS",
)
"""Taken out of CMD's environment first: what is left of another key would go along with this one."""

OPENAI = "https://api.openai.com/v1"


class Handed:
    """A key to hand over, with what belongs to it. Lives until CMD replaces this process."""

    def __init__(self, name: str, characters: str) -> None:
        self.name = name
        self.characters = characters
        self.variable = "OPENAI_API_KEY"
        self.base_url: str | None = None
        self.organization: str | None = None
        self.project: str | None = None

    def __repr__(self) -> str:
        return f"Handed({self.name!r})"


def run(arguments: list[str]) -> int:
    """Replace this process by CMD; returns (an exit status) only when CMD could not be run."""
    try:
        wish = read(arguments)
        if wish.help:
            sys.stdout.write(HELP)
            return 0
        if wish.complete:
            return _complete()
        if not wish.command:
            raise Refusal("name the program to run, as in: keytui exec -- python app.py")
        inside = os.environ.get(MARKER)
        if inside is not None and not wish.nested:
            raise Refusal(
                f"this is already inside keytui exec, with the key “{inside}”: leave it first, or add --nested to "
                "replace that key."
            )
        handed = _handed(wish)
        if wish.variable:
            handed.variable = wish.variable
        around = dict(os.environ)
        if wish.proxy:
            from keytui.cli.exec.proxy import through_proxy

            handed = through_proxy(handed, wish.command, around)
        if os.path.basename(wish.command[0]) == "llm":
            from keytui.cli.exec.rival import llm_has_its_own

            if rival := llm_has_its_own(around):
                sys.stderr.write(f"keytui exec: {rival}\n")
        return _start(wish.command, environment(around, handed))
    except Refusal as refusal:
        sys.stderr.write(f"keytui exec: {refusal}\n")
        return OWN_FAILURE


def environment(around: dict[str, str], handed: Handed) -> dict[str, str]:
    """The environment of CMD: the one around it, without stale variables, with the key and what belongs to it."""
    for name in STALE:
        around.pop(name, None)
    around[handed.variable] = handed.characters
    around[MARKER] = handed.name
    if handed.base_url and handed.base_url != OPENAI:
        around["OPENAI_BASE_URL"] = handed.base_url
    if handed.organization:
        around["OPENAI_ORG_ID"] = handed.organization
    if handed.project:
        around["OPENAI_PROJECT_ID"] = handed.project
    return around


def _handed(wish: Wish) -> Handed:
    """The key that is asked for, with its characters."""
    if wish.source is not None:
        if wish.key is not None:
            raise Refusal("-k and --from name two keys; give one of them.")
        return _from_source(wish.source)
    entry = _entry(wish.key)
    if entry is not None:
        return _from_index(entry, wish.passphrase_fd)
    if os.environ.get("OPENAI_API_KEY"):
        return _from_source("environment")
    raise Refusal("there is no key to hand over: add one with “keytui keys add NAME”, or set OPENAI_API_KEY.")


def _from_source(source: str) -> Handed:
    """A key that keytui does not keep, with the address that stands beside it."""
    from keytui.adapters import key_sources

    kind, _, where = source.partition(":")
    beside: dict[str, str] = {}
    try:
        if kind == "environment":
            beside = dict(os.environ)
            characters = key_sources.from_environment(where or "OPENAI_API_KEY", beside)
        elif kind == "dotenv":
            path, _, variable = (where or ".env").partition("#")
            characters = key_sources.from_dotenv(path, variable or "OPENAI_API_KEY")
            beside = key_sources.dotenv_file(path)
        elif kind == "command":
            characters = key_sources.from_command(where, terminal=True)
        else:
            raise Refusal("--from takes environment[:VARIABLE], dotenv[:FILE] or command:COMMAND.")
    except key_sources.Unreadable as error:
        raise Refusal(str(error)) from None
    handed = Handed(kind, characters)
    handed.base_url = beside.get("OPENAI_BASE_URL")
    handed.organization = beside.get("OPENAI_ORG_ID")
    handed.project = beside.get("OPENAI_PROJECT_ID")
    return handed


def _entry(name: str | None) -> "dict[str, object] | None":
    """The key of that name; without a name the active one, or None when there is none."""
    from keytui.adapters import index_glance

    try:
        entries, active = index_glance.entries()
    except Exception as error:
        # StoreUnreadable, whose module is too heavy to import here; anything else goes on its way.
        if type(error).__name__ != "StoreUnreadable":
            raise
        raise Refusal(str(error)) from None
    if name is None:
        return next((entry for entry in entries if entry["id"] == active), None)
    for entry in entries:
        if name in (entry["name"], entry["id"]):
            return entry
    import difflib

    near = difflib.get_close_matches(name, [str(entry["name"]) for entry in entries], n=1)
    hint = f" Did you mean “{near[0]}”?" if near else ""
    raise Refusal(f"there is no key named “{name}”.{hint} “keytui keys list” shows them.")


def _from_index(entry: "dict[str, object]", passphrase_fd: int | None) -> Handed:
    """A key that keytui knows, from where it is kept."""
    from keytui.adapters import key_sources

    place, locator = entry["place"], str(entry.get("locator") or "")
    try:
        if place == "environment":
            characters = key_sources.from_environment(locator or "OPENAI_API_KEY", dict(os.environ))
        elif place == "dotenv":
            path, _, variable = (locator or ".env").partition("#")
            characters = key_sources.from_dotenv(path, variable or "OPENAI_API_KEY")
        elif place == "command":
            characters = key_sources.from_command(locator, terminal=True)
        else:
            from keytui.cli.stored import Unavailable, characters_of

            try:
                characters = characters_of(str(entry["id"]), passphrase_fd)
            except Unavailable as error:
                raise Refusal(str(error)) from None
    except key_sources.Unreadable as error:
        raise Refusal(str(error)) from None
    handed = Handed(str(entry["name"]), characters)
    handed.base_url = str(entry["base_url"])
    handed.organization = _words(entry.get("organization"))
    handed.project = _words(entry.get("project"))
    if entry.get("kind") == "admin":
        handed.variable = "OPENAI_ADMIN_KEY"
    _note_use(entry)
    return handed


def _words(value: object) -> str | None:
    return str(value) if value else None


def _note_use(entry: "dict[str, object]") -> None:
    """Note in the index that the key is in use; within the hour of the last note that costs nothing."""
    from datetime import UTC, datetime, timedelta

    last = str(entry.get("last_used") or "")
    try:
        recent = bool(last) and datetime.now(UTC) - datetime.fromisoformat(last) < timedelta(hours=1)
    except (ValueError, TypeError):
        # Not a date, or one without a zone: the thorough way below says what is wrong, if anything is.
        recent = False
    if not recent:
        from keytui.cli.stored import note_use

        note_use(str(entry["id"]))


def _start(command: list[str], around: dict[str, str]) -> int:
    """Become CMD. Returns only when that is impossible."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name != "posix":
        from keytui.cli.exec.spawn import spawn

        return spawn(command, around)
    import signal

    # Python ignores these two, and a program that is started inherits that: “yes | head -1” would complain.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    try:
        os.execvpe(command[0], command, around)
    except FileNotFoundError:
        sys.stderr.write(f"keytui exec: there is no program “{command[0]}”; check its name, or give its path.\n")
        return NOT_FOUND
    except OSError as error:
        sys.stderr.write(f"keytui exec: “{command[0]}” cannot be run ({error.strerror}); chmod +x may be missing.\n")
        return NOT_EXECUTABLE
    except ValueError:
        sys.stderr.write("keytui exec: the command, or the key, holds a character that no program can be given.\n")
        return OWN_FAILURE


def _complete() -> int:
    """Print all names, one a line; nothing at all when they cannot be read, since a completion must not speak."""
    from keytui.adapters import index_glance

    try:
        entries, _ = index_glance.entries()
    except Exception:
        # Whatever is wrong with the file, "keytui keys list" says it; here it would land in the user's command line.
        return OWN_FAILURE
    sys.stdout.write("".join(f"{entry['name']}\n" for entry in entries))
    return 0
