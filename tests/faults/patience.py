"""How long keytui waits for a server: as long as a busy machine may take, and a moment where nothing will come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import httpx2
import pytest

from keytui.adapters.network import lanes, probe, route_check, transport
from keytui.adapters.network.http import HttpClients
from keytui.adapters.openai.admin import calling

USUAL = 20.0
"""Seconds for whatever will be answered."""
MOMENT = 0.2
"""Seconds for what a silent server keeps back."""

_BOUNDS = (
    (transport, "CONNECT_WITHIN"),
    (lanes, "CONNECT_WITHIN"),
    (calling, "ANSWER_WITHIN"),
    (probe, "SLOW"),
    (route_check, "SLOW"),
    (route_check, "QUICK"),
)
"""The constants that bound a wait, wherever they are looked up."""


class Patience:
    """All bounds at once, also those of clients that were made already."""

    def __init__(self) -> None:
        self._timeouts: list[httpx2.Timeout] = []
        self._lanes: list[lanes.Lanes] = []

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Hold for one test what is made in it."""
        self._timeouts.clear()
        self._lanes.clear()
        defaults = HttpClients.__init__.__kwdefaults__
        assert defaults is not None
        patch.setitem(defaults, "answer_within", USUAL)
        for module, name in _BOUNDS:
            patch.setattr(module, name, USUAL)
        client, open_lanes = HttpClients.client, HttpClients.lanes

        @wraps(client)
        def noted_client(*given: Any, **options: Any) -> httpx2.AsyncClient:
            made = client(*given, **options)
            # The SDK takes this very object over, so that it reaches every request.
            self._timeouts.append(made.timeout)
            return made

        @wraps(open_lanes)
        def noted_lanes(*given: Any) -> lanes.Lanes:
            self._lanes.append(made := open_lanes(*given))
            return made

        patch.setattr(HttpClients, "client", noted_client)
        patch.setattr(HttpClients, "lanes", noted_lanes)

    @contextmanager
    def a_moment(self) -> Iterator[None]:
        """Wait no longer than that, until the block ends."""
        defaults: Any = HttpClients.__init__.__kwdefaults__
        try:
            self._bound(defaults, MOMENT)
            yield
        finally:
            self._bound(defaults, USUAL)

    def _bound(self, defaults: dict[str, Any], seconds: float) -> None:
        defaults["answer_within"] = seconds
        for module, name in _BOUNDS:
            setattr(module, name, seconds)
        for timeout in self._timeouts:
            timeout.read = timeout.connect = seconds
        for some in self._lanes:
            some._patience = seconds


PATIENCE = Patience()
