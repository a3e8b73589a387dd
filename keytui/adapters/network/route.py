"""How requests leave this machine: through which proxy, and which certificates count.

The user's own proxy goes before any that the environment names; without either the route is direct.
"""

from __future__ import annotations

import ipaddress
import os
import re
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from keytui.domain.addresses import host_of, is_loopback, masked
from keytui.domain.own_route import LOOPBACK_TOO, PROXY_SCHEMES, OwnRoute
from keytui.domain.route import Route
from keytui.domain.secrets import Secret

OWN = "your own, in keytui's settings"
"""Where the own proxy and the own certificates come from, in the user's words."""
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class TakenRoute:
    """The decision for one base URL, as the HTTP client takes it."""

    base_url: str
    proxy: Secret | None
    """The proxy's whole address, sign-in included; None when the route is direct."""
    proxy_source: str
    certificate_file: str | None = None
    certificate_folder: str | None = None
    own_certificates: str | None = None
    """A file of authorities that are trusted as well."""

    @property
    def proxy_shown(self) -> str:
        """The proxy's address with any password masked; empty when the route is direct."""
        return masked(self.proxy.reveal()) if self.proxy else ""


class Routes:
    """Decides and describes routes. All is looked at anew each time, so a change takes effect at once."""

    def __init__(self, environment: Mapping[str, str] | None = None, own: OwnRoute | None = None) -> None:
        """``environment`` is the process's own unless said."""
        self._environment = os.environ if environment is None else environment
        self.own = own or OwnRoute()
        """What the user chose in keytui; may be replaced at any time."""

    def with_own(self, own: OwnRoute) -> Routes:
        """The same with another choice of the user's."""
        return Routes(self._environment, own)

    def taken(self, base_url: str) -> TakenRoute:
        """The route to a base URL, as it would be taken now."""
        proxy, source = self._proxy(base_url)
        return TakenRoute(
            base_url,
            Secret(proxy) if proxy else None,
            source,
            self._environment.get("SSL_CERT_FILE") or None,
            self._environment.get("SSL_CERT_DIR") or None,
            self.own.certificates,
        )

    def describe(self, base_url: str, *, source: str = "the key") -> Route:
        """The route to a base URL in words, passwords masked, with what looks wrong in the environment."""
        route = self.taken(base_url)
        return Route(
            base_url=base_url,
            base_url_source=source,
            proxy=route.proxy_shown or None,
            proxy_source=route.proxy_source,
            certificates=_certificates(route),
            warnings=tuple(self._warnings(route)),
        )

    def _proxy(self, base_url: str) -> tuple[str | None, str]:
        """The proxy's address and where it was said, or None and the reason."""
        if (own := self.own.address) is not None:
            why_not = self._own_exempt(base_url)
            return (None, why_not) if why_not else (own.reveal(), OWN)
        scheme = urlsplit(base_url).scheme or "https"
        if (exempt := self._exempt(base_url)) is not None:
            return None, f"{exempt} covers {host_of(base_url)}"
        for name in (f"{scheme}_proxy", "all_proxy"):
            for variable in (name, name.upper()):
                # A web server puts a request header named Proxy into HTTP_PROXY: not to be trusted there.
                if variable == "HTTP_PROXY" and "REQUEST_METHOD" in self._environment:
                    continue
                if address := self._environment.get(variable, "").strip():
                    return (address if "://" in address else f"http://{address}"), variable
        return self._system_proxy(base_url, scheme)

    def _own_exempt(self, base_url: str) -> str:
        """Why the own proxy is not for an address; empty when it is."""
        listed = re.split(r"[,\s]+", self.own.no_proxy)
        if is_loopback(base_url) and LOOPBACK_TOO not in listed:
            return f"{host_of(base_url)} is this machine itself"
        covered = any(_covers(entry, base_url) for entry in listed if entry not in ("", LOOPBACK_TOO))
        return f"your own list of exceptions covers {host_of(base_url)}" if covered else ""

    def _system_proxy(self, base_url: str, scheme: str) -> tuple[str | None, str]:
        if sys.platform not in ("darwin", "win32") or self._environment is not os.environ:
            return None, "direct"
        from urllib.request import getproxies, proxy_bypass

        address = getproxies().get(scheme)
        if not address or proxy_bypass(urlsplit(base_url).hostname or ""):
            return None, "direct"
        return (address if "://" in address else f"http://{address}"), "the system's settings"

    def _exempt(self, base_url: str) -> str | None:
        """The variable that exempts an address from proxies, or None. The lower-case name wins, as everywhere."""
        for variable in ("no_proxy", "NO_PROXY"):
            if variable in self._environment:
                listed = re.split(r"[,\s]+", self._environment[variable])
                return variable if any(_covers(entry, base_url) for entry in listed if entry) else None
        return None

    def _warnings(self, route: TakenRoute) -> list[str]:
        warnings: list[str] = []
        if route.proxy:
            warnings += _proxy_warnings(route)
        if (file := route.certificate_file) and not Path(file).is_file():
            warnings.append(f"SSL_CERT_FILE names {file}, which is no file: correct it, or unset it.")
        elif file and not _holds_certificates(file):
            warnings.append(f"SSL_CERT_FILE names {file}, which holds no certificate: correct it, or unset it.")
        if not file and (folder := route.certificate_folder) and not Path(folder).is_dir():
            warnings.append(f"SSL_CERT_DIR names {folder}, which is no folder: correct it, or unset it.")
        for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            if self._environment.get(variable) and not route.certificate_file:
                warnings.append(f"{variable} is set, but the API's client does not read it: set SSL_CERT_FILE as well.")
                break
        if self.own.problem:
            warnings.append(self.own.problem)
        if (extra := route.own_certificates) and not _holds_certificates(extra):
            warnings.append(f"Your extra certificates are to be in {extra}, which holds none: press e to correct it.")
        if route.proxy and route.proxy_source != OWN and is_loopback(route.base_url):
            host = urlsplit(route.base_url).hostname
            warnings.append(f"Requests to this machine itself would go through the proxy: add {host} to NO_PROXY.")
        return warnings


def _proxy_warnings(route: TakenRoute) -> list[str]:
    assert route.proxy is not None
    parts = urlsplit(route.proxy.reveal())
    name = route.proxy_source
    if parts.scheme.lower() in ("socks4", "socks4a"):
        return [f"{name} names a SOCKS4 proxy, which cannot be used: write it as socks5:// if it speaks SOCKS5."]
    if parts.scheme.lower() not in PROXY_SCHEMES:
        return [f"{name} begins with {parts.scheme}://, which is no kind of proxy: write http:// or socks5://."]
    if not _usable(route.proxy.reveal()):
        return [f"{name} names no usable host and port: write it as http://host:port."]
    return []


def proxy_is_usable(route: TakenRoute) -> bool:
    """Whether the proxy's address is one that the HTTP library can take; True when the route is direct."""
    return route.proxy is None or (
        urlsplit(route.proxy.reveal()).scheme.lower() in PROXY_SCHEMES and _usable(route.proxy.reveal())
    )


def proxy_parts(route: TakenRoute) -> tuple[str, str, int]:
    """Scheme, host and port of a route's proxy. Raises ``ValueError`` for an unusable address."""
    parts = urlsplit(route.proxy.reveal() if route.proxy else "")
    if not parts.hostname:
        raise ValueError("the proxy's address names no host")
    scheme = parts.scheme.lower()
    default = 443 if scheme == "https" else 1080 if scheme.startswith("socks") else 80
    return scheme, parts.hostname, parts.port or default


def _usable(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _covers(entry: str, base_url: str) -> bool:
    """Whether an entry of NO_PROXY covers an address: ``*``, host, ``.domain``, ``host:port``, IP or network."""
    if entry == "*":
        return True
    parts = urlsplit(base_url)
    host = (parts.hostname or "").lower()
    name = entry.lower().split("://", 1)[-1]
    try:
        network = ipaddress.ip_network(name.strip("[]"), strict=False)
    except ValueError:
        pass
    else:
        try:
            return ipaddress.ip_address(host) in network
        except ValueError:
            return False
    if match := re.fullmatch(r"(\[[^\]]*\]|[^:]*):(\d+)", name):
        name = match[1].strip("[]")
        port = parts.port or _PORTS.get(parts.scheme)
        if port != int(match[2]):
            return False
    bare = name.removeprefix("*").removeprefix(".")
    if not bare:
        return False
    exact = not name.startswith(("*.", "."))
    return (exact and host == bare) or host.endswith(f".{bare}")


def _certificates(route: TakenRoute) -> str:
    if route.base_url.startswith("http://") and not (route.proxy and route.proxy.reveal().startswith("https:")):
        return "none needed: the connection is not encrypted"
    trusted = "the system's"
    if route.certificate_file:
        trusted = f"SSL_CERT_FILE ({route.certificate_file})"
    elif route.certificate_folder:
        trusted = f"SSL_CERT_DIR ({route.certificate_folder})"
    return f"{trusted}, and {route.own_certificates}" if route.own_certificates else trusted


def _holds_certificates(file: str) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=file)
    except (OSError, ssl.SSLError):
        return False
    return True
