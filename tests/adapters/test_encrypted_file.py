# ruff: noqa: ASYNC240 -- the files of these tests are small and near
from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keytui.adapters.vault.encrypted_file import FileVault
from keytui.adapters.vault.file_format import Cost
from keytui.domain.keys import FileState, KeyRecord, VaultLocked, VaultTrouble
from keytui.domain.secrets import Secret
from keytui.domain.vaults import KeyGone, VaultDamaged, VaultTooNew, WrongPassphrase
from tests.adapters.keys_support import CHEAP, PASSPHRASE, Home, secret


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder / "vault"


def key(key_id: str) -> KeyRecord:
    return replace(Home(Path()).record(key_id), id=key_id)


async def opened(path: Path, passphrase: Secret = PASSPHRASE, **more: float) -> FileVault:
    vault = FileVault(path, cost=CHEAP, **more)
    await vault.unlock(passphrase)
    return vault


async def filled(path: Path) -> FileVault:
    vault = await opened(path)
    for name in ("one", "two", "three"):
        await vault.keep(name, secret(name))
    return vault


async def test_keys_are_there_again_and_nothing_is_in_clear(path: Path) -> None:
    await filled(path)
    again = await opened(path)
    assert await again.secret(key("two")) == secret("two")
    for file in path.parent.iterdir():
        raw = file.read_bytes()
        assert b"secret-of" not in raw
        assert b"two" not in raw
        assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(KeyGone):
        await again.secret(key("four"))


async def test_it_is_locked_until_the_passphrase_is_given(path: Path) -> None:
    vault = FileVault(path, cost=CHEAP)
    assert vault.state is FileState.MISSING
    with pytest.raises(VaultLocked):
        await vault.keep("one", secret("one"))
    with pytest.raises(WrongPassphrase, match="empty"):
        await vault.unlock(Secret(""))
    await vault.unlock(PASSPHRASE)
    assert vault.state is FileState.OPEN
    vault.lock()
    assert vault.state is FileState.LOCKED
    with pytest.raises(VaultLocked):
        await vault.secret(key("one"))


async def test_the_derived_key_is_dropped_when_it_is_not_needed(path: Path) -> None:
    vault = await opened(path, idle=0.02)
    timer = vault._timer
    assert timer is not None
    timer.join(30)
    assert vault.state is FileState.LOCKED


async def test_a_wrong_passphrase_changes_nothing(path: Path) -> None:
    await filled(path)
    before = path.read_bytes()
    vault = FileVault(path, cost=CHEAP)
    with pytest.raises(WrongPassphrase, match="try again"):
        await vault.unlock(Secret("other words"))
    with pytest.raises(VaultLocked):
        await vault.keep("four", secret("four"))
    assert path.read_bytes() == before


async def test_a_new_passphrase_closes_the_old_ones_door_everywhere(path: Path) -> None:
    vault, other = await filled(path), await opened(path)
    await vault.change_passphrase(Secret("new words"))
    assert await vault.secret(key("one")) == secret("one")
    with pytest.raises(VaultLocked, match="changed meanwhile"):
        await other.keep("four", secret("four"))
    for file in (path, path.with_name("vault.bak")):
        with pytest.raises(WrongPassphrase):
            await opened(file)
    assert await (await opened(path, Secret("new words"))).secret(key("two")) == secret("two")


async def test_two_that_begin_at_once_share_one_file(path: Path) -> None:
    first, second = FileVault(path, cost=CHEAP), FileVault(path, cost=CHEAP)
    await asyncio.gather(first.unlock(PASSPHRASE), second.unlock(PASSPHRASE))
    await asyncio.gather(first.keep("one", secret("one")), second.keep("two", secret("two")))
    assert await first.secret(key("two")) == secret("two")
    assert await second.secret(key("one")) == secret("one")


async def test_every_write_has_a_nonce_of_its_own(path: Path) -> None:
    vault, nonces = await opened(path), set()
    for _ in range(20):
        await vault.keep("one", secret("one"))
        nonces.add(base64.b64decode(path.read_bytes().split(b"\n")[1])[:12])
    assert len(nonces) == 20


async def attacked(path: Path, raw: bytes) -> VaultTrouble:
    """What is said of a file that holds this now; it is neither opened nor changed."""
    path.write_bytes(raw)
    vault = FileVault(path, cost=CHEAP)
    with pytest.raises(VaultTrouble) as caught:
        await vault.unlock(PASSPHRASE)
    with pytest.raises(VaultTrouble):
        await vault.keep("four", secret("four"))
    assert path.read_bytes() == raw
    assert "secret-of" not in str(caught.value)
    return caught.value


async def test_a_cut_file_is_damaged_and_its_copy_is_named(path: Path) -> None:
    await filled(path)
    whole = path.read_bytes()
    for length in {*range(0, len(whole) - 2, 7), len(whole.split(b"\n")[0]), len(whole) - 2}:
        trouble = await attacked(path, whole[:length])
        assert isinstance(trouble, (VaultDamaged, WrongPassphrase))
        assert "vault.bak" in str(trouble)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_flipped_bit_anywhere_is_noticed(path: Path, data: st.DataObject) -> None:
    async def attack() -> None:
        path.unlink(missing_ok=True)
        path.with_name("vault.bak").unlink(missing_ok=True)
        await filled(path)
        raw = bytearray(path.read_bytes())
        raw[data.draw(st.integers(0, len(raw) - 2))] ^= 1 << data.draw(st.integers(0, 7))
        try:
            vault = await opened_after(bytes(raw))
        except VaultTrouble:
            return
        # Base64 and JSON leave a few bits without meaning; then everything must still be there.
        assert await vault.secret(key("one")) == secret("one")

    async def opened_after(raw: bytes) -> FileVault:
        path.write_bytes(raw)
        return await opened(path)

    asyncio.run(attack())


async def with_header(path: Path, **changes: object) -> VaultTrouble:
    await filled(path)
    head, body = path.read_bytes().split(b"\n", 1)
    return await attacked(path, json.dumps(json.loads(head) | changes).encode() + b"\n" + body)


async def test_a_header_that_would_eat_the_machine_is_not_obeyed(path: Path) -> None:
    for cost in ({"memory": 99_999_999}, {"rounds": 10_000_000}, {"lanes": 1000}, {"memory": 8}, {"rounds": -1}):
        assert isinstance(await with_header(path, **cost), VaultDamaged)
        path.unlink()
        path.with_name("vault.bak").unlink()


async def test_a_weakened_header_does_not_open_the_file(path: Path) -> None:
    assert isinstance(await with_header(path, memory=16 * 1024), WrongPassphrase)


async def test_a_newer_version_is_left_to_the_newer_keytui(path: Path) -> None:
    assert isinstance(await with_header(path, keytui=2), VaultTooNew)


async def test_an_older_state_of_the_file_opens_as_it_was(path: Path) -> None:
    vault = await opened(path)
    await vault.keep("one", secret("one"))
    older = path.read_bytes()
    await vault.keep("two", secret("two"))
    path.write_bytes(older)
    again = await opened(path)
    assert await again.secret(key("one")) == secret("one")
    with pytest.raises(KeyGone):
        await again.secret(key("two"))


async def test_damage_under_an_open_vault_is_not_called_a_wrong_passphrase(path: Path) -> None:
    vault = await filled(path)
    head, body = path.read_bytes().split(b"\n", 1)
    path.write_bytes(head + b"\n" + body[:8] + body[8:12].swapcase() + body[12:])
    with pytest.raises(VaultDamaged):
        await vault.keep("four", secret("four"))


async def test_a_file_that_is_gone_while_its_copy_is_not_is_no_new_file(path: Path) -> None:
    await filled(path)
    path.unlink()
    with pytest.raises(VaultDamaged, match=r"is gone.*vault\.bak"):
        await opened(path)
    assert not path.exists()


async def test_a_file_that_others_can_read_is_refused(path: Path) -> None:
    vault = await filled(path)
    path.chmod(0o644)
    with pytest.raises(VaultTrouble, match="chmod 600"):
        await vault.secret(key("one"))
    with pytest.raises(VaultTrouble, match="chmod 600"):
        await opened(path)


def test_too_little_memory_is_a_sentence(path: Path) -> None:
    program = f"""
import asyncio, resource
from pathlib import Path
import cryptography.hazmat.primitives.kdf.argon2, cryptography.hazmat.primitives.ciphers.aead
from keytui.adapters.vault.encrypted_file import FileVault
from keytui.adapters.vault.file_format import Cost
from keytui.domain.keys import VaultTrouble
from keytui.domain.secrets import Secret
now = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (now + 100_000_000, -1))
try:
    asyncio.run(FileVault(Path({str(path)!r}), cost=Cost(memory=512 * 1024)).unlock(Secret("words")))
except VaultTrouble as trouble:
    print(trouble)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert "too little memory" in done.stdout, done.stderr


def test_the_default_cost_is_the_recommended_one() -> None:
    assert Cost() == Cost(rounds=3, memory=64 * 1024, lanes=4)
    assert Cost().bounded
