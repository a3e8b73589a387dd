"""A real ssh server on the loopback, with keys made for this run, that lets in the user who runs the tests."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Sshd:
    """A running server; ``client`` is the command that reaches it, without the program to run there."""

    client: tuple[str, ...]
    port: int

    def command(self, program: str, *options: str) -> list[str]:
        """The command that runs a program (as the shell there reads it) in a terminal of its own over ssh."""
        return [self.client[0], "-tt", *options, *self.client[1:], program]


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """A server for the whole run; skips, saying why, where there is none."""
    with serving(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@contextmanager
def serving(folder: Path) -> Iterator[Sshd]:
    """A server until the block ends, its keys and its log in a folder."""
    server = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if not server or not shutil.which("ssh") or not shutil.which("ssh-keygen"):
        pytest.skip("needs ssh and sshd (Debian: openssh-server, openssh-client)")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    for name in ("host", "client"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    configuration = folder / "config"
    configuration.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile {folder}/pid\nUsePAM no\n"
        f"StrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        f"PermitRootLogin prohibit-password\nAuthorizedKeysFile {folder}/client.pub\nPrintMotd no\n"
    )
    process = subprocess.Popen([server, "-D", "-f", configuration, "-E", folder / "log"])
    try:
        _wait_until_it_answers(process, port, folder / "log")
        yield Sshd(
            (
                "ssh", "-F", "/dev/null", "-p", str(port), "-i", str(folder / "client"), "-o", "IdentitiesOnly=yes",
                "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={folder}/known", "-o", "LogLevel=ERROR",
                f"{getpass.getuser()}@127.0.0.1",
            ),
            port,
        )  # fmt: skip
    finally:
        process.terminate()
        process.wait(10)


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.05)
    said = log.read_text() if log.exists() else ""
    pytest.skip(f"sshd does not start here: {said.strip()[-300:]}")
