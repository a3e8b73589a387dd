"""The organisation for one command: an admin key from the environment, standard input, keytui's own keys, or asked for.

The key stays in memory until the command ends, and goes to one address only.
"""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from keytui.adapters.keystore import Keys, open_keys
from keytui.adapters.paths import Paths
from keytui.cli.asking import NotAsked, from_stdin, hidden
from keytui.cli.stored import open_file
from keytui.domain.admin_troubles import wrong_admin_key
from keytui.domain.chat import Refused
from keytui.domain.keys import KeyKind, KeyRecord, Place, StoreUnreadable, VaultTrouble
from keytui.domain.paste import clean
from keytui.domain.routes import base_url, same_platform
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Exit

if TYPE_CHECKING:
    from keytui.adapters.openai.admin import OpenAIAdmin

MISSING = "An admin key is needed, and there is no terminal to ask on: add --admin-key-stdin, or set OPENAI_ADMIN_KEY."
PROMPT = "Paste the admin key (it stays hidden, and in memory only): "

T = TypeVar("T")


class Stopped(Exception):
    """The organisation cannot be seen: one sentence with the next step, and the exit status."""

    def __init__(self, why: str, status: Exit) -> None:
        super().__init__(why)
        self.status = status


def seen(question: Coroutine[Any, Any, T]) -> T:
    """The answer of a question to the organisation. Raises ``Stopped`` for all that can come between."""
    import asyncio

    try:
        return asyncio.run(question)
    except Refused as refused:
        raise Stopped(f"{refused.trouble.title} {refused.trouble.remedy}", refused.trouble.exit) from None
    except (StoreUnreadable, VaultTrouble) as trouble:
        raise Stopped(str(trouble), Exit.VAULT) from None
    except NotAsked as why:
        raise Stopped(str(why), Exit.USAGE) from None


@asynccontextmanager
async def organization(paths: Paths, options: Namespace) -> AsyncIterator[tuple[OpenAIAdmin, Keys]]:
    """The organisation, and keytui's keys. Raises ``Stopped``, ``NotAsked``, ``VaultTrouble``, ``StoreUnreadable``."""
    from keytui.adapters.settings import SettingsFile
    from keytui.cli.network import Network

    keys = open_keys(paths)
    address = _address(options.base_url or "")
    secret = await _admin_key(options, keys, address)
    network = Network(paths, SettingsFile(paths.settings_file), keys, practice=options.practice)
    clients = await network.clients()
    from keytui.adapters.openai.admin import OpenAIAdmin

    admin = OpenAIAdmin(secret, address, clients)
    try:
        yield admin, keys
    finally:
        await admin.close()


def stored_admin_key(records: tuple[KeyRecord, ...], address: str) -> KeyRecord | None:
    """The admin key for an address that keytui itself keeps."""
    return next((one for one in records if one.kind is KeyKind.ADMIN and same_platform(one.base_url, address)), None)


async def _admin_key(options: Namespace, keys: Keys, address: str) -> Secret:
    if options.admin_key_stdin:
        given = from_stdin()
    elif not (given := os.environ.get("OPENAI_ADMIN_KEY", "")):
        if (record := stored_admin_key(keys.records(), address)) is not None:
            if record.place is Place.FILE:
                await open_file(keys, options.passphrase_fd)
            return await keys.secret(record)
        given = hidden(PROMPT, missing=MISSING).reveal()
    pasted = clean(given, base_url=address)
    if pasted.problem:
        raise Stopped(pasted.problem, Exit.AUTHENTICATION)
    if (trouble := wrong_admin_key(pasted.secret, address)) is not None:
        raise Stopped(f"{trouble.title} {trouble.remedy}", trouble.exit)
    return pasted.secret


def _address(given: str) -> str:
    try:
        return base_url(given).url
    except ValueError as error:
        raise Stopped(f"--base-url cannot be used. {error}", Exit.USAGE) from None
