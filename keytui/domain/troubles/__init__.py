"""What can go wrong, what it means, and the one thing to do about it.

The table is data, in four parts: ``table_account``, ``table_key``, ``table_request`` and ``table_network``. To teach
keytui a new trouble, add a row there.
"""

from keytui.domain.troubles.recognition import explain, recognise
from keytui.domain.troubles.trouble import Exit, Signal, Trouble

__all__ = ["Exit", "Signal", "Trouble", "explain", "recognise"]
