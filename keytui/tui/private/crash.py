"""A crash report that can be shown to others.

textual 8.2.8: ``App._fatal_error`` prints the local variables of every frame, keys included, and the report stays in
the terminal's scrollback. Here it has no variables, and whatever looks like a key is taken out of the rest.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

from textual.app import App

if TYPE_CHECKING:
    from rich.console import RenderableType

HEADING = (
    "keytui has met an error that it did not expect, and has ended. Your draft and your conversations are kept.\n"
    "The report below holds no key; please send it to the maintainers."
)


class QuietCrash(App[Any]):
    """An app that ends on an unexpected error without showing values. Put it before ``App`` among the bases."""

    _error: BaseException | None = None

    def _handle_exception(self, error: Exception) -> None:
        self._error = error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        from rich.text import Text
        from textual.worker import WorkerFailed

        self.bell()
        # A worker's failure wraps the error that says where it happened.
        error = self._error.error if isinstance(self._error, WorkerFailed) else self._error
        report = "".join(traceback.format_exception(error)) if error else traceback.format_exc()
        self._exit_renderables.append(Text(f"{HEADING}\n\n{report}"))
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        """Everything that is said on leaving passes here, panics of other threads included."""
        self._exit_renderables[:] = [self._cleaned(renderable) for renderable in self._exit_renderables]
        super()._print_error_renderables()

    def _cleaned(self, renderable: RenderableType) -> RenderableType:
        """The renderable, or its bare text without keys when there are any in it."""
        from io import StringIO

        from rich.console import Console
        from rich.text import Text

        from keytui.domain.redaction import redact

        # Wide enough that no line break can hide a key from the search.
        page = Console(file=StringIO(), width=100_000, color_system=None, legacy_windows=False)
        page.print(renderable, soft_wrap=True)
        text = "\n".join(line.rstrip() for line in page.file.getvalue().splitlines())  # type: ignore[attr-defined]
        clean = redact(text)
        return renderable if clean == text else Text(clean)
