"""What the proxy itself answers, in the API's error shape, so that every program's own words come out right."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from keytui.domain.troubles import Trouble

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer of the proxy's own. ``retry`` says whether asking again may help; the SDK goes by it."""

    status: int
    code: str
    message: str
    retry: bool = False
    headers: tuple[tuple[bytes, bytes], ...] = field(default=())

    @property
    def body(self) -> bytes:
        """The body, as the API would have it."""
        kind = "invalid_request_error" if 400 <= self.status < 500 and self.status != 429 else "keytui_proxy"
        error = {"message": self.message, "type": kind, "param": None, "code": self.code}
        return json.dumps({"error": error}, ensure_ascii=False).encode()

    async def send(self, send: Send) -> None:
        """Answer with it."""
        body = self.body
        headers = [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"x-should-retry", b"true" if self.retry else b"false"),
            *self.headers,
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


UNKNOWN_KEY = Refusal(
    401,
    "invalid_api_key",
    "Incorrect API key provided. This is keytui's metering proxy: it takes local keys only. Use the key that “keytui "
    "proxy” printed, or make one with “keytui proxy --add-program NAME”. A program that keeps a key in settings of its "
    "own (“llm keys”, for one) may send that one instead of OPENAI_API_KEY: give it the local key there.",
)
KEYS_UNREADABLE = "keytui_local_keys"
NOT_HERE = Refusal(
    404,
    "unknown_url",
    "keytui's metering proxy passes paths below /v1 only: let the program's base URL end in /v1.",
)
BAD_PATH = Refusal(400, "keytui_bad_path", "A path with “.” or “..” in it is not passed on; write it without them.")
BAD_FRAMING = Refusal(
    400,
    "keytui_bad_framing",
    "The request gives its length in two ways (Content-Length and Transfer-Encoding); send one of them.",
)
NO_UPGRADE = Refusal(
    501,
    "keytui_no_websocket",
    "keytui's metering proxy does not carry WebSockets; connect this program with “keytui exec” without --proxy.",
)
TOO_LARGE = Refusal(413, "keytui_too_large", "The JSON body is larger than 64 MB, which no model takes; send less.")
QUEUE_FULL = Refusal(
    503,
    "keytui_queue_full",
    "Too many requests wait in keytui's metering proxy; try again in a moment, or start it with a higher "
    "--max-parallel.",
    retry=True,
    headers=((b"retry-after", b"1"),),
)


def by_cap(trouble: Trouble) -> Refusal:
    """A cap kept the request back."""
    return Refusal(429, "keytui_cap_reached", f"{trouble.title} {trouble.remedy}")


def unreachable(trouble: Trouble, *, slow: bool) -> Refusal:
    """The server could not be reached, or broke off before it answered."""
    return Refusal(504 if slow else 502, "keytui_unreachable", f"{trouble.title} {trouble.remedy}", retry=trouble.retry)
