"""The footer: the keys that work now, and nothing else."""

from __future__ import annotations

from textual import events
from textual.app import App
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

ALWAYS = ("escape", "f1", "f9")
"""Shown however narrow the line is: the way out (or to stop an answer), help, and the probe, once it is wanted."""


def _stays(binding: Binding) -> bool:
    # So does the way back to the draft.
    return binding.key in ALWAYS or binding.action == "write"


class KeyBar(Widget):
    """One line drawn in one piece.

    Textual's own Footer mounts a widget for every key and builds them anew with every change of focus; a line that is
    drawn costs a tenth of that at start and sends a tenth of the bytes.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyBar {
        height: 1;
        background: $panel;
        color: $dim;
        &:ansi { text-style: dim; }
    }
    """

    def on_mount(self) -> None:
        """Draw again whenever other keys work."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if screen is self.screen:
            self.refresh()

    def shown(self) -> list[Binding]:
        """The keys to show, as the focus stands: most specific first, each action once."""
        seen: set[str] = set()
        keys = []
        for _, binding, enabled, _ in self.screen.active_bindings.values():
            if binding.show and enabled and binding.action not in seen and binding.description:
                seen.add(binding.action)
                keys.append(binding)
        return keys

    def _part(self, binding: Binding) -> Content:
        app: App[object] = self.app
        return Content.assemble(
            (app.get_key_display(binding), "bold not dim $footer-key-foreground"), f" {binding.description}  "
        )

    def _parts(self) -> list[tuple[Binding, Content]]:
        """As many as fit, in their order; those of ``ALWAYS`` take their room first."""
        # Escape last: what it does changes with every answer, and moves nothing there.
        keys = sorted(self.shown(), key=lambda binding: binding.key == "escape")
        every = [(binding, self._part(binding)) for binding in keys]
        # The blanks after the last one may lie outside.
        width = self.size.width + 1
        width -= sum(part.cell_length for binding, part in every if _stays(binding))
        parts, full = [], False
        for binding, part in every:
            if not _stays(binding):
                full = full or width < part.cell_length
                if full:
                    continue
                width -= part.cell_length
            parts.append((binding, part))
        return parts

    def render(self) -> Content:
        """As many keys as fit."""
        return Content(" ") + Content("").join(part for _, part in self._parts())

    async def on_click(self, event: events.Click) -> None:
        """Do what the key under the mouse does."""
        at = 1
        for binding, part in self._parts():
            if at <= event.x < at + part.cell_length - 2:
                self.app.simulate_key(binding.key)
                return
            at += part.cell_length
