"""What is taken away while it still works: that it then finds nothing of itself is no error.

textual 8.2.8 takes away a widget's children first, and ends its workers and messages after that, so that a handler or a
worker may go on in between; it also mounts what was put into a widget that is on its way out. The first ``query_one``
there raises ``NoMatches``, which would end the app.

It also mounts nothing any more from the moment that ``exit`` was called, but raises ``MountError``: a key that opens a
pane and was pressed just before the one that leaves may be heard after it.
"""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.css.query import NoMatches
from textual.widget import MountError, Widget
from textual.worker import WorkerFailed


class CalmEndings(App[Any]):
    """An app that lets widgets go while they work. Put it first among the bases."""

    def _handle_exception(self, error: Exception) -> None:
        mounted_too_late = self._exit and isinstance(error, MountError)
        if not mounted_too_late and not _of_something_gone(error):
            super()._handle_exception(error)


def _of_something_gone(error: BaseException) -> bool:
    """Whether something was sought in vain in a widget that is being taken away."""
    if isinstance(error, WorkerFailed):
        error = error.error
    if not isinstance(error, NoMatches):
        return False
    step = error.__traceback__
    while step is not None:
        holder = step.tb_frame.f_locals.get("self")
        if isinstance(holder, Widget) and any(
            node._pruning or not node.is_attached for node in holder.ancestors_with_self if isinstance(node, Widget)
        ):
            return True
        step = step.tb_next
    return False
