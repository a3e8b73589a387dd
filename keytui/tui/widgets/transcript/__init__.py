"""The conversation on the screen: ``Transcript``, and ``Shown``, the value it is fed with."""

from keytui.tui.widgets.transcript.shown import Shown
from keytui.tui.widgets.transcript.transcript import Transcript
from keytui.tui.widgets.transcript.warming import warm

__all__ = ["Shown", "Transcript", "warm"]
