"""The admin key that a command works with. Never an argument."""

from __future__ import annotations

import os

from keytui.cli.asking import from_stdin, hidden
from keytui.cli.keys.words import Stopped, say
from keytui.domain.admin_troubles import wrong_admin_key
from keytui.domain.keys import KeyKind, KeyRecord, KeyStore
from keytui.domain.paste import clean
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Exit


def admin_key(address: str, *, stdin: bool) -> Secret:
    """The admin key: from standard input, from the environment, or asked for. Raises ``NotAsked`` and ``Stopped``."""
    if stdin:
        given = from_stdin()
    elif given := os.environ.get("OPENAI_ADMIN_KEY", ""):
        say("the admin key is that of OPENAI_ADMIN_KEY.")
    else:
        missing = "An admin key is needed and there is no terminal to ask on: add --admin-key-stdin, or set "
        prompt = "Paste the admin key (it stays hidden, and in memory only): "
        given = hidden(prompt, missing=f"{missing}OPENAI_ADMIN_KEY.").reveal()
    pasted = clean(given, base_url=address)
    if pasted.problem:
        raise Stopped(pasted.problem, Exit.AUTHENTICATION)
    return pasted.secret


def kept_admin_key(keys: KeyStore, address: str) -> KeyRecord | None:
    """The admin key that is kept for an address. Raises ``StoreUnreadable``."""
    return next((one for one in keys.records() if one.kind is KeyKind.ADMIN and one.base_url == address), None)


def refuse_unfit(secret: Secret, address: str) -> None:
    """Raise ``Stopped`` for a key that cannot manage an organisation, before it is sent anywhere."""
    if (trouble := wrong_admin_key(secret, address)) is not None:
        raise Stopped(f"{trouble.title} {trouble.remedy}", trouble.exit)
