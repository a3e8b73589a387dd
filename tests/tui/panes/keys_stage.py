"""The keys pane on its stage: what a user does there, and what is said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual import events

from keytui.domain.keys import KeyRecord
from keytui.tui.panes.keys import KeysPane
from tests.support.stage import Stage, on_stage

WORDS = "three plain words"
"""The passphrase of the encrypted file."""


class KeysStage(Stage):
    """A user in the keys pane."""

    @property
    def pane(self) -> KeysPane:
        return next(screen for screen in self.app.screen_stack if screen.query("KeysPane")).query_one(KeysPane)

    @property
    def records(self) -> dict[str, KeyRecord]:
        """All keys by name, as they are stored."""
        return {record.name: record for record in self.services.keys.records()}

    @property
    def said(self) -> str:
        """The notices on the screen; tests run without drawing them."""
        return "\n".join(notice.message for notice in self.app._notifications)

    async def hear(self, *parts: str) -> None:
        await self.when(lambda: all(part in self.said for part in parts), f"{parts} among {self.said!r}")

    async def paste(self, text: str) -> None:
        assert self.app.focused is not None
        self.app.focused.post_message(events.Paste(text))
        await self.pilot.pause()

    async def fill(self, field: str, text: str) -> None:
        """Write a text into a field of the dialog in front, in the place of what is there."""
        self.app.screen.query_one(f"#field-{field}").focus()
        await self.pilot.pause()
        await self.press("home", "shift+end", "delete")
        await self.paste(text)

    async def give_passphrase(self) -> None:
        await self.paste(WORDS)
        await self.press("enter")

    async def settled(self) -> None:
        """Wait until no dialog is in front."""
        await self.when(lambda: len(self.app.screen_stack) == 1, "the end of the dialogs")

    async def move_to_file(self) -> None:
        """Move the highlighted key into the encrypted file, made on the way."""
        await self.press("m")
        await self.until("where?")
        await self.type("encrypted")
        await self.press("enter")
        await self.until("Choose a passphrase", "Nobody can recover")
        await self.give_passphrase()
        await self.give_passphrase()
        await self.hear("the encrypted file now")


@asynccontextmanager
async def keys_pane(**options: Any) -> AsyncIterator[KeysStage]:
    """The app in practice, with the keys pane in front and the practice key in it."""
    async with on_stage(**options) as stage:
        here = KeysStage(stage.app, stage.pilot, stage.services)
        await here.when(lambda: here.services.keys.records(), "the practice key")
        await here.press("alt+1")
        await here.until("practice", "project key")
        yield here
