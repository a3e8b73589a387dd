"""The engine of the app, and what is asked of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keytui.adapters.engine.client import Engine
    from keytui.domain.counting import LiveCounter


class EngineRoom:
    """Whoever asks for something right after the first frame, before the engine was started, waits for that."""

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._begun = asyncio.Event()

    def start_engine(self, log: Path | None) -> Engine:
        """Start it; its words of trouble go to ``log``."""
        from keytui.adapters.engine.client import Engine
        from keytui.cli.engine import command

        self._engine = Engine(command(), log=log)
        self._engine.start()
        self._begun.set()
        return self._engine

    async def started_engine(self) -> Engine:
        """The engine, once it was started."""
        await self._begun.wait()
        assert self._engine is not None
        return self._engine

    def end_engine(self) -> None:
        """End it; the event loop may be gone."""
        if self._engine is not None:
            self._engine.close()

    def count_anywhere(self, model: str) -> Callable[[str], int | None]:
        """A count of a model's tokens for work that may be in the background."""
        encoding = _encoding(model)

        def count(text: str) -> int | None:
            return None if self._engine is None else self._engine.count_anywhere(text, encoding=encoding)

        return count

    def counter(self, model: str) -> LiveCounter:
        """A live counter for drafts to this model."""
        from keytui.domain.counting import LiveCounter

        encoding = _encoding(model)

        def count(text: str) -> int | None:
            return None if self._engine is None else self._engine.count(text, encoding=encoding)

        return LiveCounter(count)

    async def settle(self, counter: LiveCounter, model: str) -> None:
        """Count what a counter has put off."""
        engine = await self.started_engine()
        await engine.ready()
        await engine.settle(counter, encoding=_encoding(model))

    async def count(self, texts: Sequence[str], model: str) -> list[int]:
        """Tokens of whole texts."""
        return await (await self.started_engine()).count_many(texts, encoding=_encoding(model))

    async def pieces(self, text: str, model: str) -> list[tuple[int, bytes]]:
        """Id and bytes of each token of a text."""
        return await (await self.started_engine()).pieces(text, encoding=_encoding(model))


def _encoding(model: str) -> str:
    """The name of the encoding that a model's tokens are counted by."""
    # The first frame does not wait for this import.
    from keytui.domain.encodings import encoding_for

    return encoding_for(model).name
