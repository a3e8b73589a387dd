"""What was found out about each endpoint, kept between runs in a small private file."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from keytui.adapters.files import NotPrivate, locked, read_private, write_private
from keytui.adapters.paths import make_private
from keytui.domain.chat import Capabilities

_FORGOTTEN_AFTER = timedelta(days=30)
"""Servers are renewed: what is older is found out again."""
_MOST_ENDPOINTS = 100
_MOST_REFUSALS = 200
_LARGEST = 1_000_000
_ANSWERS = tuple(field.name for field in fields(Capabilities) if field.name != "unaccepted")


@dataclass(frozen=True, slots=True)
class _Known:
    capabilities: Capabilities
    seen: date


class EndpointMemory:
    """Capabilities by base URL. Holds no key; a damaged file is begun anew, since all in it can be found out again."""

    def __init__(self, path: Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Reads nothing yet."""
        self._path = path
        self._now = now
        self._known: dict[str, _Known] | None = None
        self._guard = threading.Lock()
        self._writing: threading.Thread | None = None

    def of(self, base_url: str) -> Capabilities:
        """What is known of an endpoint. Reads the file the first time."""
        with self._guard:
            known = self._all().get(base_url)
        return known.capabilities if known else Capabilities()

    def learn(self, base_url: str, capabilities: Capabilities) -> None:
        """Keep what is known now. Returns at once; the file is written by a thread of its own."""
        with self._guard:
            known = self._all().get(base_url)
            merged = _merged(known.capabilities, capabilities) if known else capabilities
            self._all()[base_url] = _Known(merged, self._now().date())
            self._writing = threading.Thread(
                target=self._write, args=(base_url, self._writing), name="keytui endpoints", daemon=True
            )
            self._writing.start()

    def settle(self, seconds: float = 2.0) -> None:
        """Wait until what was learnt is in the file, for so long at most."""
        if self._writing is not None:
            self._writing.join(seconds)

    def _all(self) -> dict[str, _Known]:
        if self._known is None:
            self._known = self._read()
        return self._known

    def _read(self) -> dict[str, _Known]:
        try:
            document = json.loads(read_private(self._path, limit=_LARGEST))
        except (OSError, NotPrivate, ValueError, RecursionError):
            return {}
        entries = document.get("endpoints") if isinstance(document, dict) else None
        known = {}
        for base_url, entry in (entries if isinstance(entries, dict) else {}).items():
            if (read := _from_entry(entry)) is not None and self._now().date() - read.seen <= _FORGOTTEN_AFTER:
                known[base_url] = read
        return known

    def _write(self, base_url: str, before: threading.Thread | None) -> None:
        """Put one endpoint into the file; what another keytui wrote about others meanwhile stays."""
        if before is not None:
            before.join()
        # What cannot be kept is found out again by the next run: no reason to trouble anybody.
        with suppress(OSError):
            make_private(self._path.parent)
            with locked(self._path):
                known = self._read()
                with self._guard:
                    known[base_url] = self._all()[base_url]
                latest = sorted(known.items(), key=lambda item: item[1].seen)[-_MOST_ENDPOINTS:]
                document = {"version": 1, "endpoints": {name: _to_entry(entry) for name, entry in latest}}
                write_private(self._path, json.dumps(document, indent=1).encode())


def _merged(older: Capabilities, newer: Capabilities) -> Capabilities:
    """What is known by both: the newer answer where there are two."""
    answers = {
        name: getattr(older, name) if getattr(newer, name) is None else getattr(newer, name) for name in _ANSWERS
    }
    return Capabilities(**answers, unaccepted=older.unaccepted | newer.unaccepted)


def _to_entry(known: _Known) -> dict[str, object]:
    answers = {name: getattr(known.capabilities, name) for name in _ANSWERS}
    return {
        "seen": known.seen.isoformat(),
        **{name: answer for name, answer in answers.items() if answer is not None},
        "unaccepted": sorted(known.capabilities.unaccepted)[:_MOST_REFUSALS],
    }


def _from_entry(entry: object) -> _Known | None:
    """An entry of the file; None when it is none."""
    if not isinstance(entry, Mapping):
        return None
    try:
        seen = date.fromisoformat(str(entry.get("seen")))
    except ValueError:
        return None
    answers: dict[str, Any] = {name: entry[name] for name in _ANSWERS if isinstance(entry.get(name), bool)}
    listed = entry.get("unaccepted")
    pairs = [
        (pair[0], pair[1])
        for pair in (listed if isinstance(listed, list) else [])
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)
    ]
    return _Known(Capabilities(**answers, unaccepted=frozenset(pairs[:_MOST_REFUSALS])), seen)
