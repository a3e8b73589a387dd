"""Commands go through the user's own proxy, whose password lies in the encrypted file beside the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from keytui.adapters.keystore import open_keys
from keytui.adapters.own_route import OwnRoutes
from keytui.adapters.paths import find
from keytui.adapters.settings import SettingsFile
from keytui.domain.own_route import OwnRoute
from keytui.domain.secrets import Secret
from tests.cli.keytui import keytui
from tests.support.practice import Practice
from tests.support.proxy_programs import Program

PASSPHRASE = "four words of mine"


async def keep(own: OwnRoute) -> None:
    keys = open_keys(find())
    await keys.unlock(Secret(PASSPHRASE))
    await OwnRoutes(SettingsFile(find().settings_file), keys.vaults).keep(own)


@pytest.mark.real
async def test_a_question_and_a_check_through_the_own_proxy(
    sealed: Path, practice: Practice, tinyproxy: Program
) -> None:
    added = keytui(
        *("keys", "add", "work", "--stdin", "--vault", "file", "--no-verify", "--base-url", practice.base_url),
        stdin=practice.api_key,
        passphrase=PASSPHRASE,
    )
    assert added.status == 0, added.words
    await keep(tinyproxy.route())
    asked = keytui("ask", "hello", passphrase=PASSPHRASE)
    assert asked.status == 0, asked.words
    assert keytui("keys", "verify", "work", passphrase=PASSPHRASE).status == 0
    await keep(tinyproxy.route(password="wrong"))
    refused = keytui("ask", "hello", passphrase=PASSPHRASE)
    assert refused.status == 6
    assert "keytui doctor" in refused.words
    verified = keytui("keys", "verify", "work", passphrase=PASSPHRASE)
    assert verified.status == 6
    assert "ann:…@127.0.0.1" in verified.words
    written = b"".join(path.read_bytes() for path in find().config.rglob("*") if path.is_file())
    assert b"right" not in written
    assert b"wrong" not in written
