"""Keys in the order they were pressed.

textual 8.2.8: a field takes letters at once, but what its keys mean (backspace, enter, arrows) is only found out when
the key has travelled up to the app. Keys that arrive together, as after a stall of the line, change places: all letters
first. A field that calls this in its ``_on_key`` looks its own keys up itself.
"""

from __future__ import annotations

from textual import events
from textual.widget import Widget


async def take_own_key(field: Widget, event: events.Key) -> None:
    """Do what a key means in a field itself, if it means anything there; then nobody else gets to see it."""
    if event.is_printable:
        return
    for binding in field._bindings.key_to_bindings.get(event.key, ()):
        if await field.app.run_action(binding.action, field):
            event.stop()
            event.prevent_default()
            return
