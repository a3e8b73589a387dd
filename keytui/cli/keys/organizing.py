"""The organisation for commands about keys: by an admin key that is handed in, kept, or asked for."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from keytui.adapters.keystore import Keys
from keytui.adapters.openai.admin import OpenAIAdmin
from keytui.adapters.paths import find
from keytui.adapters.settings import SettingsFile
from keytui.cli.admin_key import admin_key, kept_admin_key, refuse_unfit
from keytui.cli.keys.places import open_if_needed
from keytui.cli.keys.words import Stopped, say
from keytui.domain.chat import Refused


@asynccontextmanager
async def organization(keys: Keys, options: Namespace, address: str) -> AsyncIterator[OpenAIAdmin]:
    """The organisation at an address; its admin key is let go of at the end.

    What it refuses ends the command, as ``Stopped``. Raises ``NotAsked`` and ``VaultTrouble``, too.
    """
    from keytui.cli.network import Network

    kept = kept_admin_key(keys, address)
    if kept is not None and not options.admin_key_stdin and not os.environ.get("OPENAI_ADMIN_KEY"):
        await open_if_needed(keys, kept, options.passphrase_fd)
        secret = await keys.secret(kept)
        say(f"the admin key is “{kept.name}” (…{secret.last4}).")
    else:
        secret = admin_key(address, stdin=options.admin_key_stdin)
    refuse_unfit(secret, address)
    paths = find(practice=options.practice)
    network = Network(paths, SettingsFile(paths.settings_file), keys)
    admin = OpenAIAdmin(secret, address, await network.clients())
    try:
        yield admin
    except Refused as refused:
        trouble = refused.trouble
        raise Stopped(f"{trouble.title} {trouble.remedy}", trouble.exit) from None
    finally:
        await admin.close()
        network.settle()
