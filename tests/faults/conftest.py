"""Nothing is asked twice, and no lock is waited for long: that is tested elsewhere."""

from __future__ import annotations

import pytest

from keytui.adapters.database import opening
from keytui.adapters.ledger import store
from keytui.domain import turn
from keytui.domain.organization import reading
from keytui.tui.dialogs.organization import dialog
from tests.faults.patience import PATIENCE


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For everything that a fault may keep waiting."""
    PATIENCE.install(monkeypatch)
    assert turn.take_turn.__kwdefaults__ is not None
    monkeypatch.setitem(turn.take_turn.__kwdefaults__, "retries", 0)
    monkeypatch.setattr(reading, "TRIES", 1)
    monkeypatch.setattr(dialog, "LOOKED_AT", 0.0)
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0.1)
    monkeypatch.setattr(store, "BUSY_MILLISECONDS", 50)
