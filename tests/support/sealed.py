"""The machine shut out: no setting, key, proxy or network of whoever runs the tests gets in."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

_DROPPED = ("KEYTUI_", "OPENAI_", "SSL_", "SSH_", "TMUX", "XDG_", "DBUS_", "LC_", "TEXTUAL", "GNOME_", "PYTHON_KEYRING")
_DROPPED_NAMES = {
    "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS", "LINES", "DISPLAY",
    "WAYLAND_DISPLAY", "STY", "PYTHONDONTWRITEBYTECODE", "TERM_PROGRAM", "WT_SESSION", "VTE_VERSION",
}  # fmt: skip


def clean(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """An environment for a program under test: nothing of the user's, ``home`` as its home and keytui's folder."""
    kept = {name: value for name, value in environment.items() if not _belongs_to_the_user(name)}
    return kept | {
        "HOME": str(home),
        "KEYTUI_HOME": str(home / "keytui"),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
    }


@pytest.fixture(autouse=True)
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test runs in an empty home and reaches the loopback only. Gives the home."""
    home = tmp_path / "home"
    home.mkdir()
    wanted = clean(os.environ, home)
    for name in set(os.environ) - set(wanted):
        monkeypatch.delenv(name)
    for name, value in wanted.items():
        if os.environ.get(name) != value:
            monkeypatch.setenv(name, value)
    _shut_the_network(monkeypatch)
    return home


def _belongs_to_the_user(name: str) -> bool:
    return name.startswith(_DROPPED) or name in _DROPPED_NAMES or name.lower().endswith("_proxy")


def _shut_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if not _is_near(self, address):
            raise OSError(errno.ENETUNREACH, f"tests reach the loopback only, not {address}")
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        return connect_ex(self, address) if _is_near(self, address) else errno.ENETUNREACH

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not _is_loopback(host) and _address(host) is None:
            raise socket.gaierror(socket.EAI_NONAME, f"tests know no names beyond this machine, such as {host}")
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)


def _is_near(this: socket.socket, address: Any) -> bool:
    return this.family not in (socket.AF_INET, socket.AF_INET6) or _is_loopback(address[0])


def _is_loopback(host: Any) -> bool:
    if host is None or _name(host) in ("", "localhost") or _name(host).endswith(".localhost"):
        return True
    address = _address(host)
    return address is not None and (address.is_loopback or address.is_unspecified)


def _name(host: Any) -> str:
    return host.decode() if isinstance(host, bytes) else str(host)


def _address(host: Any) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(_name(host).split("%")[0])
    except ValueError:
        return None
