"""The command palette, also in a terminal that has no room for it.

textual 8.2.8: ``OptionList`` looks up the row of an option that it has not laid out, and ends the app, when a page key
is pressed while it has no size. The palette hands its keys to the list through ``_action_command_list``.
"""

from __future__ import annotations

from textual.command import CommandList, CommandPalette


class Palette(CommandPalette):
    """A ``CommandPalette`` that is opened as Textual's own is."""

    CSS_PATH = "palette.tcss"

    def _action_command_list(self, action: str) -> None:
        found = self.query_one(CommandList)
        # Some may have a row while those that came since have none.
        if (found.highlighted or 0) in found._index_to_line:
            super()._action_command_list(action)
