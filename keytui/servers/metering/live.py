"""What the proxy shows of itself while it runs: counted in the event loop, read from any thread."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime

from keytui.domain.ledger import Entry
from keytui.domain.metering import ProgramUse, Snapshot, Told


class Live:
    """The figures of one proxy."""

    def __init__(self, key_name: str, told: Told | None = None) -> None:
        """``told`` hears of every change, in the thread that made it."""
        self._told: Told = told or (lambda entry: None)
        self._lock = threading.Lock()
        self._programs: dict[str, ProgramUse] = {}
        self._base_url = ""
        self._key_name = key_name
        self._waiting = 0
        self._problem = ""

    def listening(self, base_url: str) -> None:
        """It listens there; an empty address says that it does not any more."""
        with self._lock:
            self._base_url = base_url
        self._told(None)

    def uses(self, key_name: str) -> None:
        """Another key is put in from now on."""
        with self._lock:
            self._key_name = key_name
        self._told(None)

    def began(self, program: str, at: datetime) -> None:
        """A program asked."""
        with self._lock:
            use = self._programs.pop(program, None) or ProgramUse(program)
            self._programs[program] = replace(use, now=use.now + 1, requests=use.requests + 1, latest=at)
        self._told(None)

    def ended(self, program: str, *, hit: bool = False, refused: bool = False) -> None:
        """Its request is over."""
        with self._lock:
            use = self._programs[program]
            self._programs[program] = replace(use, now=use.now - 1, hits=use.hits + hit, refused=use.refused + refused)
        self._told(None)

    def waits(self, change: int) -> None:
        """So many more (or fewer) requests wait for a slot."""
        with self._lock:
            self._waiting += change
        self._told(None)

    def booked(self, entry: Entry | None, problem: str) -> None:
        """A request was booked, or could not be."""
        with self._lock:
            self._problem = problem
            if entry is not None:
                use = self._programs.get(entry.app) or ProgramUse(entry.app)
                self._programs[entry.app] = replace(
                    use,
                    tokens=use.tokens + entry.usage.input + entry.usage.output,
                    spend=use.spend + (entry.cost.total if entry.cost else 0),
                    unpriced=use.unpriced + (entry.cost is None),
                )
        self._told(entry)

    def snapshot(self) -> Snapshot:
        """The figures now."""
        with self._lock:
            return Snapshot(
                self._base_url,
                self._key_name,
                tuple(reversed(self._programs.values())),
                waiting=self._waiting,
                problem=self._problem,
            )
