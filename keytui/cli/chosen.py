"""The key that a command uses: the named one, the active one, or that of the environment."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from keytui.adapters.keystore import Keys
from keytui.cli.ending import Stopped
from keytui.domain.keys import KeyRecord, Place
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Exit, explain


async def chosen_key(keys: Keys, name: str | None, passphrase_fd: int | None) -> tuple[KeyRecord, Secret]:
    """A key with its characters. Raises ``Stopped``, ``VaultTrouble``, ``StoreUnreadable`` and ``NotAsked``."""
    from keytui.cli.stored import open_file

    record = keys.active() if name is None else keys.named(name)
    if record is None and name is not None:
        raise Stopped(f"There is no key named “{name}”: “keytui keys list” shows all.", Exit.USAGE)
    if record is None:
        return _from_environment()
    if record.place is Place.FILE:
        await open_file(keys, passphrase_fd)
    return record, await keys.secret(record)


def passing_record(
    name: str, secret: Secret, base_url: str, *, organization: str | None = None, project: str | None = None
) -> KeyRecord:
    """A record for a key that keytui does not keep. The same key has the same id each time, so its sums are one."""
    from keytui.domain.shapes import kind_of

    return KeyRecord(
        id=f"environment-{secret.last4}",
        name=name,
        kind=kind_of(secret.reveal()),
        base_url=base_url,
        place=Place.ENVIRONMENT,
        last4=secret.last4,
        created=datetime.now(UTC),
        organization=organization,
        project=project,
    )


def _from_environment() -> tuple[KeyRecord, Secret]:
    from keytui.domain.addresses import base_url

    secret = Secret(os.environ.get("OPENAI_API_KEY", "").strip())
    if not secret:
        raise Stopped(f"There is no key yet. {explain('no-key').remedy}", Exit.AUTHENTICATION)
    try:
        address = base_url(os.environ.get("OPENAI_BASE_URL", "")).url
    except ValueError as error:
        raise Stopped(f"OPENAI_BASE_URL cannot be used. {error}", Exit.USAGE) from None
    record = passing_record(
        "OPENAI_API_KEY",
        secret,
        address,
        organization=os.environ.get("OPENAI_ORG_ID") or None,
        project=os.environ.get("OPENAI_PROJECT_ID") or None,
    )
    return record, secret
