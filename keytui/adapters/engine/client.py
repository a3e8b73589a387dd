"""The app's side of the engine: asks its process for counts and tokens, and starts it again when it ends."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import TypeVar

from keytui.adapters.engine.frames import ENCODINGS, Frame, Kind, encoded, pack_texts, read_numbers
from keytui.adapters.engine.practising import NOT_RUNNING, Practising
from keytui.adapters.engine.process import EngineProcess
from keytui.domain.counting import LiveCounter
from keytui.domain.tokens import ROUGH, rough_count

DEADLINE = 0.010
"""Seconds that a count may keep its caller waiting: less than a frame."""
PATIENCE = 5.0
"""Seconds that a count may keep another thread waiting."""
BATCH = 65_536
"""Characters counted at a time for a counter that is owed more: some 10 ms of the engine's time."""
STARTS = 2
"""How often the engine's process is started at most."""


class State(Enum):
    """How well the engine counts."""

    STARTING = "starting"
    READY = "ready"
    ROUGH = "rough"
    """There is no vocabulary, or the process ended twice: four characters are a token."""


class Engine:
    """Counts without ever keeping the interface waiting.

    Only ``count_anywhere`` is for other threads than the event loop's. A process that ends is started once more, and
    what it had not answered is asked again; if that one ends too, counts are rough. ``state`` says how it is.

    Args:
        command: What starts the process.
        log: Where its words of trouble go; None: nowhere.
        deadline: Seconds that ``count`` may take.
    """

    def __init__(self, command: Sequence[str], *, log: Path | None = None, deadline: float = DEADLINE) -> None:
        self.state = State.STARTING
        self._command = [*command]
        self._log = log
        self._deadline = deadline
        self._starts = 0
        self._process: EngineProcess | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: int | None = None
        self._number = 0
        self._unanswered: dict[int, tuple[Frame, asyncio.Future[bytes | None]]] = {}
        self._in_haste: int | None = None
        """The request of ``count`` that the engine has not answered yet, in time or not."""
        self._hasty_answer: bytes | None = None
        self._starting: list[asyncio.Future[None]] = []
        self._practising = Practising()

    # -- its life ---------------------------------------------------------------------------

    @property
    def pid(self) -> int | None:
        """The process's number, while there is one."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process; takes a millisecond. Until it is ready, ``count`` answers None and the rest waits.

        The process ends with the thread that started it, so this must be one that lasts as long as the app.
        """
        self._starts += 1
        self._thread = threading.get_ident()
        try:
            self._process = EngineProcess(self._command, self._log)
        except OSError:
            self._give_up()
            return
        with suppress(RuntimeError):
            # Without a loop nothing waits for an answer either, but ``count``, which reads by itself.
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(self._process.output, self._read)
        for frame, _ in self._unanswered.values():
            self._send(frame)
        self._ask_for_practice()

    async def ready(self) -> State:
        """Wait until counts can be had; answers whether they are exact (READY) or ROUGH."""
        if self.state is State.STARTING:
            self._starting.append(asyncio.get_running_loop().create_future())
            await self._starting[-1]
        return self.state

    async def practice(self, **options: str | float | None) -> dict[str, str]:
        """Have the practice service run; answers its ``base_url``, ``api_key`` and ``admin_key`` once it listens.

        Options are those of ``PracticeService``; the first call's hold. It keeps its address and keys, though not what
        was said to it, when the process has to be started again.

        Raises:
            RuntimeError: It could not be started, or its process has ended for good.
        """
        if self._practising.handshake is not None:
            return self._practising.handshake
        if self._process is None and self._starts:
            raise RuntimeError(NOT_RUNNING)
        if self._practising.want(options):
            self._ask_for_practice()
        return await self._practising.listening()

    def close(self) -> None:
        """End the process, within a second and by force if it must be. The event loop may be gone already."""
        self._starts = STARTS
        process = self._detach()
        self._give_up()
        if process is not None:
            process.end()

    # -- tokens -----------------------------------------------------------------------------

    def count(self, text: str, *, encoding: str = ENCODINGS[0]) -> int | None:
        """Tokens of a text at once (0.2 ms for 1,000 characters), rough ones when ``state`` is so.

        None while the process is starting, or busy for longer than the deadline: then ask ``count_many``, or again.
        """
        self._read()
        if self.state is State.ROUGH:
            return rough_count(text)
        if self.state is State.STARTING or self._in_haste is not None:
            return None
        until = time.monotonic() + self._deadline
        frame = self._frame(Kind.COUNT, encoding, pack_texts((text,)))
        self._in_haste, self._hasty_answer = frame.number, None
        self._send(frame)
        while self._in_haste is not None and (left := until - time.monotonic()) > 0:
            if self._process is None:
                break
            self._process.wait(left)
            self._flush()
            self._read()
        return read_numbers(self._hasty_answer)[0] if self._hasty_answer else None

    def count_anywhere(self, text: str, *, encoding: str = ENCODINGS[0]) -> int | None:
        """Tokens of a text, asked for in any thread; one that is not the event loop's waits longer for them.

        None when there is no answer.
        """
        if threading.get_ident() == self._thread:
            return self.count(text, encoding=encoding)
        if self._loop is None or self._loop.is_closed():
            return None
        asked = asyncio.run_coroutine_threadsafe(self.count_many((text,), encoding=encoding), self._loop)
        try:
            return asked.result(PATIENCE)[0]
        except (TimeoutError, CancelledError):
            asked.cancel()
            return None

    async def count_many(self, texts: Sequence[str], *, encoding: str = ENCODINGS[0]) -> list[int]:
        """Tokens of each text, however many and long; rough ones when ``state`` is so."""
        rough = self.state is State.ROUGH
        answer = None if rough else await self._ask(Kind.COUNT, encoding, pack_texts(texts))
        return [rough_count(text) for text in texts] if answer is None else read_numbers(answer)

    async def pieces(self, text: str, *, encoding: str = ENCODINGS[0]) -> list[tuple[int, bytes]]:
        """Id and bytes of each token of a text; the bytes joined are the text in UTF-8. Empty without an engine."""
        contents = encoded(text)
        numbers = read_numbers(await self._ask(Kind.PIECES, encoding, contents) or b"")
        half = len(numbers) // 2
        result, at = [], 0
        for token, length in zip(numbers[:half], numbers[half:], strict=True):
            result.append((token, contents[at : at + length]))
            at += length
        return result

    async def settle(self, counter: LiveCounter, *, encoding: str = ENCODINGS[0]) -> None:
        """Count what a counter is owed until nothing is, giants last; what edits add meanwhile is counted as well."""
        while segments := counter.owed(BATCH):
            counts = await self.count_many([segment.text for segment in segments], encoding=encoding)
            for segment, tokens in zip(segments, counts, strict=True):
                counter.settle(segment, tokens)

    # -- requests and answers ---------------------------------------------------------------

    async def _ask(self, kind: Kind, encoding: str, payload: bytes) -> bytes | None:
        """The answer to a request; None when none can be had."""
        if self._process is None and self._starts:
            return None
        frame = self._frame(kind, encoding, payload)
        answer: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self._unanswered[frame.number] = frame, answer
        self._send(frame)
        try:
            return await answer
        finally:
            self._unanswered.pop(frame.number, None)

    def _frame(self, kind: Kind, encoding: str, payload: bytes) -> Frame:
        self._number += 1
        return Frame(kind, self._number, ENCODINGS.index(encoding), payload)

    def _send(self, frame: Frame) -> None:
        if self._process is not None and self._process.send(frame) and self._loop is not None:
            self._loop.add_writer(self._process.input, self._flush)

    def _flush(self) -> None:
        if self._process is not None and not self._process.flush() and self._loop is not None:
            self._loop.remove_writer(self._process.input)

    def _read(self) -> None:
        """Take what has come."""
        if self._process is None:
            return
        frames, lives = self._process.receive()
        for frame in frames:
            self._take(frame)
        if not lives:
            self._restart()

    def _take(self, frame: Frame) -> None:
        match frame.kind:
            case Kind.READY:
                self.state = State.ROUGH if frame.payload.decode() == ROUGH else State.READY
                _give(self._starting, None)
            case Kind.PRACTICE:
                self._practising.told(frame.payload)
            case _:
                answer = None if frame.kind == Kind.FAILED else frame.payload
                if frame.number == self._in_haste:
                    self._in_haste, self._hasty_answer = None, answer
                elif frame.number in self._unanswered:
                    _give([self._unanswered[frame.number][1]], answer)

    def _ask_for_practice(self) -> None:
        if (request := self._practising.request) is not None:
            self._send(self._frame(Kind.PRACTICE, ENCODINGS[0], request))

    def _restart(self) -> None:
        """The process has ended by itself: start another, or do without."""
        self._in_haste = None
        process = self._detach()
        if process is not None:
            process.end(grace=0)
        if self._starts < STARTS:
            self.state, self._practising.handshake = State.STARTING, None
            self.start()
        else:
            self._give_up()

    def _detach(self) -> EngineProcess | None:
        """Let go of the process."""
        process, self._process = self._process, None
        if process is not None and self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(process.output)
            self._loop.remove_writer(process.input)
        return process

    def _give_up(self) -> None:
        """Go on without an engine: whoever waits gets to know."""
        self.state, self._in_haste = State.ROUGH, None
        if self._loop is not None and self._loop.is_closed():
            return
        _give(self._starting, None)
        _give([answer for _, answer in self._unanswered.values()], None)
        self._practising.end()


T = TypeVar("T")


def _give(waiting: list[asyncio.Future[T]], result: T) -> None:
    """Give everybody who still waits the result."""
    for future in waiting:
        if not future.done():
            future.set_result(result)
    waiting.clear()
