"""What is watched while the monkey is at it: whether the app comes round, what it fails at unseen, what it holds."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.app import App
from textual.message_pump import MessagePump
from textual.screen import Screen


class Busy(threading.Thread):
    """Watches from outside whether the app's loop comes round, whatever it does meanwhile: work, or wait.

    ``clock`` is the time in which the loop's thread worked or slept. What it waited for a processor is the share of
    other programs, and on a busy machine most of the time: that is left out.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True, name="monkey's watch")
        self.longest = 0.0
        """Seconds of ``clock`` that the loop took to come round."""
        self.where = ""
        """Where it was then, after the first ``_LONG`` seconds."""
        self._loop, self._over = asyncio.get_running_loop(), threading.Event()
        self._stat = Path(f"/proc/self/task/{threading.get_native_id()}/stat")
        self._cpu = time.pthread_getcpuclockid(threading.get_ident())
        self._ident = threading.get_ident()
        self._slept, self._looked = 0.0, time.perf_counter()

    def clock(self) -> float:
        """Seconds, from no moment in particular."""
        return time.clock_gettime(self._cpu) + self._slept

    def run(self) -> None:
        while not self._over.wait(_OFTEN):
            self._look()
            came = threading.Event()
            begun, where = self.clock(), ""
            self._loop.call_soon_threadsafe(came.set)
            while not came.wait(_OFTEN) and not self._over.is_set():
                self._look()
                if not where and self.clock() - begun > _LONG:
                    where = self._stack()
            if (took := self.clock() - begun) > self.longest:
                self.longest, self.where = took, where

    def _stack(self) -> str:
        frames = traceback.extract_stack(sys._current_frames()[self._ident])
        return " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-14:])

    def _look(self) -> None:
        before, self._looked = self._looked, time.perf_counter()
        state = self._stat.read_bytes().rpartition(b")")[2].split()[0]
        if state != b"R":
            self._slept += self._looked - before

    def end(self) -> None:
        self._over.set()
        self.join()


@contextmanager
def unseen_failures() -> Iterator[list[str]]:
    """What fails where nobody looks: in a task whose end nobody awaits, in a thread, in a finaliser."""
    failures: list[str] = []
    loop = asyncio.get_running_loop()
    in_thread, in_finaliser = threading.excepthook, sys.unraisablehook

    def in_a_task(_: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
        failures.append(f"{told.get('message')}: {told.get('exception')!r}")

    loop.set_exception_handler(in_a_task)
    threading.excepthook = lambda told: failures.append(f"in {told.thread}: {told.exc_value!r}")
    sys.unraisablehook = lambda told: failures.append(f"in {told.object!r}: {told.exc_value!r}")
    try:
        yield failures
    finally:
        loop.set_exception_handler(None)
        threading.excepthook, sys.unraisablehook = in_thread, in_finaliser


_OFTEN = 0.02
"""Seconds between two looks at the loop's thread."""
_LONG = 0.5
"""Seconds after which it is of interest what the loop is doing."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds."""

    files: int
    threads: int
    tasks: int
    """Those of widgets excepted."""
    widgets: Sequence[str]
    """Those that are on no screen any more and still wait for messages."""
    screens: int
    resident: int
    """Bytes."""

    @classmethod
    def now(cls, app: App[Any]) -> Held:
        """After all has been let go that nobody refers to."""
        gc.collect()
        shown = {app, *(widget for screen in app.screen_stack for widget in screen.walk_children(with_self=True))}
        tasks, widgets = 0, []
        for task in asyncio.all_tasks():
            pump = _pump(task)
            if pump is None:
                tasks += 1
            elif pump not in shown:
                widgets.append(f"{type(pump).__name__} of {type(pump._parent).__name__}")
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        screens = sum(isinstance(one, Screen) for one in gc.get_objects())
        files = len(os.listdir("/proc/self/fd"))
        return cls(files, threading.active_count(), tasks, sorted(widgets), screens, resident)

    def more_than(self, earlier: Held) -> str:
        """What has become more than it may; empty when nothing has.

        Idle connections and helping threads come and go. Memory is bounded for long rounds by another benchmark.
        """
        allowed = {"files": 12, "threads": 8, "tasks": 20, "widgets": 4, "screens": 3, "resident": 40 * 2**20}
        more = {name: _number(self, name) - _number(earlier, name) for name in allowed}
        too_many = {name: number for name, number in more.items() if number > allowed[name]}
        return ", ".join(f"{number:,} more {name}" for name, number in too_many.items()) and f"{earlier} to {self}"


def _number(held: Held, name: str) -> int:
    value = getattr(held, name)
    return value if isinstance(value, int) else len(value)


def _pump(task: asyncio.Task[Any]) -> MessagePump | None:
    """Whose messages a task waits for, when it is such a one."""
    frame = getattr(task.get_coro(), "cr_frame", None)
    mine = frame.f_locals.get("self") if frame is not None else None
    return mine if isinstance(mine, MessagePump) and "_process_messages" in frame.f_code.co_qualname else None


def at_work() -> str:
    """What is not waiting for its next message: where those widgets' tasks stand that keep a key waiting."""
    found: list[str] = []
    for task in asyncio.all_tasks():
        pump, at, where = _pump(task), task.get_coro(), []
        while (frame := getattr(at, "cr_frame", None)) is not None:
            where.append(f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno} {frame.f_code.co_name}")
            at = getattr(at, "cr_await", None)
        if pump is not None and not any(place.endswith(" _get_message") for place in where):
            found.append(f"{type(pump).__name__}: {' > '.join(where[-6:])}")
    return "; ".join(found)
