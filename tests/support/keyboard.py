"""Keys for an app under test, each waited for until it has been dealt with.

Textual's own ``Pilot.press`` waits twice for every key until the process has been idle for 20 ms, and up to a second
while something else is at work; here the app's own queues say when a key is done.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from textual import events
from textual.geometry import Size
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.pilot import Pilot

ROUNDS = 4
"""From the app to what has the focus, to the binding above it, to what that sends, to whom it is sent."""


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, by Textual's names for them, one after the other."""
    for key in keys:
        pilot.app._driver.send_message(_event(key))  # type: ignore[union-attr]
        await dealt_with(pilot)


async def resize(pilot: Pilot[Any], columns: int, rows: int) -> None:
    """Give the terminal another size."""
    size = Size(columns, rows)
    pilot.app._driver._size = size  # type: ignore[union-attr]
    pilot.app.post_message(events.Resize(size, size))
    await dealt_with(pilot)


async def dealt_with(pilot: Pilot[Any]) -> None:
    """Wait until the app and everything on its screen have dealt with what was sent to them."""
    for _ in range(ROUNDS):
        await pilot._wait_for_screen()


def _event(key: str) -> events.Key:
    if len(key) == 1 and not key.isalnum():
        key = _character_to_key(key)
    try:
        character: str | None = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(key, key)))
    except KeyError:
        character = key if len(key) == 1 else None
    return events.Key(key, character)
