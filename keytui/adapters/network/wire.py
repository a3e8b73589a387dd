"""Walking the route to a server by hand, step by step, so that each step can be timed and its failure named.

No key and no request of the user's goes over these connections; they are closed as soon as they have told their part.
"""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from keytui.adapters.bounded import bounded
from keytui.adapters.network.route import TakenRoute, proxy_parts

_PORTS = {"http": 80, "https": 443}
_LONGEST_HEAD = 16_384
_LONGEST_LOOKUP = 30.0
_HEAD_START = 0.25
"""Seconds that one address of a host has before the next is tried as well (RFC 8305)."""


class ProxyAnswered(Exception):
    """A proxy answered, but not with a connection; the text holds its status line."""


class NotSocks(Exception):
    """What listens at the proxy's address does not speak SOCKS5."""


@dataclass(slots=True)
class Line:
    """An open connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def close(self) -> None:
        """Drop the connection at once."""
        self.writer.transport.abort()


def first_hop(route: TakenRoute) -> tuple[str, int]:
    """Host and port that are connected to first: the proxy's, or the server's."""
    if route.proxy is not None:
        return proxy_parts(route)[1:]
    return target(route)


def target(route: TakenRoute) -> tuple[str, int]:
    """Host and port of the server."""
    parts = urlsplit(route.base_url)
    return parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 443)


async def addresses(host: str, port: int) -> list[str]:
    """The numeric addresses of a host. Raises ``OSError`` when its name is not known."""
    # Not by the event loop's own pool: a lookup that hangs there would hold up the end of the process.
    found = await bounded(lambda: socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP), _LONGEST_LOOKUP)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


async def connect(numbers: list[str], port: int) -> Line:
    """A connection to one of these addresses: the first that takes one, each given a head start on the next.

    Raises the last ``OSError`` when none does.
    """
    failure: OSError | None = None
    trying: dict[asyncio.Task[Line], None] = {}
    waiting = list(numbers)
    try:
        while waiting or trying:
            if waiting:
                trying[asyncio.ensure_future(_connect(waiting.pop(0), port))] = None
            head_start = _HEAD_START if waiting else None
            await asyncio.wait(trying, timeout=head_start, return_when=asyncio.FIRST_COMPLETED)
            for attempt in [one for one in trying if one.done()]:
                del trying[attempt]
                try:
                    return attempt.result()
                except OSError as error:
                    failure = error
    finally:
        for attempt in trying:
            attempt.add_done_callback(_abandon)
            attempt.cancel()
    raise failure or OSError("no address to connect to")


async def _connect(number: str, port: int) -> Line:
    return Line(*await asyncio.open_connection(number, port))


def _abandon(attempt: asyncio.Task[Line]) -> None:
    """Close what another attempt came first to."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()


async def through_proxy(line: Line, route: TakenRoute, trusted: ssl.SSLContext) -> str:
    """Have the proxy connect on to the server, signing in when the address says so; what it said.

    Where nothing is tunnelled (plain HTTP) it is asked whether it would. Raises ``ProxyAnswered``, ``NotSocks`` or
    ``OSError``.
    """
    return await tunnel(line, route, trusted) or await _http_proxy(line, route)


async def tunnel(line: Line, route: TakenRoute, trusted: ssl.SSLContext) -> str:
    """Have the proxy connect on to the server; what it said, or nothing where plain HTTP is not tunnelled.

    Raises ``ProxyAnswered``, ``NotSocks`` or ``OSError``.
    """
    scheme, host, _ = proxy_parts(route)
    if scheme.startswith("socks"):
        await _socks(line, route)
        return "SOCKS5, connected on"
    if scheme == "https":
        await line.writer.start_tls(trusted, server_hostname=host)
    return await _http_proxy(line, route) if route.base_url.startswith("https:") else ""


async def encrypt(line: Line, context: ssl.SSLContext, host: str) -> str:
    """Encrypt a connection; the protocol and who issued the certificate. Raises ``ssl.SSLError`` or ``OSError``."""
    await line.writer.start_tls(context, server_hostname=host)
    encrypted = line.writer.get_extra_info("ssl_object")
    return f"{encrypted.version()}, issued by {_issuer(encrypted.getpeercert() or {})}"


async def issuer_seen(line: Line, host: str) -> str:
    """Who signed a certificate that is not trusted; empty when that cannot be told.

    Nothing is sent over this connection. The certificate is read without being trusted, only to be named.
    """
    from cryptography import x509

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    await line.writer.start_tls(context, server_hostname=host)
    encoded = line.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    if not encoded:
        return ""
    names = x509.load_der_x509_certificate(encoded).issuer
    for kind in (x509.NameOID.ORGANIZATION_NAME, x509.NameOID.COMMON_NAME):
        if found := names.get_attributes_for_oid(kind):
            return str(found[0].value)
    return ""


def _issuer(certificate: dict[str, object]) -> str:
    issuer = certificate.get("issuer")
    names = {name: value for group in (issuer if isinstance(issuer, tuple) else ()) for name, value in group}
    return str(names.get("organizationName") or names.get("commonName") or "an unnamed authority")


def sign_in(route: TakenRoute) -> tuple[str, str] | None:
    """User and password for the route's proxy, as they stand in its address."""
    parts = urlsplit(route.proxy.reveal() if route.proxy else "")
    if parts.username is None and parts.password is None:
        return None
    return unquote(parts.username or ""), unquote(parts.password or "")


async def _http_proxy(line: Line, route: TakenRoute) -> str:
    host, port = target(route)
    name = f"[{host}]" if ":" in host else host
    # Plain HTTP is not tunnelled: the proxy is asked for the page itself.
    tunnel = route.base_url.startswith("https:")
    asked = f"CONNECT {name}:{port}" if tunnel else f"HEAD {route.base_url}"
    head = [f"{asked} HTTP/1.1", f"Host: {name}:{port}", "User-Agent: keytui"]
    if (signing := sign_in(route)) is not None:
        credentials = base64.b64encode(":".join(signing).encode()).decode("ascii")
        head.append(f"Proxy-Authorization: Basic {credentials}")
    line.writer.write(("\r\n".join(head) + "\r\n\r\n").encode("latin-1", "replace"))
    await line.writer.drain()
    status = (await line.reader.readuntil(b"\r\n")).decode("latin-1").strip()
    words = status.split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdigit():
        raise ProxyAnswered(f"ProxyError: not an HTTP proxy: {status[:80]}")
    head_lines = b""
    while (header := await line.reader.readuntil(b"\r\n")) != b"\r\n":
        head_lines += header
        if len(head_lines) > _LONGEST_HEAD:
            raise ProxyAnswered("ProxyError: an endless head")
    number = int(words[1])
    # tinyproxy answers a wrong password with 401, as if it were the server; an API never asks for Basic.
    signs_in = number == 407 or (number == 401 and b"www-authenticate: basic" in head_lines.lower())
    if signs_in or (tunnel and not 200 <= number < 300):
        raise ProxyAnswered(f"ProxyError: {' '.join(words[1:])}")
    return "HTTP, signed in" if signing else "HTTP"


async def _socks(line: Line, route: TakenRoute) -> None:
    import socksio

    conversation = socksio.socks5.SOCKS5Connection()
    signing = sign_in(route)
    methods = socksio.socks5.SOCKS5AuthMethod
    offered = methods.NO_AUTH_REQUIRED if signing is None else methods.USERNAME_PASSWORD

    async def exchange(request: object) -> object:
        conversation.send(request)
        line.writer.write(conversation.data_to_send())
        await line.writer.drain()
        data = await line.reader.read(4096)
        if not data:
            raise ConnectionResetError("the proxy closed the connection")
        try:
            return conversation.receive_data(data)
        except socksio.SOCKSError:
            answer = data[:40].decode("latin-1")
        raise NotSocks(f"SOCKSError: answered {answer!r}")

    chosen = await exchange(socksio.socks5.SOCKS5AuthMethodsRequest([offered]))
    if getattr(chosen, "method", None) != offered:
        raise ProxyAnswered("ProxyError: 407, the proxy did not take this way of signing in (username/password)")
    if signing is not None:
        user, password = (part.encode() for part in signing)
        reply = await exchange(socksio.socks5.SOCKS5UsernamePasswordRequest(user, password))
        if not getattr(reply, "success", False):
            raise ProxyAnswered("ProxyError: Invalid username/password")
    host, port = target(route)
    command = socksio.socks5.SOCKS5CommandRequest.from_address(
        socksio.socks5.SOCKS5Command.CONNECT, (host.encode("idna" if host.isascii() is False else "ascii"), port)
    )
    answered = await exchange(command)
    code = getattr(answered, "reply_code", None)
    if code != socksio.socks5.SOCKS5ReplyCode.SUCCEEDED:
        raise ProxyAnswered(f"ProxyError: could not connect ({getattr(code, 'name', code)})")
