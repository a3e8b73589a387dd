"""What can be done with keys: the verbs, each in a module of its own that is loaded when it is first used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from importlib import import_module
from typing import ClassVar, cast

from textual import on, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from keytui.domain.chat import Refused
from keytui.domain.keys import KeyRecord, StoreUnreadable, VaultTrouble
from keytui.tui.messages import KeysChanged, SetupWanted
from keytui.tui.panes.keys.on_clipboard import OnClipboard
from keytui.tui.panes.keys.view import KeysView
from keytui.tui.panes.keys.words import COMMANDS, HELP
from keytui.tui.panes.pane import Pane

VERBS = {
    "verify": "checking",
    "edit": "changing",
    "move": "changing",
    "forget": "changing",
    "rotate": "rotating",
    "reveal": "showing",
    "copy": "showing",
    "export": "showing",
}
"""The verbs, and the module of each; it is imported when the verb is first used."""

Verb = Callable[[Pane, KeyRecord], Awaitable[KeyRecord | None]]
"""Does something with a key; answers its record when that changed. Raises ``VaultTrouble`` and ``StoreUnreadable``."""

_NEED_A_KEY = ("use", "do", "review")


class KeysPane(KeysView):
    """The keys, and what can be done with each."""

    HELP = HELP
    WHY = "safe"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "keep_copied", "keep copied", tooltip="Leave the key on the clipboard.", id="keep-copied"),
        Binding("l", "unlock", "unlock", tooltip="Open the encrypted file.", id="unlock"),
        Binding("a", "add", "add", tooltip="Add a key you have.", id="add-key"),
        Binding("v", "do('verify')", "verify", tooltip="Check this key, stage by stage.", id="verify-key"),
        Binding("u", "use", "use", tooltip="Make this the key in use; enter does the same.", id="use-key"),
        Binding("e", "do('edit')", "edit", tooltip="Name, model, cap, address, dates.", id="edit-key"),
        Binding("r", "do('rotate')", "rotate", tooltip="Let a new key take over this one's name.", id="rotate-key"),
        Binding(
            "d,delete", "do('forget')", "forget", key_display="d", tooltip="Delete this key here.", id="forget-key"
        ),
        Binding("w", "review", "review", tooltip="Look for what should be changed.", id="review-keys"),
        Binding("c", "do('copy')", "copy", tooltip="Copy the characters.", id="copy-key"),
        Binding("s", "do('reveal')", "show", tooltip="Show the characters for ten seconds.", id="show-key"),
        Binding("m", "do('move')", "move", tooltip="Keep this key in another place.", id="move-key"),
        Binding("i", "take_up", "import", tooltip="Import a key that is on this machine.", id="import-key"),
        Binding("o", "organization", "organisation", tooltip="All of it, by admin key.", id="organization"),
        Binding("x", "do('export')", "export", tooltip="Write what is known of keys to a file.", id="export-keys"),
        Binding("W", "review(True)", "review files", show=False, id="review-files"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What needs a key works only when there is one."""
        if action == "keep_copied":
            return self.is_mounted and any(clipboard.counting for clipboard in self.query(OnClipboard))
        if action == "unlock":
            return self.locked
        return bool(self.records) if action in _NEED_A_KEY else True

    def action_add(self) -> None:
        """Open set-up, where a key is pasted, checked and kept."""
        self.post_message(SetupWanted(at="key"))

    @on(DataTable.RowSelected)
    def _row_selected(self) -> None:
        self.action_use()

    def action_use(self) -> None:
        """Make the highlighted key the one in use."""
        record = self.highlighted
        if record is None:
            return
        try:
            self.services.keys.activate(record.id)
        except (VaultTrouble, StoreUnreadable) as trouble:
            self.complain(trouble)
            return
        self.post_message(KeysChanged(record))
        self.notify(f"{record.name} is the key in use now.", markup=False, timeout=3)

    @work(group="verb", description="do something with a key")
    async def action_do(self, verb: str) -> None:
        """Do something with the highlighted key, and tell what came of it."""
        record = self.highlighted
        if record is None:
            return
        module = import_module(f"keytui.tui.panes.keys.{VERBS[verb]}")
        try:
            changed = await cast("Verb", getattr(module, verb))(self, record)
        except (VaultTrouble, StoreUnreadable, Refused) as trouble:
            self.complain(trouble)
            changed = None
        if changed is not None:
            self.told(changed)
        else:
            self._fill()

    @work(group="verb", description="take up a key that lies here")
    async def action_take_up(self) -> None:
        """Look for keys on this machine, and offer them."""
        from keytui.tui.panes.keys.taking import take_up

        try:
            record = await take_up(self)
        except (VaultTrouble, StoreUnreadable) as trouble:
            self.complain(trouble)
            return
        if record is not None:
            self.told(record)

    @work(group="verb", description="open the organisation")
    async def action_organization(self) -> None:
        """Open the organisation, with an admin key."""
        from keytui.tui.panes.keys.organizing import organization

        try:
            await organization(self, self.highlighted)
        except (VaultTrouble, StoreUnreadable) as trouble:
            self.complain(trouble)

    @work(group="verb", exclusive=True, description="review all keys")
    async def action_review(self, files: bool = False) -> None:
        """Look for what should be changed about any key; ``files``: also where other programs and shells keep keys."""
        from keytui.tui.panes.keys.reviewing import look_over

        try:
            self.findings = await look_over(self, files=files)
        except (VaultTrouble, StoreUnreadable) as trouble:
            self.complain(trouble)
        self._fill()

    @work(group="verb", description="open the encrypted file")
    async def action_unlock(self) -> None:
        """Open the encrypted file."""
        from keytui.tui.dialogs.passphrase import open_file

        if await open_file(self.app, self.services.keys):
            for sentence in await self.services.keys.heal():
                self.notify(sentence, markup=False, timeout=15)
            self.told(self.highlighted)

    def action_keep_copied(self) -> None:
        """Leave the copied key on the clipboard."""
        self.query_one(OnClipboard).keep()

    def commands(self) -> Iterable[SystemCommand]:
        """The palette's commands of this pane."""
        yield SystemCommand("Add a key", "Paste a key; it is checked and kept", self.action_add)
        yield SystemCommand("Organisation", "All projects and keys, by admin key", self.action_organization)
        yield SystemCommand("Import a key", "Import a key that is on this machine", self.action_take_up)
        record = self.highlighted
        if record is None:
            return
        yield SystemCommand("Review the keys", "Look for what should be changed", self.action_review)
        files = partial(self.action_review, True)
        yield SystemCommand("Review the keys and files", "Also where other programs and shells keep keys", files)
        for verb, (title, what) in COMMANDS.items():
            yield SystemCommand(title.format(record.name), what, partial(self.action_do, verb))
