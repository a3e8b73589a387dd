"""Setting and changing caps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from keytui.domain.caps import SETTINGS, Scope
from keytui.domain.keys import KeyRecord
from keytui.domain.money import dollars, plain
from keytui.domain.settings import Settings, SettingsStore, accepted

ABOUT = (
    "Above a cap keytui does not send, worst case counted; at a warning it tells you, once. Both are keytui's own, "
    "kept on this machine: they hold for what keytui sends, in USD."
)
PLATFORM = (
    "Other programs are held by the platform's spend limit alone, which belongs to the project there "
    "(platform.openai.com, Settings, Limits)."
)
_LABELS = {
    Scope.DAY: "each day",
    Scope.MONTH: "each month",
    Scope.PROJECT: "each project, a month",
    Scope.CONVERSATION: "each conversation",
}


@dataclass(frozen=True, slots=True)
class Caps:
    """All caps as they are to be."""

    settings: Settings
    key_cap: Decimal | None
    """The cap of the key that was shown."""


class CapsDialog(ModalScreen[Caps | None]):
    """A line for each scope: what was spent, where to warn, where to refuse. Enter saves, escape changes nothing."""

    CSS_PATH = "dialogs.tcss"
    DEFAULT_CSS = """
    CapsDialog {
        .cap-line { height: 1; }
        .cap-line .name { width: 1fr; height: 1; }
        .cap-line .spent { width: 11; height: 1; text-align: right; margin-right: 2; }
        .cap-line .amount { width: 15; height: 1; margin-right: 2; }
        .cap-line Input { width: 15; margin: 0 2 0 0; }
        .about { color: $dim; margin-bottom: 1; &:ansi { text-style: dim; } }
        .platform { color: $dim; margin-top: 1; &:ansi { text-style: dim; } }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", id="leave"),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(
        self,
        store: SettingsStore,
        settings: Settings,
        key: KeyRecord | None,
        spent: Mapping[Scope, Decimal],
        *,
        platform: str = "",
    ) -> None:
        """``spent``: USD so far, by scope; ``platform``: what is known of the platform's own limit, as a sentence."""
        super().__init__()
        self._store, self._settings, self._key, self._spent = store, settings, key, spent
        self._platform = platform or PLATFORM

    def compose(self) -> ComposeResult:
        """The words, the lines, what cannot be taken, two buttons."""
        with Vertical(id="dialog"):
            yield Static("Caps", id="title", markup=False)
            yield Static(ABOUT, classes="about", markup=False)
            with Horizontal(classes="cap-line"):
                yield Static("", classes="name")
                yield Static("so far", classes="spent dim", markup=False)
                yield Static("warn at", classes="amount dim", markup=False)
                yield Static("refuse above", classes="amount dim", markup=False)
            for scope, (cap, warning) in SETTINGS.items():
                if scope is Scope.PROJECT and self._key is not None:
                    yield self._key_line(self._key)
                yield self._line(_LABELS[scope], scope, self._field(warning), self._field(cap))
            yield Static(self._platform, classes="platform", markup=False)
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

    def _take(self) -> None:
        amounts: dict[str, Decimal | None] = {}
        for line in self.query(Input):
            assert line.id is not None
            if line.disabled:
                continue
            text = line.value.strip().removeprefix("$").strip()
            try:
                amounts[line.id] = accepted("monthly_cap", text) if text else None
            except ValueError as refusal:
                sentence = f"“{line.value}”: it {refusal}; an empty line means none."
                self.query_one("#note", Static).update(Content.styled(sentence, "$error"))
                line.focus()
                return
        key_cap = amounts.pop("key_cap", None)
        self.dismiss(Caps(replace(self._settings, **amounts), key_cap))  # type: ignore[arg-type]

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._take()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "go":
            self._take()
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Leave all caps as they are."""
        self.dismiss(None)


def _written(amount: Decimal | None) -> str:
    return "" if amount is None else plain(amount)
