"""Instructions and parameters of a conversation."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Label, Static

from keytui.domain.chat_settings import EFFORTS, PRESETS, TIERS, VERBOSITIES, Unfit, parameters_from
from keytui.domain.conversations import Conversation
from keytui.tui.dialogs.dialog import EntryDialog

FIELDS = (
    ("instructions", "instructions", "what holds for every answer"),
    ("effort", "effort", " ".join(EFFORTS)),
    ("max_output", "longest answer", "tokens, reasoning included"),
    ("temperature", "temperature", "0 steady … 2 wild; few newer models take it"),
    ("tier", "service tier", " ".join(TIERS)),
    ("verbosity", "verbosity", " ".join(VERBOSITIES)),
)
"""Id, label and hint of each line; an empty one leaves the platform's own."""


class ChatSettingsDialog(EntryDialog[Conversation]):
    """A line for each; ctrl+r goes through the ready-made sets. Enter takes all, escape changes nothing."""

    HELP = """
    # This conversation

    - **Instructions** are sent before every message, and counted with it.
    - **Effort** is how long a reasoning model thinks before it answers. Thinking is paid as output.
    - **Longest answer** ends an answer at so many tokens, thinking included. It is also what “up to” is counted from.
    - **Temperature**: 0 gives nearly the same answer each time, higher values surprise more.
    - **Service tier**: `flex` is slower at half the price, `priority` faster at a higher one.
    - **Verbosity** is how much the answer says.

    What a model does not take is left out, and said.
    """
    CSS_PATH = "dialogs.tcss"
    DEFAULT_CSS = """
    ChatSettingsDialog {
        .field { height: 1; }
        .field Label { width: 17; color: $dim; }
        .field Input { width: 1fr; margin: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "preset", "preset", id="preset"),
    ]

    def __init__(self, head: Conversation, model: str, refused: frozenset[str]) -> None:
        """``refused`` are the fields that the server does not take for this model."""
        super().__init__()
        self._head, self._model, self._refused = head, model, refused
        self._preset = -1

    def compose(self) -> ComposeResult:
        """The lines, what there is to say, two buttons."""
        with Vertical(id="dialog"):
            yield Static("This conversation", id="title", markup=False)
            for name, label, hint in FIELDS:
                with Horizontal(classes="field"):
                    yield Label(label, markup=False)
                    placeholder = f"{self._model} does not take it" if name in self._refused else hint
                    line = Input(self._value(name), placeholder=placeholder, compact=True, id=name)
                    line.cursor_blink = False
                    yield line
            yield Static("", id="note", markup=False)
            with Horizontal(classes="actions"):
                yield Button("Cancel", id="keep", compact=True)
                yield Button("Save", id="go", variant="primary", compact=True)

    def on_mount(self) -> None:
        """The first line takes the keys."""
        self.query(Input).first().focus()
        self._say("An empty line leaves the platform's own. ctrl+r goes through ready-made sets.")

    def _say(self, sentence: str, style: str = "$dim") -> None:
        self.query_one("#note", Static).update(Content.styled(sentence, style))

    def _value(self, name: str) -> str:
        if name == "instructions":
            return self._head.instructions
        value = getattr(self._head.parameters, name)
        return "" if value is None else str(value)

    def action_preset(self) -> None:
        """Fill the lines with the next ready-made set."""
        self._preset = (self._preset + 1) % len(PRESETS)
        preset = PRESETS[self._preset]
        for name, _, _ in FIELDS:
            value = preset.instructions if name == "instructions" else getattr(preset.parameters, name)
            self.query_one(f"#{name}", Input).value = "" if value is None else str(value)
        self._say(f"{preset.name}: {preset.says}")

    def take(self) -> None:
        """See ``EntryDialog``."""
        values = {name: self.query_one(f"#{name}", Input).value for name, _, _ in FIELDS}
        try:
            parameters = parameters_from(values)
        except Unfit as why:
            self._say(str(why), "$error")
            self.query_one(f"#{why.field}", Input).focus()
            return
        self.dismiss(replace(self._head, instructions=values["instructions"].strip(), parameters=parameters))
