"""Commands go through the user's own proxy, whose password lies in the encrypted file beside the key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from keytui.adapters.keystore import open_keys
from keytui.adapters.network.own_route import OwnRoutes
from keytui.adapters.paths import find
from keytui.adapters.settings import SettingsFile
from keytui.domain.own_route import LOOPBACK_TOO, OwnRoute
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


def test_a_plan_is_applied_through_the_own_proxy(
    sealed: Path, practice: Practice, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", practice.admin_key)
    plan = sealed / "plan.toml"
    assert keytui("setup", "--write-plan", str(plan)).status == 0
    look = ("setup", "--plan", str(plan), "--dry-run", "--base-url", practice.base_url)
    assert keytui(*look).status == 0
    file = SettingsFile(find().settings_file)
    file.save(replace(file.load(), proxy=f"http://127.0.0.1:{unused_tcp_port}", no_proxy=LOOPBACK_TOO))
    refused = keytui(*look)
    assert refused.status == 6
    assert f"127.0.0.1:{unused_tcp_port}" in refused.words
