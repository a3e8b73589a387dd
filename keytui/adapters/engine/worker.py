"""The engine's own side: answers requests for counts and tokens until its input ends."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, BinaryIO

from keytui.adapters.engine.frames import (
    ENCODINGS,
    HEADER_SIZE,
    Frame,
    Kind,
    numbers,
    pack,
    unpack_header,
    unpack_texts,
)
from keytui.domain.tokens import Tokenizer

SMALL = 32_768
"""Bytes of a request that is answered before the next one is read; a larger one is worked on beside."""


class Worker:
    """Reads requests, answers them. A large one never keeps a small one waiting.

    Args:
        load: Makes the tokenizer of an encoding.
        requests: Where frames come from; its end is the end of the engine.
        answers: File descriptor that frames go to.
        after: Called after everything large: giving memory back, for instance.
    """

    def __init__(
        self, load: Callable[[str], Tokenizer], requests: BinaryIO, answers: int, *, after: Callable[[], None]
    ) -> None:
        self._load = load
        self._requests = requests
        self._answers = answers
        self._after = after
        self._writing = Lock()
        self._large: SimpleQueue[Frame] = SimpleQueue()
        self._tokenizers: dict[str, Tokenizer] = {}

    def begin(self) -> Tokenizer:
        """Load the default vocabulary and say so; answers its tokenizer."""
        tokenizer = self._tokenizer(ENCODINGS[0])
        self._after()
        self._send(Frame(Kind.READY, 0, 0, tokenizer.name.encode()))
        return tokenizer

    def say_practice(self, handshake: str) -> None:
        """Hand over the practice service's address and keys; from any thread."""
        self._send(Frame(Kind.PRACTICE, 0, 0, handshake.encode()))

    def serve(self, practise: Callable[[dict[str, Any]], None]) -> None:
        """Answer requests until there are no more. ``practise`` runs the practice service, in a thread of its own."""
        Thread(target=self._work, daemon=True).start()
        while len(header := self._requests.read(HEADER_SIZE)) == HEADER_SIZE:
            length, number, kind, encoding = unpack_header(header)
            frame = Frame(kind, number, encoding, self._requests.read(length))
            if kind == Kind.PRACTICE:
                Thread(target=self._run_practice, args=(practise, frame.payload), daemon=True).start()
            elif kind == Kind.COUNT and length <= SMALL and ENCODINGS[encoding] in self._tokenizers:
                self._answer(frame)
            else:
                self._large.put(frame)

    def _work(self) -> None:
        while True:
            self._answer(self._large.get())
            if self._large.empty():
                self._after()

    def _run_practice(self, practise: Callable[[dict[str, Any]], None], options: bytes) -> None:
        try:
            practise(json.loads(options))
        finally:
            # What went wrong is in the log, by the thread's own report; who waits for the service must not wait on.
            self.say_practice("")

    def _answer(self, frame: Frame) -> None:
        try:
            payload, kind = self._result(frame), frame.kind
        except Exception:
            # The boundary of the process: a request that fails must not take the others with it. The app then
            # takes a rough count.
            payload, kind = b"", Kind.FAILED
        self._send(Frame(kind, frame.number, frame.encoding, payload))

    def _result(self, frame: Frame) -> bytes:
        tokenizer = self._tokenizer(ENCODINGS[frame.encoding])
        if frame.kind == Kind.COUNT:
            return numbers([tokenizer.count(text) for text in unpack_texts(frame.payload)])
        text = frame.payload.decode()
        return numbers(tokenizer.encode(text)) + numbers([len(piece) for piece in tokenizer.pieces(text)])

    def _tokenizer(self, name: str) -> Tokenizer:
        tokenizer = self._tokenizers.get(name)
        if tokenizer is None:
            tokenizer = self._tokenizers[name] = self._load(name)
        return tokenizer

    def _send(self, frame: Frame) -> None:
        data = memoryview(pack(frame))
        with self._writing:
            while data:
                data = data[os.write(self._answers, data) :]
