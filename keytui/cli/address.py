"""A base URL that a command is given, put right."""

from __future__ import annotations

from keytui.cli.ending import Stopped
from keytui.cli.saying import say
from keytui.domain.addresses import base_url, is_loopback
from keytui.domain.troubles import Exit


def put_right(given: str) -> str:
    """The base URL as it will be asked; what was changed in it is said. Raises ``Stopped``."""
    try:
        address = base_url(given)
    except ValueError as error:
        raise Stopped(str(error), Exit.USAGE) from None
    for change in address.changes:
        say(f"{change} The address is {address.url}")
    if address.url.startswith("http://") and not is_loopback(address.url):
        say(f"{address.url} is not encrypted: everybody on the way can read the key. Use https:// if the server can.")
    return address.url
