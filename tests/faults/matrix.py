"""Everything that a server, a line or a machine may do wrong, once: the tests strike with it wherever keytui listens.

A new fault is one line here; the columns (``test_*.py`` beside this file) take it up by themselves.
"""

from __future__ import annotations

import socket
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass

from tests.adapters.openai.test_troubles_seen import REFUSALS
from tests.faults.patience import PATIENCE
from tests.support.faulty import (
    CHUNKED,
    HALF_CLOSE,
    HANG,
    HEAD,
    RESET,
    Faulty,
    Repeated,
    Step,
    chunk,
    error,
    events,
    piece,
    reply,
    usage,
)

MARKER = "sk-proj-" + "Zz9Marker" * 4 + "T3BlbkFJ" + "Zz9Marker" * 5
"""The key in use, in the shape of a real one: nothing of it may be shown, printed or written but where keys are."""

HTML = "<!DOCTYPE html><html><body>Welcome to the hotel network</body></html>"
HOSTILE = "\x1b]0;mine\x07\x1b[2J\x1b[31m\x9b5n\u202eevil\u2066[bold]not[/bold]\u2028\x00\x08"
HALF = HEAD + events(piece("Half an answer"))
_NO_LENGTH = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n"
_MB = 1024 * 1024
_WHOLE = events(piece("All of it"), piece("", "stop"))

_SAID = _WHOLE + events(usage(), "[DONE]")


def _packed(data: bytes, times: int) -> bytes:
    """So much of the same, compressed to next to nothing."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(data) for _ in range(times)) + packer.flush()


_BOMB = _packed(b"data: " + bytes(_MB), 300)

Way = Callable[[int], AbstractContextManager[str]]
"""From the server's port to the base URL of a way to it that does not get there."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong when keytui asks a server.

    ``steps`` is what the server does with a request, whatever it is asked; ``way`` is for what keeps a request from it.
    ``silent``: nothing more will come, so that it is not waited for long.
    """

    name: str
    steps: tuple[Step, ...] = ()
    way: Way | None = None
    silent: bool = False

    @contextmanager
    def at(self, server: Faulty, ending: str = "") -> Iterator[str]:
        """Strike at requests whose path ends so, until the block ends; gives the base URL to ask at."""
        server.on_only(ending, *self.steps)
        with (
            PATIENCE.a_moment() if self.silent else nullcontext(),
            nullcontext(server.base_url) if self.way is None else self.way(server.port) as base_url,
        ):
            yield base_url


@contextmanager
def _unknown_name(_: int) -> Iterator[str]:
    yield "https://api.nowhere.example/v1"


@contextmanager
def _refused(_: int) -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # taken, so that nobody else listens there, but not listened to
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


@contextmanager
def _not_accepted(_: int) -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(listener.getsockname())
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        finally:
            for one in waiting:
                one.close()


@contextmanager
def _no_handshake(_: int) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/v1"


@contextmanager
def _not_encrypted(port: int) -> Iterator[str]:
    yield f"https://127.0.0.1:{port}/v1"


FAULTS = (
    # What the platform refuses (openai-facts 3.11 and first-key-troubles).
    *(Fault(name, (answer,)) for name, answer in REFUSALS.items()),
    # The way there.
    Fault("a name that is not known", way=_unknown_name),
    Fault("nobody listens", way=_refused),
    Fault("no connection within its time", way=_not_accepted, silent=True),
    Fault("no handshake within its time", way=_no_handshake, silent=True),
    Fault("no encryption", way=_not_encrypted, silent=True),
    # The line.
    Fault("reset at once", (RESET,)),
    Fault("closed at once", ()),
    Fault("half closed at once", (HALF_CLOSE, HANG)),
    Fault("no answer within its time", (HANG,), silent=True),
    Fault("silence after the head", (HEAD, HANG), silent=True),
    Fault("silence in the answer", (HALF, HANG), silent=True),
    Fault("reset in the head", (HEAD[:40], RESET)),
    Fault("reset in the answer", (HALF, 0.02, RESET)),
    Fault("half closed in the answer", (HALF, HALF_CLOSE, HANG)),
    Fault("cut in the answer", (CHUNKED, chunk(events(piece("Half"))), 0.02)),
    Fault("closed without an end", (HALF,)),
    Fault("slow drip", (HEAD, b"da", 0.02, b"ta: {}", 0.02, b"\n\n" + _WHOLE + events(usage(), "[DONE]"))),
    # What is no answer.
    Fault("no HTTP", (b"SSH-2.0-OpenSSH_9.6\r\n",)),
    Fault("huge headers", (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000 + b"\r\n\r\n",)),
    Fault("endless headers", (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 30_000 + b"\r\n",)),
    Fault("headers that are no text", (b"HTTP/1.1 200 \xff\xfe\r\n\xff\xfe: \x00\r\n\r\n",)),
    Fault("a false length", (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n{}",)),
    Fault("false chunks", (CHUNKED, b"zz\r\n{}\r\n")),
    Fault("a false packing", (reply(200, {"object": "list", "data": []}, content_encoding="gzip"),)),
    Fault("a page instead of an answer", (reply(200, HTML, content="text/html"),)),
    Fault("a page as a refusal", (reply(502, HTML, content="text/html"),)),
    Fault("JSON instead of a stream", (reply(200, {"unexpected": True}),)),
    Fault("a wrong content type", (reply(200, '{"object": "list", "data": []}', content="image/png"),)),
    Fault("an empty answer", (reply(200, ""),)),
    Fault("null", (reply(200, "null"),)),
    Fault("a list", (reply(200, "[[1, 2], null]"),)),
    Fault("deep JSON", (reply(200, '{"a":' * 5_000 + "1" + "}" * 5_000),)),
    Fault("deep lists", (reply(200, '{"object": "list", "data": ' + "[" * 50_000),)),
    Fault("truncated JSON", (HEAD + b'data: {"choices": [{"delta": {"content": "x"',)),
    Fault("truncated JSON as a whole", (reply(200, '{"object": "list", "da'),)),
    Fault("two lengths", (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 5\r\n\r\n{}   ",)),
    Fault("two answers", (reply(200, "{}") + reply(200, {"object": "list", "data": []}),)),
    Fault("a status that is none", (reply(799, "{}"),)),
    Fault("words in between without an answer", (Repeated(b"HTTP/1.1 100 Continue\r\n\r\n" * 50, 20),)),
    Fault("chunks of other lengths", (CHUNKED + b"5\r\n" + _SAID + b"\r\n0\r\n\r\n",)),
    Fault("trailers without end", (CHUNKED + chunk(HALF[len(HEAD):]) + b"0\r\n" + b"x: y\r\n" * 30_000 + b"\r\n",)),
    Fault("a way back to itself", (reply(307, "", location="/v1/chat/completions"),)),
    Fault("a way to somebody else", (reply(308, "", location="http://127.0.0.1:9/v1/chat/completions"),)),
    Fault("a document of 100 MB", (_NO_LENGTH + b"[0", Repeated(b",0" * (_MB // 2), 100))),
    Fault("a packed document of 300 MB", (reply(200, _BOMB, content_encoding="gzip"),)),
    Fault("a packed stream of 300 MB", (reply(200, _BOMB, content="text/event-stream", content_encoding="gzip"),)),
    Fault("a refusal of 300 MB", (reply(400, _BOMB, content_encoding="gzip"),)),
    Fault("packed twice", (reply(200, _packed(_BOMB, 1), content_encoding="gzip, gzip"),)),
    # What is an odd answer.
    Fault("a byte order mark", (HEAD + b"\xef\xbb\xbf" + _SAID,)),
    Fault("carriage returns at the ends of lines", (HEAD + _SAID.replace(b"\n", b"\r"),)),
    Fault("HTTP/1.0 without a length", (b"HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + _SAID,)),
    Fault("trailers", (CHUNKED + chunk(_SAID) + b"0\r\nx-told: late\r\n\r\n",)),
    Fault("a page in the middle", (HALF + HTML.encode() * 3,)),
    Fault("a line of 100 MB", (HEAD + b"data: ", Repeated(b"x" * _MB, 100))),
    Fault("an event of 100 MB", (HEAD, Repeated(b"data: x\n" * (_MB // 8), 100))),
    Fault("comments without end", (HEAD, Repeated(b": wait\n\n" * (_MB // 8), 100))),
    Fault("garbage in the stream", (HEAD + b"data: {]\n\n" + _WHOLE + events("[DONE]"),)),
    Fault("bytes that are no text", (HEAD + b"data: \xff\xfe\x00\n\n",)),
    Fault("a line without end", (HEAD + b"data: " + b"x" * 1_000_000,)),
    Fault("unknown events", (HEAD + b"event: surprise\ndata: {}\n\n" + _WHOLE + events(usage(), "[DONE]"),)),
    Fault("no usage", (HEAD + _WHOLE + events("[DONE]"),)),
    Fault("usage twice", (HEAD + _WHOLE + events(usage(9, 2), usage(9, 3), "[DONE]"),)),
    Fault("usage that is no number", (HEAD + _WHOLE + events({"usage": {"prompt_tokens": "many"}}, "[DONE]"),)),
    Fault("negative usage", (HEAD + _WHOLE + events(usage(-5, -7), "[DONE]"),)),
    Fault("endless usage", (HEAD + _WHOLE + events(usage(10**30, 10**30), "[DONE]"),)),
    Fault("endless cost", (HEAD + _WHOLE + events(usage(9, 2, cost=1e300), "[DONE]"),)),
    Fault("a cost that is no number", (HEAD + _WHOLE + events(usage(9, 2, cost=float("nan")), "[DONE]"),)),
    Fault("an error in the stream", (HALF + events({"error": {"message": "Out of order", "type": "server_error"}}),)),
    Fault("the key in the message", (error(401, f"Incorrect API key provided: {MARKER}.", "invalid_api_key"),)),
    Fault("the key in an odd message", (error(418, f"{MARKER} is a teapot", "odd", "odd"),)),
    Fault("sequences in the message", (error(400, HOSTILE, "odd"),)),
    Fault("sequences as code and type", (error(400, "No", HOSTILE, HOSTILE),)),
    Fault("a message without end", (error(400, "word " * 200_000, "odd"),)),
    Fault("an error that is a list", (reply(400, {"error": ["no", {"code": 7}]}),)),
    Fault("an error that is a number", (reply(400, {"error": 17}),)),
    Fault("a wait that is no number", (reply(429, {"error": {"message": "Slow"}}, retry_after="never"),)),
    Fault("a negative wait", (reply(429, {"error": {"message": "Slow"}}, retry_after="-9"),)),
)  # fmt: skip
"""What may go wrong between keytui and a server."""
