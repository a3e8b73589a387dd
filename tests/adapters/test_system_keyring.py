"""The system's keyring, against a real Secret Service: open, locked, absent, killed, and one that never answers."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from keytui.adapters.vault.system_keyring import KeyringVault, State
from keytui.domain.keys import KeyRecord, VaultLocked, VaultTrouble
from keytui.domain.secrets import Secret
from keytui.domain.vaults import KeyGone, VaultSilent
from tests.adapters.keys_support import Home, secret

SERVICE = "org.freedesktop.secrets"


def key(key_id: str = "0123") -> KeyRecord:
    return replace(Home(Path()).record("work"), id=key_id)


def service_pid() -> int:
    from jeepney.bus_messages import message_bus
    from jeepney.io.blocking import Proxy, open_dbus_connection

    with closing(open_dbus_connection()) as bus:
        return int(Proxy(message_bus, bus).GetConnectionUnixProcessID(SERVICE)[0])


def lock_it() -> None:
    import secretstorage

    with closing(secretstorage.dbus_init()) as bus:
        secretstorage.get_default_collection(bus).lock()


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def silent_bus(folder: Path, monkeypatch: pytest.MonkeyPatch, answer: Callable[[bytes], bytes]) -> Iterator[None]:
    """A session bus that says what ``answer`` gives, and nothing more."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "bus"))
        server.listen()
        taken: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                taken.append(connection)
                try:
                    while data := connection.recv(4096):
                        connection.sendall(answer(data))
                except OSError:
                    continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={folder / 'bus'}")
        try:
            yield
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for connection in taken:
                with closing(connection):
                    connection.shutdown(socket.SHUT_RDWR)
            thread.join(10)


@pytest.fixture
def abandoned() -> Iterator[None]:
    """Closes the book on calls that a test left stuck: the keyring's library leaves their sockets to the collector."""
    yield
    for thread in threading.enumerate():
        if thread.name == "keytui bounded call":
            thread.join(30)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.mark.real
@pytest.mark.usefixtures("abandoned", "secret_service")
class TestOpen:
    async def test_a_key_is_kept_read_and_deleted(self) -> None:
        vault = KeyringVault()
        report = await vault.report()
        assert (report.usable, report.reason) == (True, "")
        await vault.keep("0123", secret("work"))
        assert await KeyringVault().secret(key()) == secret("work")
        await vault.forget("0123")
        await vault.forget("0123")
        with pytest.raises(KeyGone, match="no longer holds"):
            await vault.secret(key())

    async def test_each_key_has_an_entry_of_its_own(self) -> None:
        vault = KeyringVault()
        for name in ("a", "b"):
            await vault.keep(name, secret(name))
        await vault.forget("a")
        assert await vault.secret(key("b")) == secret("b")

    async def test_a_giant_is_refused_before_it_is_sent(self) -> None:
        with pytest.raises(VaultTrouble, match="512"):
            await KeyringVault().keep("0123", Secret("x" * 513))

    async def test_locked_it_says_so_and_opens_no_dialog(self) -> None:
        vault = KeyringVault()
        await vault.keep("0123", secret("work"))
        lock_it()
        assert await vault.state() is State.LOCKED
        for attempt in (vault.secret(key()), vault.keep("4567", secret("other")), vault.forget("0123")):
            with pytest.raises(VaultLocked, match="unlock it"):
                await attempt

    async def test_killed_half_way_it_says_so(self) -> None:
        vault = KeyringVault()
        await vault.keep("0123", secret("work"))
        os.kill(service_pid(), signal.SIGKILL)
        with pytest.raises(VaultTrouble):
            await vault.secret(key())
        assert not (await vault.report()).usable

    async def test_without_an_answer_the_loop_goes_on_and_the_deadline_holds(self) -> None:
        vault, ticks = KeyringVault(probe=0.3), 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        with stopped(service_pid()):
            ticking = asyncio.ensure_future(tick())
            report = await vault.report()
            with pytest.raises(VaultSilent, match="does not answer"):
                await vault.secret(key())
            ticking.cancel()
        assert not report.usable
        assert ticks > 1000

    async def test_a_service_that_falls_silent_while_it_works_is_given_up(self) -> None:
        # The look has passed, then the service stops: the call itself has a deadline as well.
        pid, vault = service_pid(), KeyringVault(read=0.3)
        await vault.keep("0123", secret("work"))

        async def looked() -> State:
            os.kill(pid, signal.SIGSTOP)
            return State.READY

        vault.state = looked  # type: ignore[method-assign]
        with stopped(pid), pytest.raises(VaultSilent, match="no answer"):
            await vault.secret(key())


async def test_without_a_bus_it_is_absent() -> None:
    vault = KeyringVault()
    assert await vault.state() is State.ABSENT
    with pytest.raises(VaultTrouble, match="encrypted file"):
        await vault.keep("0123", secret("work"))


@pytest.mark.parametrize("address", ["", "garbage", "unix:path=/nowhere", "autolaunch:", "tcp:host=127.0.0.1,port=1"])
async def test_an_address_that_leads_nowhere_is_absent(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    assert await KeyringVault().state() is State.ABSENT


@pytest.mark.usefixtures("abandoned")
@pytest.mark.parametrize("speaks", [False, True])
async def test_a_bus_that_goes_silent_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, speaks: bool
) -> None:
    def answer(data: bytes) -> bytes:
        if not speaks:
            return b""
        said = b"OK 1234deadbeef1234deadbeef12345678\r\n" if b"AUTH" in data else b""
        return said + (b"AGREE_UNIX_FD\r\n" if b"NEGOTIATE" in data else b"")

    with silent_bus(tmp_path, monkeypatch, answer):
        assert await KeyringVault(probe=1.5).state() is State.SILENT


def test_the_plain_text_backends_are_never_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    from keytui.adapters.vault import system_keyring

    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    assert type(system_keyring._backend()).__module__ == "keyring.backends.SecretService"
