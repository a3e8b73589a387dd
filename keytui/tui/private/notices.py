"""Notices that do not pile up, and go when they are followed: they would lie over what they lead to.

textual 8.2.8 keeps each notice as one of its own, whatever it says, and takes back all of them or none.
"""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.notifications import Notify


class SaidOnce(App[Any]):
    """An app whose notices take the place of the same ones before: a key pressed three times in vain is told so once.

    Put it before ``App`` among the bases.
    """

    def on_notify(self, event: Notify) -> None:
        """A notice comes; it is added after this."""
        for notice in list(self._notifications):
            if notice.message == event.notification.message:
                self._unnotify(notice, refresh=False)

    def withdraw(self, sentence: str) -> None:
        """Take a notice off the screen, if it is still there."""
        for notice in list(self._notifications):
            if notice.message == sentence:
                self._unnotify(notice)
