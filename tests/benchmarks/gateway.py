"""Reading a stream of 5,000 pieces through the gateway, against a plain loop over the SDK's own stream."""

from __future__ import annotations

import asyncio
import io
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.route import Routes
from keytui.adapters.openai.gateway import OpenAIGateway
from keytui.domain.chat import Capabilities, Delta
from keytui.domain.question import ChatMessage, Question
from keytui.domain.secrets import Secret
from tests.benchmarks import Row
from tests.support.faulty import CHUNKED, chunk, events, faulty_server, piece, usage

PIECES = 5_000
ROUNDS = 5
KEY = "sk-proj-" + "aB3d" * 16


def measure() -> list[Row]:
    """Wall time and CPU of the gateway over those of the SDK, both APIs, printing included, in turn within one run."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder)))


async def _measure(folder: Path) -> list[Row]:
    from openai import AsyncOpenAI

    rows: list[Row] = []
    async with faulty_server() as server:
        server.on("/chat/completions", CHUNKED, _chat())
        server.on("/responses", CHUNKED, _responses())
        sdk = AsyncOpenAI(api_key=KEY, base_url=server.base_url, max_retries=0)
        with (folder / "shown").open("w") as shown:

            async def plain_chat() -> None:
                stream = await sdk.chat.completions.create(
                    model="told", messages=[{"role": "user", "content": "hi"}], stream=True
                )
                async for part in stream:
                    if part.choices and part.choices[0].delta.content:
                        print(part.choices[0].delta.content, end="", flush=True, file=shown)

            async def plain_responses() -> None:
                async for event in await sdk.responses.create(model="told", input="hi", stream=True):
                    if event.type == "response.output_text.delta":
                        print(event.delta, end="", flush=True, file=shown)

            for name, plain, through_responses in (("chat", plain_chat, False), ("responses", plain_responses, True)):
                gateway = OpenAIGateway(
                    Secret(KEY),
                    server.base_url,
                    HttpClients(Routes({})),
                    remembered=Capabilities(responses=through_responses),
                )
                await _compare(name, plain, _through(gateway, shown), rows)
                await gateway.close()
        await sdk.close()
    return rows


def _through(gateway: OpenAIGateway, shown: io.TextIOBase) -> Callable[[], Awaitable[None]]:
    async def ours() -> None:
        arrived = 0
        async for event in gateway.ask(Question("told", (ChatMessage("user", "hi"),))):
            if isinstance(event, Delta):
                print(event.text, end="", flush=True, file=shown)
                arrived += len(event.text.split())
        assert arrived == PIECES, arrived

    return ours


async def _compare(
    name: str, plain: Callable[[], Awaitable[None]], ours: Callable[[], Awaitable[None]], rows: list[Row]
) -> None:
    walls: list[float] = []
    cpus: list[float] = []
    await plain()
    await ours()
    for _ in range(ROUNDS):
        wall_plain, cpu_plain = await _timed(plain)
        wall_ours, cpu_ours = await _timed(ours)
        walls.append(wall_ours / wall_plain)
        cpus.append(cpu_ours / cpu_plain)
    note = f"{PIECES} pieces, printed, against AsyncOpenAI's own stream; the server's part is in both"
    rows.append(Row(f"{name} stream, wall", median(walls), 1.2, note=note))
    rows.append(Row(f"{name} stream, CPU", median(cpus), 1.2, note=note))


async def _timed(work: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    await work()
    return time.perf_counter() - wall, time.process_time() - cpu


def _chat() -> bytes:
    said = [chunk(events(piece(f" w{number}"))) for number in range(PIECES)]
    return b"".join([*said, chunk(events(piece(None, "stop"), usage(), "[DONE]")), b"0\r\n\r\n"])


def _responses() -> bytes:
    said = [
        chunk(events({"type": "response.output_text.delta", "delta": f" w{number}", "sequence_number": number}))
        for number in range(PIECES)
    ]
    ended = {"type": "response.completed", "response": {"output": [], "usage": {"input_tokens": 1, "output_tokens": 1}}}
    return b"".join([*said, chunk(events(ended)), b"0\r\n\r\n"])
