"""The organisation for one command: by an admin key from standard input, the environment, keytui's own, or asked for.

The admin key is never an argument. It stays in memory until the command ends, and goes to one address only.
"""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from keytui.adapters.keystore import Keys
from keytui.adapters.paths import find
from keytui.adapters.settings import SettingsFile
from keytui.cli.asking import from_stdin, hidden
from keytui.cli.ending import Stopped
from keytui.cli.keys.places import open_if_needed
from keytui.cli.saying import say
from keytui.domain.admin_troubles import wrong_admin_key
from keytui.domain.chat import Refused
from keytui.domain.paste import clean
from keytui.domain.platform_keys import admin_key_for
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Exit

if TYPE_CHECKING:
    from keytui.adapters.openai.admin import OpenAIAdmin

_MISSING = "An admin key is needed, and there is no terminal to ask on: add --admin-key-stdin, or set OPENAI_ADMIN_KEY."
_PROMPT = "Paste the admin key (it stays hidden, and in memory only): "


@asynccontextmanager
async def organization(keys: Keys, options: Namespace, address: str) -> AsyncIterator[OpenAIAdmin]:
    """The organisation at an address; its admin key is let go of at the end.

    What it refuses ends the command, as ``Stopped``. Raises ``NotAsked``, ``VaultTrouble`` and ``StoreUnreadable``.
    """
    from keytui.adapters.openai.admin import OpenAIAdmin
    from keytui.cli.network import Network

    kept = admin_key_for(keys.records(), address)
    if kept is not None and not options.admin_key_stdin and not os.environ.get("OPENAI_ADMIN_KEY"):
        await open_if_needed(keys, kept, options.passphrase_fd)
        secret = fit(await keys.secret(kept), address)
        say(f"the admin key is “{kept.name}” (…{secret.last4}).")
    else:
        secret = handed_in(address, stdin=options.admin_key_stdin)
    paths = find(practice=options.practice)
    network = Network(paths, SettingsFile(paths.settings_file), keys, practice=options.practice)
    admin = OpenAIAdmin(secret, address, await network.clients())
    try:
        yield admin
    except Refused as refused:
        trouble = refused.trouble
        raise Stopped(f"{trouble.title} {trouble.remedy}", trouble.exit) from None
    finally:
        await admin.close()
        network.settle()


def handed_in(address: str, *, stdin: bool) -> Secret:
    """The admin key: from standard input, from the environment, or asked for. Raises ``NotAsked`` and ``Stopped``."""
    if stdin:
        given = from_stdin()
    elif given := os.environ.get("OPENAI_ADMIN_KEY", ""):
        say("the admin key is that of OPENAI_ADMIN_KEY.")
    else:
        given = hidden(_PROMPT, missing=_MISSING).reveal()
    pasted = clean(given, base_url=address)
    if pasted.problem:
        raise Stopped(pasted.problem, Exit.AUTHENTICATION)
    return fit(pasted.secret, address)


def fit(secret: Secret, address: str) -> Secret:
    """The same characters. Raises ``Stopped`` for a key that cannot manage an organisation, before it is sent."""
    if (trouble := wrong_admin_key(secret, address)) is not None:
        raise Stopped(f"{trouble.title} {trouble.remedy}", trouble.exit)
    return secret
