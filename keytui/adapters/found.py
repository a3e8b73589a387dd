"""A look around this machine: the environment, ``./.env``, the keyring, and, when asked, other programs' files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from keytui.adapters.bounded import bounded
from keytui.adapters.key_sources import dotenv_values
from keytui.domain.addresses import masked
from keytui.domain.found import Found, FoundKey, FoundProxy
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, Place
from keytui.domain.secrets import Secret
from keytui.domain.shapes import OPENAI, kind_of, looks_like_secret, shape_of
from keytui.domain.vaults import Source

VARIABLES = ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY")
PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")

OTHER_PROGRAMS = (
    ("llm", ".config/io.datasette.llm/keys.json"),
    ("Codex", ".codex/auth.json"),
    ("aider", ".aider.conf.yml"),
    ("shell_gpt", ".config/shell_gpt/.sgptrc"),
    ("mods", ".config/mods/mods.yml"),
    ("aichat", ".config/aichat/config.yaml"),
    ("the openai command", ".config/openai/config.json"),
    ("your home folder", ".env"),
)
"""Files below the home folder where other programs keep an OpenAI key (source: their documentation, November 2026)."""

SHELL_FILES = (
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".config/fish/config.fish",
    ".config/environment.d/openai.conf",
    ".bash_history",
    ".zsh_history",
    ".local/share/fish/fish_history",
)
"""A shell's start-up and history files below the home folder; looked at only when the user asks for it."""

LARGEST = 4 * 1024 * 1024
FILES_SECONDS = 2.0


async def look_around(
    environ: Mapping[str, str],
    cwd: Path,
    *,
    keyring: Source | None = None,
    home: Path | None = None,
    shell_files: bool = False,
) -> Found:
    """What is there now; no network, no dialog, two seconds at most.

    With ``home``, other programs' files below it are looked at too; with ``shell_files`` also the shell's.
    """

    def read_files() -> list[FoundKey]:
        keys = list(_in_dotenv(cwd))
        if home is not None:
            keys += _in_files(home, OTHER_PROGRAMS)
            if shell_files:
                keys += _in_files(home, [("", name) for name in SHELL_FILES])
        return keys

    try:
        in_files = await bounded(read_files, FILES_SECONDS)
    except TimeoutError:
        # A folder on a network that does not answer: what the environment says is still true.
        in_files = []
    return Found(
        keys=(*_in_environment(environ), *in_files),
        keyring=None if keyring is None else await keyring.report(),
        proxies=tuple(FoundProxy(name, masked(value)) for name in PROXY_VARIABLES if (value := environ.get(name))),
        base_url=_base_url(environ),
        ssh=bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY")),
    )


def _in_environment(environ: Mapping[str, str]) -> Iterator[FoundKey]:
    yield from _in_variables(environ, Place.ENVIRONMENT, "the environment", "")


def _in_dotenv(folder: Path) -> Iterator[FoundKey]:
    path = folder / ".env"
    text = _text(path)
    if text is not None:
        yield from _in_variables(dotenv_values(text), Place.DOTENV, ".env of this folder", f"{path}#")


def _in_variables(values: Mapping[str, str], place: Place, where: str, before: str) -> Iterator[FoundKey]:
    """Keys under the names that programs know, then OpenAI's under names of the user's own; each key once."""
    own_names = [name for name, value in values.items() if name not in VARIABLES and _is_openai_key(value.strip())]
    seen: set[str] = set()
    for name in (*VARIABLES, *own_names):
        value = values.get(name, "").strip()
        if value and value not in seen:
            seen.add(value)
            secret = Secret(value)
            yield FoundKey(
                where=f"{name} in {where}",
                place=place,
                locator=before + name,
                kind=kind_of(value),
                last4=secret.last4,
                secret=secret,
                base_url=_base_url(values) or OPENAI_BASE_URL,
                organization=values.get("OPENAI_ORG_ID") or None,
                project=values.get("OPENAI_PROJECT_ID") or None,
            )


def _in_files(home: Path, files: tuple[tuple[str, str], ...] | list[tuple[str, str]]) -> Iterator[FoundKey]:
    """OpenAI keys in other programs' files, each once per file."""
    for program, name in files:
        text = _text(home / name)
        if text is None:
            continue
        seen: set[str] = set()
        for sighting in looks_like_secret(text):
            key = text[sighting.start : sighting.end]
            if not _is_openai_shape(key) or key in seen:
                continue
            seen.add(key)
            where = f"the settings of {program} (~/{name})" if program else f"~/{name}"
            yield FoundKey(where, None, str(home / name), kind_of(key), Secret(key).last4, Secret(key))


def _is_openai_key(value: str) -> bool:
    """Whether a whole value is a key of OpenAI's, whatever its variable is called."""
    if not _is_openai_shape(value):
        return False
    return [(sighting.start, sighting.end) for sighting in looks_like_secret(value)] == [(0, len(value))]


def _is_openai_shape(key: str) -> bool:
    shape = shape_of(key)
    return shape is not None and shape.vendor == OPENAI and shape.kind is not KeyKind.OTHER


def _text(path: Path) -> str | None:
    """The beginning of a text file; None when it is not there or not to be read."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(LARGEST).decode("utf-8", "replace")
    except OSError:
        return None


def _base_url(values: Mapping[str, str]) -> str | None:
    return values.get("OPENAI_BASE_URL") or values.get("OPENAI_API_BASE") or None
