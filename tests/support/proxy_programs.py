"""Proxies that were not written here, as programs on the loopback: tinyproxy, microsocks, and ssh's own SOCKS."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from keytui.domain.own_route import LOOPBACK_TOO, OwnRoute, SignIn
from keytui.domain.secrets import Secret
from tests.support.sshd import Sshd

USER, PASSWORD = "ann", "right: @/%"


@dataclass
class Program:
    """A running proxy."""

    name: str
    scheme: str
    port: int
    process: subprocess.Popen[bytes]
    password: str | None = PASSWORD
    """The right one; None when it asks for none."""

    def route(
        self, *, password: str | None = None, port: int | None = None, certificates: Path | None = None
    ) -> OwnRoute:
        """The route through it, for addresses of this machine too."""
        given = password or self.password
        sign_in = SignIn(USER, Secret(given)) if given else None
        named = str(certificates) if certificates else None
        return OwnRoute(f"{self.scheme}://127.0.0.1:{port or self.port}", LOOPBACK_TOO, named, sign_in)

    def hang(self) -> None:
        """Stop it where it is: connections are still taken by the system, and nothing answers any more."""
        self.process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """End it at once; the system resets or closes what it held."""
        self.process.kill()
        self.process.wait(10)


@contextmanager
def running(
    name: str, scheme: str, port: int, command: Sequence[str | Path], *, password: str | None = PASSWORD
) -> Iterator[Program]:
    """Run a proxy until the block ends."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ends = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < ends:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.02)
        else:
            raise AssertionError(f"{name} is installed, but does not listen")
        yield Program(name, scheme, port, process, password)
    finally:
        # A stopped process does not end by being asked to.
        process.kill()
        process.wait(10)


def program(name: str) -> str:
    """The path of a program; skips, saying why, when it is not installed."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if path is None:
        pytest.skip(f"{name} is not installed (Debian: {name})")
    return path


@pytest.fixture
def tinyproxy(tmp_path: Path, unused_tcp_port: int) -> Iterator[Program]:
    """An HTTP proxy with sign-in."""
    path = program("tinyproxy")
    file = tmp_path / "tinyproxy.conf"
    # Its file takes letters and digits only.
    file.write_text(f"Port {unused_tcp_port}\nListen 127.0.0.1\nBasicAuth {USER} right\nTimeout 20\n")
    with running("tinyproxy", "http", unused_tcp_port, [path, "-d", "-c", file], password="right") as made:
        yield made


@pytest.fixture
def microsocks(unused_tcp_port: int) -> Iterator[Program]:
    """A SOCKS5 proxy with sign-in."""
    command = [program("microsocks"), "-i", "127.0.0.1", "-p", str(unused_tcp_port), "-u", USER, "-P", PASSWORD]
    with running("microsocks", "socks5h", unused_tcp_port, command) as made:
        yield made


@pytest.fixture
def ssh_socks(sshd: Sshd, unused_tcp_port: int) -> Iterator[Program]:
    """The SOCKS proxy of an ssh connection (``ssh -D``), which knows no sign-in."""
    command = [sshd.client[0], "-N", "-D", f"127.0.0.1:{unused_tcp_port}", *sshd.client[1:]]
    with running("ssh", "socks5", unused_tcp_port, command, password=None) as made:
        yield made
