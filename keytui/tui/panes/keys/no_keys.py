"""What stands in the place of the list while there are no keys: the ways to one, and the key that lies nearest."""

from __future__ import annotations

from textual import work
from textual.widgets import Static

from keytui.tui.panes.keys.words import EMPTY
from keytui.tui.services import Services

LYING = (
    "\n\n{where} holds a {kind} ending in {last4}, which “keytui ask” uses already; press i to use it here as well. "
    "It stays where it is and is only read there."
)


class NoKeys(Static):
    """Looks for OPENAI_API_KEY once, when it is first shown."""

    def __init__(self, services: Services) -> None:
        super().__init__(EMPTY, id="empty", markup=False)
        self._services = services

    def on_show(self) -> None:
        """Look for it; no other program's files are opened."""
        self._look()

    @work(exclusive=True, description="look for a key in the environment")
    async def _look(self) -> None:
        usual = (await self._services.look_around()).usual
        if usual is not None:
            self.update(EMPTY + LYING.format(where=usual.where, kind=usual.kind.value, last4=usual.last4))
