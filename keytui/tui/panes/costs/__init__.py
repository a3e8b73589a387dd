"""The costs: what was spent, by what, and why the platform says otherwise."""

from __future__ import annotations

from keytui.tui.panes.costs.pane import CostsPane

__all__ = ["CostsPane"]
