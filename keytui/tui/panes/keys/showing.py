"""The verbs that let the characters of a key, or what is known of keys, out of keytui."""

from __future__ import annotations

from keytui.domain.key_export import metadata
from keytui.domain.keys import KeyRecord
from keytui.tui.dialogs.edit_key import FileDialog
from keytui.tui.dialogs.reveal import RevealDialog
from keytui.tui.panes.keys.on_clipboard import OnClipboard
from keytui.tui.panes.pane import Pane


async def reveal(pane: Pane, record: KeyRecord) -> None:
    """Show the characters for ten seconds. Raises ``VaultTrouble``."""
    if pane.app.is_inline:
        # Inline, what was drawn stays in the terminal's own history.
        pane.notify("Shown only in full screen, where nothing stays behind.", severity="warning", timeout=5)
        return
    await pane.app.push_screen_wait(RevealDialog(record.name, await pane.services.keys.secret(record)))


async def export(pane: Pane, record: KeyRecord) -> None:
    """Write what is known of all keys to a file: no characters."""
    note = "JSON: names, addresses, dates, caps. No key's characters, and nothing that leads to them."
    path = await pane.app.push_screen_wait(FileDialog("Export what is known of keys", "keytui-keys.json", note=note))
    if path is None:
        return
    text = metadata(pane.services.keys.records(), pane.services.now())
    try:
        written = await pane.services.export(path, text)
    except FileExistsError:
        pane.notify("There is a file of that name: choose another one.", severity="warning", markup=False, timeout=8)
    except OSError as error:
        said = f"The file cannot be written ({error.strerror or error}): choose another folder."
        pane.notify(said, severity="warning", markup=False, timeout=8)
    else:
        pane.notify(f"Written to {written}.", markup=False, timeout=8)


async def copy(pane: Pane, record: KeyRecord) -> None:
    """Copy the characters, and say how far that can be told. Raises ``VaultTrouble``."""
    secret = await pane.services.keys.secret(record)
    words = await pane.query_one(OnClipboard).copy(record, secret)
    pane.notify(words, markup=False, timeout=8)
