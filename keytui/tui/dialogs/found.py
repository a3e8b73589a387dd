"""Choosing among the keys that lie on this machine."""

from __future__ import annotations

from typing import ClassVar

from keytui.domain.found import FoundKey
from keytui.tui.dialogs.choose import ChooseDialog


class FoundDialog(ChooseDialog[FoundKey]):
    """Keys of the environment, of ``.env``, and of other programs' usual files."""

    TITLE_TEXT: ClassVar[str] = "Import a key"
    EMPTY_TEXT: ClassVar[str] = (
        "No key was found in the environment, in .env of this folder, or in other programs' files. "
        "Go back with esc; a adds a key that you paste."
    )
