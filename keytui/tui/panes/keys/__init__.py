"""The keys: which there are, what each can do, and what to do with it."""

from __future__ import annotations

from keytui.tui.panes.keys.pane import KeysPane

__all__ = ["KeysPane"]
