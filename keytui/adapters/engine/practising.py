"""The practice service in the engine's process, as the app has it: wanted, awaited, and asked for again."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlsplit

NOT_RUNNING = "the practice service does not run"


class Practising:
    """What was asked of the service, where it listens, and who waits to hear that."""

    def __init__(self) -> None:
        self.handshake: dict[str, str] | None = None
        """Its ``base_url``, ``api_key`` and ``admin_key`` while it listens."""
        self._options: dict[str, str | float | None] | None = None
        self._waiting: list[asyncio.Future[dict[str, str]]] = []

    @property
    def request(self) -> bytes | None:
        """What the process is to be asked for; None while nobody wants the service."""
        return None if self._options is None else json.dumps(self._options).encode()

    def want(self, options: dict[str, str | float | None]) -> bool:
        """Whether the process has to be asked now: the first one's options hold."""
        if self._options is not None:
            return False
        self._options = options
        return True

    async def listening(self) -> dict[str, str]:
        """Wait for the handshake. Raises ``RuntimeError`` when there will be none."""
        answer: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        return await answer

    def told(self, payload: bytes) -> None:
        """The service listens, or (empty) has ended."""
        if not payload:
            self.end()
            return
        handshake: dict[str, str] = json.loads(payload)
        self.handshake = handshake
        # Should the process have to be started again, it is asked for the same address and keys.
        port = urlsplit(handshake["base_url"]).port
        keys = {name: handshake[name] for name in ("api_key", "admin_key")}
        self._options = {**(self._options or {}), **keys, "port": port}
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(handshake)
        self._waiting.clear()

    def end(self) -> None:
        """There is no service, and none will come by itself."""
        self.handshake = self._options = None
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_exception(RuntimeError(NOT_RUNNING))
        self._waiting.clear()
