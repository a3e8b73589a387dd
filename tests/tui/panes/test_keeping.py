from __future__ import annotations

from pathlib import Path

import pytest

from keytui.adapters.conversations import SqliteConversations
from keytui.domain.conversations import ConversationStore
from keytui.domain.keys import StoreUnreadable
from keytui.tui.panes.playground import keeping
from keytui.tui.panes.playground.keeping import Keeping


class Services:
    """A store that can be used or not."""

    def __init__(self, path: Path) -> None:
        self.store = SqliteConversations(path)
        self.usable = True

    async def conversations(self) -> ConversationStore:
        if not self.usable:
            raise StoreUnreadable("The disk is full.")
        return self.store


async def test_a_draft_that_was_emptied_while_the_disk_refused_is_emptied_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "REST", 0.0)
    services, told = Services(tmp_path / "keytui.db"), list[str]()
    kept = Keeping(services, told.append)  # type: ignore[arg-type]
    await kept.draft("Before?")
    services.usable = False
    await kept.draft("")
    assert services.store.draft(None) == "Before?"
    services.usable = True
    await kept.draft("")
    assert services.store.draft(None) == ""
    assert told == ["The disk is full. Until then, nothing that is said here is kept."]
    services.store.close()
