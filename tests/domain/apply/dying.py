"""A process that applies a plan, or takes it back, and is killed at the n-th thing that lasts."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from keytui.adapters.apply_journal import ApplyJournal
from keytui.domain.plan import SetupPlan
from tests.domain.apply.office import Office, office
from tests.support.practice import Practice

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


def killed(service: Practice, folder: Path, wanted: SetupPlan | None, at: int) -> None:
    """The same in a process of its own, killed at this point."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            asyncio.run(go(service, folder, wanted, Fate(at)))
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"it was not killed, but ended with {status}"
    assert os.WTERMSIG(status) == signal.SIGKILL
