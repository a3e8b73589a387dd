"""The playground: a draft with its figures, and conversations with one model or several.

``PlaygroundPane`` is built in layers, each a class on the one before: ``drafting`` (what is typed, and its figures),
``conversing`` (what was said, kept), ``hearing`` (the answers that come), ``asking`` (what goes out), ``comparing``
(several models).
"""

from __future__ import annotations

from keytui.tui.panes.playground.pane import PlaygroundPane

__all__ = ["PlaygroundPane"]
