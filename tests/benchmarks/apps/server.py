"""A server of answers as long and as fast as they are asked for: ``python -m tests.benchmarks.apps.server``.

It speaks Chat Completions. The question says what comes: ``5000 pieces`` as fast as they are taken, ``3000 pieces at
100`` a second; ``heavy`` puts a table of 1,000 rows and 2,000 lines of code into the middle. Its first line of output
is its base URL. It ends when its input does.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Iterator

from tests.benchmarks.apps.answer import DONE, heavy, parts
from tests.support.listening import listening

MODEL = "gpt-6-luna"
_BATCH = 64
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def pieces(question: str) -> Iterator[str]:
    """The answer to a question, piece by piece, its end made known."""
    count = int(question.split(" ", 1)[0])
    yield from (heavy if "heavy" in question else parts)(count)
    yield f"\n\n{DONE}"


def _event(delta: dict[str, str], finish: str | None = None, usage: dict[str, int] | None = None) -> bytes:
    choices = [] if usage else [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
    value = {
        "id": "chatcmpl-b3nchm4rk", "object": "chat.completion.chunk", "created": 1_790_000_000, "model": MODEL,
        "service_tier": "default", "choices": choices, "usage": usage,
    }  # fmt: skip
    return b"data: " + json.dumps(value, separators=(",", ":")).encode() + b"\n\n"


async def _answer(question: str, writer: asyncio.StreamWriter) -> None:
    events = [_event({"content": piece}) for piece in pieces(question)]
    said = re.search(r"at (\d+)", question)
    rate = int(said[1]) if said else 0
    usage = {"prompt_tokens": 9, "completion_tokens": len(events), "total_tokens": len(events) + 9}
    writer.write(_HEAD)
    now = asyncio.get_running_loop().time
    begun, sent = now(), 0
    while sent < len(events):
        due = min(sent + _BATCH, len(events)) if not rate else int((now() - begun) * rate) + 1
        if due > sent:
            data = b"".join(events[sent:due])
            writer.write(b"%x\r\n%s\r\n" % (len(data), data))
            await writer.drain()
            sent = due
        if rate:
            await asyncio.sleep(begun + sent / rate - now())
    data = _event({}, "stop") + _event({}, usage=usage) + b"data: [DONE]\n\n"
    writer.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data))
    await writer.drain()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = re.search(r"(?i)content-length: (\d+)", head)
        body = await reader.readexactly(int(length[1])) if length else b""
        if "/chat/completions" in head.split("\r\n", 1)[0]:
            content = json.loads(body)["messages"][-1]["content"]
            await _answer(content if isinstance(content, str) else content[0]["text"], writer)
        else:
            known = "/models" in head.split("\r\n", 1)[0]
            told = {"data": [{"id": MODEL, "object": "model"}]} if known else {"error": {"message": "Not Found"}}
            data = json.dumps(told).encode()
            writer.write(
                b"HTTP/1.1 %d Told\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
                % (200 if known else 404, len(data), data)
            )
            await writer.drain()


async def main() -> None:
    """Serve until standard input ends."""
    async with listening(_serve) as port:
        print(f"http://127.0.0.1:{port}/v1", flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
