"""Choosing the models that are asked at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList

from keytui.domain.keys import KeyRecord
from keytui.tui.dialogs.choose import Choice
from keytui.tui.dialogs.models import ModelsDialog
from keytui.tui.services import Services


class CompareDialog(ModelsDialog):
    """Models are marked with tab; enter asks those that are marked. It answers any of them: ``marked`` has all."""

    TITLE_TEXT: ClassVar[str] = "Ask several models"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "mark", "mark", id="mark"),
    ]

    def __init__(self, services: Services, key: KeyRecord, current: str, *, there: Sequence[str], most: int) -> None:
        """``there`` are the models whose answers stand there already, ``most`` how many answers there may be in all."""
        super().__init__(services, key, current)
        self._there, self._most = tuple(there), most - len(there)
        self.marked: list[str] = [] if there else [current]
        """The models to ask, in the order in which they were marked."""

    def row(self, choice: Choice[str], width: int) -> Content:
        """A box before each model, filled where it is marked."""
        sign = f"{self.marked.index(choice.value) + 1 + len(self._there)}" if choice.value in self.marked else " "
        return Content.assemble((f"[{sign}] ", "bold $accent"), super().row(choice, width - 4))

    @property
    def note(self) -> str:
        """How it is done."""
        beside = f", beside {self._there[0]}'s answer" if self._there else ""
        return f"tab marks, up to {self._most}; enter asks them{beside}. {super().note}."

    def action_mark(self) -> None:
        """Mark the model at the cursor, or take its mark away."""
        options = self.query_one(OptionList)
        at = options.highlighted
        if at is None or at >= len(self.listed):
            return
        model = self.listed[at].value
        if model in self.marked:
            self.marked.remove(model)
        elif len(self.marked) < self._most:
            self.marked.append(model)
        self.draw_rows()

    def take(self, choice: Choice[str]) -> None:
        """Ask what is marked; the model at the cursor where nothing is."""
        self.marked = self.marked or [choice.value]
        super().take(choice)
