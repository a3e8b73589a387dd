"""What f1 shows: what the place in sight is for, and the keys that work there."""

from __future__ import annotations

import inspect
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Markdown, Static

from keytui.domain.explanations import TEXTS
from keytui.tui.widgets.sheet import Line, Sheet

WHY = "tokens"
"""The explanation that is offered where none is nearer."""


class HelpDialog(ModalScreen[str | None]):
    """The words of what has the focus and of all that is around it, beside the keys.

    It answers the name of the explanation to go on with, or None.
    """

    CSS_PATH = ["dialogs.tcss", "help.tcss"]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,f1,question_mark", "close", "close", key_display="esc", id="close"),
        Binding("w", "why", "why", id="why"),
    ]

    def __init__(self, about: Screen[object]) -> None:
        super().__init__()
        around = list((about.focused or about).ancestors_with_self)
        said = [inspect.cleandoc(node.HELP) for node in around if node.HELP]
        self._text = "\n\n".join(said)
        self._topic: str = next((topic for node in around if (topic := getattr(node, "WHY", ""))), WHY)
        self._keys = _keys(about)

    def compose(self) -> ComposeResult:
        """The text, the keys beside it or below it, and the way on."""
        with Vertical(id="dialog"):
            with VerticalScroll(id="help"), Container(id="help-columns"):
                if self._text:
                    yield Markdown(self._text, id="help-text", open_links=False)
                yield Sheet(self._keys, id="help-keys")
            topic = TEXTS[self._topic].title
            yield Static(f"esc closes · w explains more: {topic.lower()}", id="note", markup=False)

    def on_mount(self) -> None:
        """The arrows scroll."""
        self.query_one("#help").focus()

    def action_close(self) -> None:
        """Back to where it was asked."""
        self.dismiss(None)

    def action_why(self) -> None:
        """The explanation that is nearest; it has the others beside it."""
        self.dismiss(self._topic)


def _keys(about: Screen[object]) -> tuple[Line, ...]:
    """The keys that work now: those of the place first, then those that work everywhere."""
    here: list[Line] = []
    everywhere: list[Line] = []
    seen: set[str] = set()
    for namespace, binding, enabled, tooltip in about.active_bindings.values():
        if not enabled or binding.action in seen or not (tooltip or (binding.show and binding.description)):
            continue
        seen.add(binding.action)
        words = tooltip or f"{binding.description[:1].upper()}{binding.description[1:]}."
        line = Line(about.app.get_key_display(binding).replace("^", "ctrl+"), words)
        (everywhere if isinstance(namespace, App) or (not about.is_modal and namespace is about) else here).append(line)
    parts = [(title, lines) for title, lines in (("Keys here", here), ("Keys everywhere", everywhere)) if lines]
    return tuple(line for title, lines in parts for line in (Line(title), *lines, Line()))[:-1]
