"""Patience of a second instead of minutes, and nothing asked twice: that is tested elsewhere."""

from __future__ import annotations

import pytest

from keytui.adapters import database, probe, transport, way_check
from keytui.adapters.http import HttpClients
from keytui.adapters.ledger import store
from keytui.adapters.openai.admin import calling
from keytui.domain import turn
from keytui.domain.organization import reading

SECONDS = 0.7


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For everything that a fault may keep waiting."""
    assert HttpClients.__init__.__kwdefaults__ is not None
    assert turn.take_turn.__kwdefaults__ is not None
    monkeypatch.setitem(HttpClients.__init__.__kwdefaults__, "answer_within", SECONDS)
    monkeypatch.setitem(turn.take_turn.__kwdefaults__, "retries", 0)
    monkeypatch.setattr(transport, "CONNECT_WITHIN", SECONDS)
    monkeypatch.setattr(calling, "ANSWER_WITHIN", SECONDS)
    monkeypatch.setattr(reading, "TRIES", 1)
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    monkeypatch.setattr(store, "BUSY_MILLISECONDS", 50)
    for module in (probe, way_check):
        monkeypatch.setattr(module, "SLOW", SECONDS)
    monkeypatch.setattr(way_check, "QUICK", SECONDS)
