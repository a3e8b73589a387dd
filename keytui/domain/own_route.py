"""The route to the API that the user chose in keytui itself: a proxy, hosts that need none, and extra certificates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from keytui.domain.secrets import Secret

PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")
"""Kinds of proxies that can be used. The proxy looks up names, also with ``socks5`` (source: httpx2 2.16)."""

LOOPBACK_TOO = "<-loopback>"
"""In ``no_proxy``: addresses of this machine go through the proxy as well (Chromium's word for it)."""


@dataclass(frozen=True, slots=True)
class OwnRoute:
    """What the user chose; an empty one leaves the route to the environment."""

    proxy: str | None = None
    """The proxy's address without sign-in."""
    no_proxy: str = ""
    """Hosts that are reached directly, separated by commas, as in NO_PROXY. This machine itself always is, unless
    ``LOOPBACK_TOO`` is listed."""
    certificates: str | None = None
    """A file of certificate authorities that are trusted as well as the system's."""
    sign_in: SignIn | None = None
    problem: str = ""
    """Why the sign-in that is kept cannot be used now, as one sentence with the next step; else empty."""

    @property
    def address(self) -> Secret | None:
        """The proxy's whole address, sign-in included; None when there is no own proxy."""
        if self.proxy is None:
            return None
        return Secret(self.proxy) if self.sign_in is None else self.sign_in.put_into(self.proxy)


@dataclass(frozen=True, slots=True)
class SignIn:
    """User name and password for a proxy."""

    user: str
    password: Secret

    def put_into(self, proxy: str) -> Secret:
        """A proxy's address with this sign-in."""
        scheme, _, rest = proxy.partition("://")
        return Secret(f"{scheme}://{quote(self.user, safe='')}:{quote(self.password.reveal(), safe='')}@{rest}")


def proxy_address(given: str) -> tuple[str, SignIn | None]:
    """A proxy's address put right, and the sign-in that stood in it.

    A missing scheme is ``http``, as everywhere. Raises ``ValueError``: one sentence that repeats nothing of the text.
    """
    text = given.strip().strip("\"'").strip().rstrip("/")
    if "://" not in text:
        text = f"http://{text}"
    scheme = text.partition("://")[0].lower()
    if scheme in ("socks4", "socks4a"):
        raise ValueError("A SOCKS4 proxy cannot be used; write socks5:// if it speaks SOCKS5.")
    if scheme not in PROXY_SCHEMES:
        raise ValueError("A proxy's address begins with http://, https://, socks5:// or socks5h://.")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("The port of a proxy is a number from 1 to 65535.") from None
    if not host or port == 0 or re.search(r"\s", text) or parts.path or parts.query or parts.fragment:
        raise ValueError("A proxy's address is a host and a port, such as http://proxy.example:3128.")
    name = f"[{host}]" if ":" in host else host
    address = f"{scheme}://{name}" + (f":{port}" if port else "")
    if parts.username is None:
        return address, None
    return address, SignIn(unquote(parts.username), Secret(unquote(parts.password or "")))


def split_sign_in(typed: str) -> tuple[str, SignIn] | None:
    """What is left of an address as it is being typed or pasted, and the sign-in that stood in it; None without one."""
    match = re.match(
        r"\s*(?P<scheme>[a-zA-Z0-9+.-]+://)?(?P<user>[^/@:\s]*)(?::(?P<word>[^/@]*))?@(?P<rest>[^@]+)$", typed
    )
    if match is None:
        return None
    sign_in = SignIn(unquote(match["user"]), Secret(unquote(match["word"] or "")))
    return (match["scheme"] or "") + match["rest"], sign_in


def assembled(proxy: str, sign_in: SignIn, no_proxy: str, certificates: str) -> OwnRoute:
    """A route from what was written into a form; empty means none. Raises ``ValueError``, fit to be shown."""
    address, inside = proxy_address(proxy) if proxy.strip() else (None, None)
    given = inside or (sign_in if sign_in.user or sign_in.password else None)
    if given is not None and address is None:
        raise ValueError("A user name and a password belong to a proxy: give its address, or empty them.")
    if given is not None and not given.user:
        raise ValueError("A password belongs to a user name: give it as well.")
    return OwnRoute(address, no_proxy.strip() if address else "", certificates.strip() or None, given)
