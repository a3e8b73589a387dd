"""What can go wrong, what it means, and the one thing to do about it.

The table is data, in four parts: ``table_account``, ``table_key``, ``table_request`` and ``table_network``. To teach
keytui a new trouble, add a row there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keytui.domain.troubles.exit import Exit

if TYPE_CHECKING:
    from keytui.domain.troubles.recognition import explain, recognise
    from keytui.domain.troubles.trouble import Signal, Trouble

__all__ = ["Exit", "Signal", "Trouble", "explain", "recognise"]


def __getattr__(name: str) -> Any:
    """All but ``Exit`` is loaded when it is first used: no trouble is wanted before the first frame."""
    if name in ("Signal", "Trouble"):
        from keytui.domain.troubles import trouble

        return getattr(trouble, name)
    if name in ("recognise", "explain"):
        from keytui.domain.troubles import recognition

        return getattr(recognition, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
