"""Setting and changing caps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from keytui.domain.caps import SETTINGS, Scope
from keytui.domain.chat import Refused
from keytui.domain.keys import KeyRecord, StoreUnreadable, VaultTrouble
from keytui.domain.money import dollars, plain
from keytui.domain.settings import Settings, SettingsStore, written_amount
from keytui.domain.spend_limits import SpendLimit
from keytui.tui.dialogs.dialog import EntryDialog

ABOUT = "In USD. keytui sends nothing that could go over a cap; at a warning it says so, once."
PLATFORM = "The platform's own spend limits hold for every program. f5 reads them, with an admin key."
OURS, THEIRS = "keytui's own", "The platform's own, a month"
_LABELS = {
    Scope.DAY: "each day",
    Scope.MONTH: "each month",
    Scope.PROJECT: "each project, a month",
    Scope.CONVERSATION: "each conversation",
}


ReadLimits = Callable[[bool], Awaitable[tuple[SpendLimit, ...] | None]]
"""Reads the platform's limits; asks for an admin key only if told to. None where there is none."""


@dataclass(frozen=True, slots=True)
class Caps:
    """All caps as they are to be."""

    settings: Settings
    key_cap: Decimal | None
    """The cap of the key that was shown."""


class CapsDialog(EntryDialog[Caps]):
    """A line for each scope: what was spent, where to warn, where to refuse. Enter saves, escape changes nothing."""

    WHY = "bill"
    HELP = """
    # Caps

    A **cap** is keytui's own limit on spend. A message that could go over it is not sent, counted with the longest
    answer that it may bring. A **warning** only says so, once.

    - Caps hold for what keytui sends, and for programs that ask through its metering proxy.
    - The platform's **spend limits** hold for every program that has a key, with some delay. They are set by **o** in
      the Keys pane, with an admin key.
    - An empty line means none.
    """
    CSS_PATH = "dialogs.tcss"
    DEFAULT_CSS = """
    CapsDialog {
        .cap-line { height: 1; }
        .cap-line .name { width: 1fr; height: 1; }
        .cap-line .spent { width: 10; height: 1; text-align: right; margin-right: 2; }
        .cap-line .amount { width: 13; height: 1; margin-right: 1; }
        .about { color: $dim; margin-bottom: 1; &:ansi { text-style: dim; } }
        .head { text-style: bold; }
        #platform { height: auto; margin-top: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "look", "the platform's limits", id="platform-limits"),
    ]

    def __init__(
        self,
        store: SettingsStore,
        settings: Settings,
        key: KeyRecord | None,
        spent: Mapping[Scope, Decimal],
        *,
        platform: ReadLimits,
    ) -> None:
        """``spent``: USD so far, by scope; ``platform``: reads the platform's own limits."""
        super().__init__()
        self._store, self._settings, self._key, self._spent = store, settings, key, spent
        self._read = platform

    def compose(self) -> ComposeResult:
        """The words, the lines, what cannot be taken, two buttons."""
        with Vertical(id="dialog"):
            yield Static("Caps", id="title", markup=False)
            yield Static(ABOUT, classes="about", markup=False)
            with Horizontal(classes="cap-line"):
                yield Static(OURS, classes="name head", markup=False)
                yield Static("so far", classes="spent dim", markup=False)
                yield Static("warn at", classes="amount dim", markup=False)
                yield Static("refuse above", classes="amount dim", markup=False)
            for scope, (cap, warning) in SETTINGS.items():
                if scope is Scope.PROJECT and self._key is not None:
                    yield self._key_line(self._key)
                yield self._line(_LABELS[scope], scope, self._field(warning), self._field(cap))
            with Vertical(id="platform"):
                yield Static(PLATFORM, classes="dim", markup=False)
            yield Static("", id="note", markup=False)
            with Horizontal(classes="actions"):
                yield Button("Cancel", id="keep", compact=True)
                yield Button("Save", id="go", variant="primary", compact=True)

    def _line(self, label: str, scope: Scope, warning: Input, cap: Input) -> Horizontal:
        spent = dollars(self._spent[scope]) if scope in self._spent else ""
        return Horizontal(
            Static(label, classes="name", markup=False),
            Static(spent, classes="spent", markup=False),
            warning,
            cap,
            classes="cap-line",
        )

    def _key_line(self, key: KeyRecord) -> Horizontal:
        own = Input(_written(key.monthly_cap), placeholder="no cap", compact=True, id="key_cap")
        own.cursor_blink = False
        return self._line(f"{key.name}, each month", Scope.KEY, self._field("key_warning", "no warning"), own)

    def _field(self, name: str, nothing: str = "") -> Input:
        """The line of a setting; what the environment or a flag said cannot be changed here."""
        said = self._store.source(name)
        fixed = said in ("environment", "flag")
        nothing = f"by {said}" if fixed else nothing or ("no warning" if name.endswith("warning") else "no cap")
        line = Input(_written(getattr(self._settings, name)), placeholder=nothing, compact=True, id=name)
        line.cursor_blink = False
        line.disabled = fixed
        return line

    def on_mount(self) -> None:
        """The month's cap is what most people come for."""
        wanted = self.query_one("#monthly_cap", Input)
        (self.query("Input").exclude(":disabled").first() if wanted.disabled else wanted).focus()
        self._look(ask=False)

    def action_look(self) -> None:
        """Read the platform's own limits, asking for an admin key if there is none."""
        self._look(ask=True)

    @work(group="platform", exclusive=True, description="read the platform's limits")
    async def _look(self, *, ask: bool) -> None:
        platform = self.query_one("#platform", Vertical)
        try:
            limits = await self._read(ask)
        except (Refused, StoreUnreadable, VaultTrouble) as trouble:
            said = f"{trouble.trouble.title} {trouble.trouble.remedy}" if isinstance(trouble, Refused) else str(trouble)
            limits, failed = None, Static(Content.styled(said, "$error"))
            await platform.remove_children()
            await platform.mount(failed)
        if limits is None:
            return
        head = Horizontal(
            Static(THEIRS, classes="name head", markup=False),
            Static("counted", classes="spent dim", markup=False),
            Static("", classes="amount"),
            Static("limit", classes="amount dim", markup=False),
            classes="cap-line",
        )
        await platform.remove_children()
        await platform.mount(head, *map(_limit_line, limits))

    def take(self) -> None:
        """See ``EntryDialog``."""
        amounts: dict[str, Decimal | None] = {}
        for line in self.query(Input):
            assert line.id is not None
            if line.disabled:
                continue
            try:
                amounts[line.id] = written_amount(line.value)
            except ValueError as refusal:
                sentence = f"“{line.value}”: it {refusal}; an empty line means none."
                self.query_one("#note", Static).update(Content.styled(sentence, "$error"))
                line.focus()
                return
        key_cap = amounts.pop("key_cap", None)
        self.dismiss(Caps(replace(self._settings, **amounts), key_cap))  # type: ignore[arg-type]


def _limit_line(limit: SpendLimit) -> Horizontal:
    share = f" ({limit.spent / limit.amount * 100:,.0f} %)" if limit.amount else ""
    amount = "none" if limit.amount is None else f"{dollars(limit.amount)}{share}"
    return Horizontal(
        Static(limit.name, classes="name", markup=False),
        Static(dollars(limit.spent), classes="spent", markup=False),
        Static("", classes="amount"),
        Static(amount, classes="amount", markup=False),
        classes="cap-line",
    )


def _written(amount: Decimal | None) -> str:
    return "" if amount is None else plain(amount)
