"""A process that applies a plan, or takes it back, and is killed at the n-th thing that lasts."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from keytui.adapters.apply_journal import ApplyJournal
from keytui.domain.plan import SetupPlan
from tests.domain.apply.office import Office, office, plan
from tests.support.practice import Practice

_LOADED = ("openai", "httpx2", "pydantic", "cryptography", "keytui.adapters", "keytui.domain", "anyio", "idna")
CHANGING = ("make_", "set_", "archive_", "delete_", "revoke_")


class Fate:
    """Counts what lasts (a journal on the disk, a change on the platform, a stored key), and ends the process."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.seen: list[str] = []

    def strike(self, what: str) -> None:
        self.seen.append(what)
        if self.at is not None and len(self.seen) == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class Fated:
    """Anything, with fate striking after each of the methods that change something."""

    def __init__(self, thing: Any, fate: Fate, methods: Callable[[str], bool]) -> None:
        self._thing, self._fate, self._methods = thing, fate, methods

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._thing, name)
        if not self._methods(name):
            return found
        if not asyncio.iscoroutinefunction(found):

            def plain(*args: Any, **named: Any) -> Any:
                result = found(*args, **named)
                self._fate.strike(name)
                return result

            return plain

        async def awaited(*args: Any, **named: Any) -> Any:
            result = await found(*args, **named)
            self._fate.strike(name)
            return result

        return awaited


def fated(me: Office, fate: Fate) -> Office:
    means = me.means
    assert isinstance(means.journal, ApplyJournal)
    return me.but(
        admin=Fated(means.admin, fate, lambda name: name.startswith(CHANGING)),
        keep=Fated(means.keep, fate, lambda name: name in ("add", "forget")),
        journal=Fated(means.journal, fate, lambda name: name in ("save", "forget")),
    )


async def go(service: Practice, folder: Path, wanted: SetupPlan | None, fate: Fate) -> None:
    """Apply a plan, or with None take the last one back."""
    async with office(service, folder) as me:
        dying = fated(me, fate)
        done = await (dying.undo() if wanted is None else dying.apply(wanted))
        assert done.finished


class Undertaker:
    """A process without threads, with everything loaded, that forks those who are to die.

    The tests' own process cannot: it has threads, and a fork takes their locks along but not the threads.
    """

    def __init__(self, service: Practice) -> None:
        self._service = service
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.domain.apply.dying"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        with TemporaryDirectory() as folder:
            asyncio.run(go(service, Path(folder), plan("loading"), Fate(None)))
        assert self._process.stdin is not None
        loaded = [name for name in sys.modules if name.startswith(_LOADED)]
        self._process.stdin.write(json.dumps(loaded) + "\n")
        self._process.stdin.flush()

    def killed(self, folder: Path, name: str | None, at: int) -> None:
        """Apply the plan of this name (None: take the last one back) until the n-th thing lasts, and die there."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        wanted = {"service": asdict(self._service), "folder": str(folder), "name": name, "at": at}
        self._process.stdin.write(json.dumps(wanted) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        assert status == -signal.SIGKILL, f"it was not killed, but ended with {status}"

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(30)


def main() -> None:
    """Fork for each line of standard input; one line with the exit status for each."""
    # What one whole application loads, so that no child has to: importing starts no threads, applying does.
    for module in json.loads(sys.stdin.readline()):
        with suppress(ImportError):
            import_module(module)
    for line in sys.stdin:
        wanted = json.loads(line)
        service = Practice(**wanted["service"])
        assert threading.active_count() == 1
        child = os.fork()
        if child == 0:
            status = 1
            try:
                made = None if wanted["name"] is None else plan(wanted["name"])
                asyncio.run(go(service, Path(wanted["folder"]), made, Fate(wanted["at"])))
                status = 0
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
