"""How requests leave this machine: through which proxy, and which certificates count.

The user's own proxy goes before any that the environment names; without either the way is direct.
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

from keytui.domain.own_way import LOOPBACK_TOO, PROXY_SCHEMES, OwnWay
from keytui.domain.routes import Route, host_of, is_loopback, masked
from keytui.domain.secrets import Secret

OWN = "your own, in keytui's settings"
"""Where the own proxy and the own certificates come from, in the user's words."""
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Way:
    """The decision for one base URL, as the HTTP client takes it."""

    base_url: str
    proxy: Secret | None
    """The proxy's whole address, sign-in included; None when the way is direct."""
    proxy_source: str
    certificate_file: str | None = None
    certificate_folder: str | None = None
    own_certificates: str | None = None
    """A file of authorities that are trusted as well."""

    @property
    def proxy_shown(self) -> str:
        """The proxy's address with any password masked; empty when the way is direct."""
        return masked(self.proxy.reveal()) if self.proxy else ""


class Routes:
    """Decides and describes ways. All is looked at anew each time, so a change takes effect at once."""

    def __init__(self, environment: Mapping[str, str] | None = None, own: OwnWay | None = None) -> None:
        """``environment`` is the process's own unless said."""
        self._environment = os.environ if environment is None else environment
        self.own = own or OwnWay()
        """What the user chose in keytui; may be replaced at any time."""

    def with_own(self, own: OwnWay) -> Routes:
        """The same with another choice of the user's."""
        return Routes(self._environment, own)

    def way(self, base_url: str) -> Way:
        """The way to a base URL, as it would be taken now."""
        proxy, source = self._proxy(base_url)
        return Way(
            base_url,
            Secret(proxy) if proxy else None,
            source,
            self._environment.get("SSL_CERT_FILE") or None,
            self._environment.get("SSL_CERT_DIR") or None,
            self.own.certificates,
        )

    def describe(self, base_url: str, *, source: str = "the key") -> Route:
        """The way to a base URL in words, passwords masked, with what looks wrong in the environment."""
        way = self.way(base_url)
        return Route(
            base_url=base_url,
            base_url_source=source,
            proxy=way.proxy_shown or None,
            proxy_source=way.proxy_source,
            certificates=_certificates(way),
            warnings=tuple(self._warnings(way)),
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

    def _warnings(self, way: Way) -> list[str]:
        warnings: list[str] = []
        if way.proxy:
            warnings += _proxy_warnings(way)
        if (file := way.certificate_file) and not Path(file).is_file():
            warnings.append(f"SSL_CERT_FILE names {file}, which is no file: correct it, or unset it.")
        elif file and not _holds_certificates(file):
            warnings.append(f"SSL_CERT_FILE names {file}, which holds no certificate: correct it, or unset it.")
        if not file and (folder := way.certificate_folder) and not Path(folder).is_dir():
            warnings.append(f"SSL_CERT_DIR names {folder}, which is no folder: correct it, or unset it.")
        for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            if self._environment.get(variable) and not way.certificate_file:
                warnings.append(f"{variable} is set, but the API's client does not read it: set SSL_CERT_FILE as well.")
                break
        if self.own.problem:
            warnings.append(self.own.problem)
        if (extra := way.own_certificates) and not _holds_certificates(extra):
            warnings.append(f"Your extra certificates are to be in {extra}, which holds none: press e to correct it.")
        if way.proxy and way.proxy_source != OWN and is_loopback(way.base_url):
            host = urlsplit(way.base_url).hostname
            warnings.append(f"Requests to this machine itself would go through the proxy: add {host} to NO_PROXY.")
        return warnings


def _proxy_warnings(way: Way) -> list[str]:
    assert way.proxy is not None
    parts = urlsplit(way.proxy.reveal())
    name = way.proxy_source
    if parts.scheme.lower() in ("socks4", "socks4a"):
        return [f"{name} names a SOCKS4 proxy, which cannot be used: write it as socks5:// if it speaks SOCKS5."]
    if parts.scheme.lower() not in PROXY_SCHEMES:
        return [f"{name} begins with {parts.scheme}://, which is no kind of proxy: write http:// or socks5://."]
    if not _usable(way.proxy.reveal()):
        return [f"{name} names no usable host and port: write it as http://host:port."]
    return []


def proxy_is_usable(way: Way) -> bool:
    """Whether the proxy's address is one that the HTTP library can take; True when the way is direct."""
    return way.proxy is None or (
        urlsplit(way.proxy.reveal()).scheme.lower() in PROXY_SCHEMES and _usable(way.proxy.reveal())
    )


def proxy_parts(way: Way) -> tuple[str, str, int]:
    """Scheme, host and port of a way's proxy. Raises ``ValueError`` for an unusable address."""
    parts = urlsplit(way.proxy.reveal() if way.proxy else "")
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


def _certificates(way: Way) -> str:
    if way.base_url.startswith("http://") and not (way.proxy and way.proxy.reveal().startswith("https:")):
        return "none needed: the connection is not encrypted"
    trusted = "the system's"
    if way.certificate_file:
        trusted = f"SSL_CERT_FILE ({way.certificate_file})"
    elif way.certificate_folder:
        trusted = f"SSL_CERT_DIR ({way.certificate_folder})"
    return f"{trusted}, and {way.own_certificates}" if way.own_certificates else trusted


def _holds_certificates(file: str) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=file)
    except (OSError, ssl.SSLError):
        return False
    return True
