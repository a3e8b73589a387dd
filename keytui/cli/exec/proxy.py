"""``keytui exec --proxy``: CMD gets a local key and the address of a metering proxy that lives as long as it does.

The proxy is nobody's child: CMD has no process to wait for that it did not start. It belongs to another session, so
that ctrl+c and ctrl+z are CMD's alone, and holds neither the terminal nor a pipe of CMD's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keytui.cli.exec.options import Refusal

if TYPE_CHECKING:
    from keytui.cli.exec import Handed
    from keytui.domain.metering import Target

_START = "import sys; sys.path.append(sys.argv.pop(1)); from keytui.cli.exec.proxy import serve; sys.exit(serve())"
"""With this interpreter and this keytui, whatever the current folder holds."""

_LOOPBACK = "127.0.0.1"
_PROXIES = ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")
_EXCEPTIONS = ("no_proxy", "NO_PROXY")
_POLL = 0.5
"""Seconds between two looks at CMD, where the system does not tell by itself that it has ended."""


def through_proxy(handed: Handed, command: list[str], around: dict[str, str]) -> Handed:
    """What CMD gets in place of the key: a local one and the proxy's address. Raises ``Refusal``.

    The proxy listens when this returns, and ends with this process, which CMD is to replace. ``around`` is CMD's
    environment to be; it is told that the way to the proxy needs no other proxy.
    """
    from keytui.cli.exec import Handed

    wish = {
        "characters": handed.characters,
        "name": handed.name,
        "base_url": handed.base_url,
        "organization": handed.organization,
        "project": handed.project,
        "command": command[0],
        "watch": os.getpid(),
    }
    starter = subprocess.Popen(
        [sys.executable, "-P", "-c", _START, str(Path(__file__).resolve().parents[3])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    said, complaint = starter.communicate(json.dumps(wish).encode() + b"\n")
    if not said:
        words = complaint.decode("utf-8", "replace").strip().splitlines()
        raise Refusal(f"the metering proxy did not start. {words[-1] if words else 'Try again without --proxy.'}")
    handshake = json.loads(said)
    inside = Handed(handed.name, handshake["api_key"])
    inside.variable, inside.base_url = handed.variable, handshake["base_url"]
    if any(around.get(name) for name in _PROXIES):
        for name in _EXCEPTIONS:
            around[name] = ",".join(filter(None, (around.get(name), _LOOPBACK)))
    return inside


def serve() -> int:
    """Be the proxy: what to do comes as a line of JSON on standard input, the handshake goes to standard output."""
    from keytui.adapters.hardening import keep_memory_private

    keep_memory_private()
    wish = json.loads(sys.stdin.readline())
    watch = _watcher(wish["watch"])
    if os.name == "posix" and os.fork():
        # The first process ends here, so that the proxy is nobody's child.
        os._exit(0)
    from keytui.adapters.paths import find
    from keytui.cli.metering import ports
    from keytui.cli.proxy import answer_quickly, end_with_signals
    from keytui.domain.metering import name_of_command
    from keytui.servers.metering import Handshake, MeteringProxy

    proxy = MeteringProxy(_target(wish), ports(find()), program=name_of_command(wish["command"]))
    end_with_signals(proxy)
    answer_quickly()

    def end_with_command() -> None:
        watch()
        proxy.stop()

    def ready(handshake: Handshake) -> None:
        sys.stdout.write(handshake.line + "\n")
        sys.stdout.flush()
        _let_go()
        threading.Thread(target=end_with_command, name="watch", daemon=True).start()

    proxy.run(ready)
    return 0


def _target(wish: dict[str, Any]) -> Target:
    from keytui.adapters.keystore import open_keys
    from keytui.adapters.paths import find
    from keytui.cli.chosen import passing_record
    from keytui.domain.addresses import base_url
    from keytui.domain.keys import OPENAI_BASE_URL, StoreUnreadable
    from keytui.domain.metering import Target
    from keytui.domain.secrets import Secret

    secret = Secret(wish.pop("characters"))
    address = wish["base_url"] or OPENAI_BASE_URL
    try:
        record = open_keys(find()).named(wish["name"])
    except StoreUnreadable:
        record = None  # a key from elsewhere can be used all the same
    if record is None or record.base_url != address or record.last4 != secret.last4:
        record = passing_record(
            wish["name"],
            secret,
            base_url(address).url,
            organization=wish["organization"],
            project=wish["project"],
        )
    return Target(record, secret)


def _let_go() -> None:
    """Hold no stream that came from outside: who reads the other end waits for it to close."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nowhere, number)
    if nowhere > 2:
        os.close(nowhere)


def _watcher(process: int) -> Callable[[], None]:
    """Something that returns once a process has ended; made while that one certainly lives."""
    if hasattr(os, "pidfd_open"):
        import select

        handle = os.pidfd_open(process)

        def wait() -> None:
            poll = select.poll()
            poll.register(handle, select.POLLIN)
            poll.poll()

        return wait

    def look() -> None:
        while _runs(process):
            time.sleep(_POLL)

    return look


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False  # another user's process has the number now
    return True
