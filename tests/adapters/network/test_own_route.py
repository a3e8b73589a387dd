"""The own route: its address in the settings, its sign-in in a vault and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from keytui.adapters.network.own_route import OwnRoutes
from keytui.adapters.settings import SettingsFile
from keytui.adapters.vault.encrypted_file import FileVault
from keytui.adapters.vault.session import SessionVault
from keytui.domain.keys import Place, StoreUnreadable, VaultTrouble
from keytui.domain.own_route import OwnRoute, SignIn
from keytui.domain.secrets import Secret
from keytui.domain.vaults import Source

OWN = OwnRoute("http://proxy.example:3128", "internal.example", None, SignIn("ann", Secret("hunter2")))


class Machine:
    def __init__(self, folder: Path, *vaults: Source) -> None:
        self.file = folder / "config.toml"
        self.vaults = {vault.place: vault for vault in vaults}

    @property
    def routes(self) -> OwnRoutes:
        return OwnRoutes(SettingsFile(self.file, environment={}), self.vaults)

    def text(self) -> str:
        return self.file.read_text()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path, SessionVault())


async def test_nothing_was_chosen(machine: Machine) -> None:
    assert await machine.routes.load() == OwnRoute()


async def test_the_password_is_in_the_vault_and_not_in_the_settings(tmp_path: Path) -> None:
    vault = FileVault(tmp_path / "vault")
    await vault.unlock(Secret("a passphrase"))
    machine = Machine(tmp_path, vault, SessionVault())
    settings, where = await machine.routes.keep(OWN)
    assert settings.proxy == OWN.proxy
    assert "encrypted file" in where
    assert "hunter2" not in machine.text()
    assert "ann" not in machine.text()
    assert await machine.routes.load() == OWN
    vault.lock()
    locked = await machine.routes.load()
    assert (locked.proxy, locked.sign_in) == (OWN.proxy, None)
    assert "locked" in locked.problem


async def test_a_sign_in_of_an_earlier_session_is_asked_for_anew(tmp_path: Path) -> None:
    await Machine(tmp_path, SessionVault()).routes.keep(OWN)
    later = await Machine(tmp_path, SessionVault()).routes.load()
    assert later.sign_in is None
    assert "enter it again" in later.problem


async def test_a_sign_in_is_never_sent_to_another_proxy(machine: Machine) -> None:
    await machine.routes.keep(OWN)
    machine.file.write_text(machine.text().replace("proxy.example", "elsewhere.example"))
    moved = await machine.routes.load()
    assert moved.sign_in is None
    assert moved.address == Secret("http://elsewhere.example:3128")
    assert "another proxy" in moved.problem


async def test_the_old_sign_in_is_forgotten(machine: Machine) -> None:
    await machine.routes.keep(OWN)
    await machine.routes.keep(replace(OWN, sign_in=SignIn("ann", Secret("new"))))
    vault = machine.vaults[Place.SESSION]
    assert isinstance(vault, SessionVault)
    assert list(vault._kept.values()) == [Secret("http://ann:new@proxy.example:3128")]
    await machine.routes.keep(OwnRoute())
    assert not vault._kept
    assert "network" not in machine.text()


async def test_what_cannot_be_kept_leaves_the_earlier_way(machine: Machine) -> None:
    await machine.routes.keep(OWN)
    machine.file.write_text(machine.text() + "theme = \n")
    before = machine.text()
    with pytest.raises(StoreUnreadable):
        await machine.routes.keep(replace(OWN, sign_in=SignIn("bob", Secret("other"))))
    assert machine.text() == before
    vault = machine.vaults[Place.SESSION]
    assert isinstance(vault, SessionVault)
    assert len(vault._kept) == 1


async def test_without_any_vault_a_password_is_not_taken(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    with pytest.raises(VaultTrouble):
        await machine.routes.keep(OWN)
    assert not machine.file.exists()


@pytest.mark.parametrize("named", ["nowhere:1", "session", "keyring:", "file:x", "environment:OPENAI_API_KEY"])
async def test_a_settings_file_that_names_no_place(machine: Machine, named: str) -> None:
    machine.file.write_text(f'[network]\nproxy = "http://p:1"\nsign_in = "{named}"\n')
    own = await machine.routes.load()
    assert own.proxy == "http://p:1"
    assert own.problem
