"""Every page of the Admin API by its path and its methods."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from keytui.servers.practice.inference import Call
from keytui.servers.practice.reply import Reply

PAGES: dict[str, dict[str, Callable[[Call], Awaitable[Reply]]]] = {}
