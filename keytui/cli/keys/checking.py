"""``keytui keys verify``."""

from __future__ import annotations

import sys
from argparse import Namespace
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime

from keytui.adapters.keystore import Keys, open_keys
from keytui.adapters.paths import find
from keytui.adapters.settings import SettingsFile
from keytui.cli.ending import Stopped
from keytui.cli.keys.places import open_if_needed
from keytui.cli.keys.words import called, stage_data, stage_line
from keytui.cli.saying import give, say
from keytui.domain.keys import KeyKind, KeyRecord, KeyState
from keytui.domain.probe import StageResult, Verdict, of_known_key, state_after
from keytui.domain.secrets import Secret
from keytui.domain.shapes import kind_of
from keytui.domain.troubles import Exit


class Check:
    """The stages of one check, shown as they come."""

    def __init__(self, keys: Keys | None = None) -> None:
        """``keys`` are those that are open already: they may hold the sign-in of the user's own proxy."""
        self._keys = keys
        self.stages: list[StageResult] = []

    async def run(self, secret: Secret, record: KeyRecord, *, model: str | None = None) -> Exit:
        """Check a key; one line to standard error for each stage. Gives the exit status that belongs to the end."""
        from keytui.cli.network import Network

        paths = find()
        network = Network(paths, SettingsFile(paths.settings_file), self._keys or open_keys(paths))
        prober = await network.prober()
        managing = kind_of(secret.reveal()) is KeyKind.ADMIN
        address = record.base_url
        stages = prober.admin(secret, address) if managing else prober.key(secret, address, model=model)
        async with aclosing(stages) as results:
            async for seen in results:
                result = of_known_key(seen, record, datetime.now(UTC))
                self.stages.append(result)
                sys.stderr.write(stage_line(result) + "\n")
                if result.verdict is Verdict.FAILED and result.trouble:
                    sys.stderr.write(f"    {result.trouble.title} {result.trouble.remedy}\n")
        network.settle()
        failed = next((stage for stage in self.stages if stage.verdict is Verdict.FAILED), None)
        if failed is None:
            return Exit.DONE
        return failed.trouble.exit if failed.trouble else Exit.FAILED

    def noted(self, record: KeyRecord) -> KeyRecord:
        """The record with what the check said about the key; unchanged when it said nothing."""
        state = state_after(self.stages)
        return record if state is KeyState.UNCHECKED else replace(record, state=state, verified=datetime.now(UTC))


async def verify(keys: Keys, options: Namespace) -> int:
    """Check a kept key (the active one without a name), and note what came out."""
    record = called(keys, options.name) if options.name else keys.active()
    if record is None:
        raise Stopped("there is no active key: name the one to verify, or add one with “keytui keys add NAME”.")
    await open_if_needed(keys, record, options.passphrase_fd)
    secret = await keys.secret(record)
    check = Check(keys)
    sys.stderr.write(f"{record.name} (…{secret.last4}) at {record.base_url}\n")
    status = await check.run(secret, record, model=options.model)
    noted = check.noted(record)
    if noted is not record:
        await keys.replace(noted)
    if options.json:
        give(
            {
                "id": record.id,
                "name": record.name,
                "base_url": record.base_url,
                "state": noted.state.name.lower(),
                "exit": int(status),
                "stages": [stage_data(stage) for stage in check.stages],
            }
        )
    elif status is Exit.DONE:
        say(f"“{record.name}” works.")
    return status
