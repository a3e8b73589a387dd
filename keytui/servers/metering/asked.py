"""One request as it came: who asks, and what for once somebody needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from keytui.domain.booking import new_id
from keytui.domain.metered import Metered, metered
from keytui.servers.metering.bodies import parsed


class Asked:
    """A request of a program.

    Its body is read by whoever asks for ``call`` or ``payload`` first: caps and books do so in threads of their own,
    so that a long conversation does not hold up what passes meanwhile, nor its own way to the server.
    """

    def __init__(self, program: str, sent: datetime, method: str, path: str, content: bytes | None) -> None:
        """``path`` is below ``/v1``, without the query. ``content`` None: the body is not JSON, or there is none."""
        self.id = new_id(sent)
        """The id that it is booked under."""
        self.program = program
        self.sent = sent
        self.content = content
        self._method, self._path = method, path

    @cached_property
    def payload(self) -> Mapping[str, Any] | None:
        """The body; None when it is no JSON object."""
        return parsed(self.content) if self.content else None

    @cached_property
    def call(self) -> Metered:
        """The request as metering sees it."""
        return metered(
            entry_id=self.id,
            program=self.program,
            sent=self.sent,
            method=self._method,
            path=self._path,
            body=self.payload,
        )
