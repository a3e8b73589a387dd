"""Where the draft is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from keytui.tui.private.text_area import FastTextArea


class Composer(FastTextArea):
    """The draft's field: it grows with its text from three rows to eight; enter sends, ctrl+j starts a new line.

    It empties itself never: whoever handles ``Submitted`` calls ``load_text("")`` once the draft is on its way.
    ``on_edit`` and ``on_load`` (see ``FastTextArea``) tell of every change while it happens, so that a counter painted
    from there is in the same frame as the character.
    """

    HELP = """
    ### Draft

    Write your message here. **enter** sends it, **ctrl+j** starts a new line; pasted text keeps its lines.
    **ctrl+z** undoes, **ctrl+y** does it again. **up** in an empty draft brings back what you sent before.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "send", id="composer.send"),
        Binding(
            "ctrl+j,shift+enter,ctrl+enter,alt+enter", "new_line", "new line", key_display="^j", id="composer.line"
        ),
    ]

    DEFAULT_CSS = """
    Composer {
        height: 3;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
    }
    """

    @dataclass
    class Submitted(Message):
        """The user sends the draft, which may be empty: what that means is the handler's matter."""

        composer: Composer
        text: str

        @property
        def control(self) -> Composer:
            """The composer."""
            return self.composer

    @dataclass
    class Recall(Message):
        """The user asks for an earlier (-1) or later (+1) message; answered, if at all, by ``recall(text)``."""

        composer: Composer
        step: int

        @property
        def control(self) -> Composer:
            """The composer."""
            return self.composer

    def __init__(
        self,
        text: str = "",
        *,
        placeholder: str = "",
        rows: tuple[int, int] = (3, 8),
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own word
        classes: str | None = None,
    ) -> None:
        """Make a composer.

        Args:
            text: The draft to begin with.
            placeholder: Shown while the draft is empty.
            rows: The fewest and the most rows of text shown.
            name: See ``Widget``.
            id: See ``Widget``.
            classes: See ``Widget``.
        """
        self.rows = rows
        self._recalled: str | None = None
        super().__init__(
            text,
            placeholder=placeholder,
            compact=True,
            highlight_cursor_line=False,
            name=name,
            id=id,
            classes=classes,
        )
        self.cursor_blink = False
        self.match_cursor_bracket = False

    def recall(self, text: str) -> None:
        """Show an earlier message as the draft, ready to be edited or to be stepped past."""
        self.load_text(text)
        self.move_cursor(self.document.end)
        self._recalled = self.text

    def resized_content(self, rows: int) -> None:
        """Grow and shrink between the two limits; the screen is laid out again only when this changes."""
        fewest, most = self.rows
        self.styles.height = min(max(rows, fewest), most) + self.styles.gutter.height

    def action_submit(self) -> None:
        """Send the draft."""
        self.post_message(self.Submitted(self, self.text))

    def action_new_line(self) -> None:
        """Begin a new line at the cursor."""
        self._replace_via_keyboard("\n", *self.selection)

    def action_cursor_up(self, select: bool = False) -> None:
        """Move up; from the first row of an untouched draft, ask for the message before."""
        if select or self._cursor_offset[1] > 0 or not self._untouched():
            super().action_cursor_up(select)
        else:
            self.post_message(self.Recall(self, -1))

    def action_cursor_down(self, select: bool = False) -> None:
        """Move down; from the last row of an untouched draft, ask for the message after."""
        if select or self._cursor_offset[1] < self.wrapped_document.height - 1 or not self._untouched():
            super().action_cursor_down(select)
        else:
            self.post_message(self.Recall(self, 1))

    def _untouched(self) -> bool:
        return self.selection.is_empty and (self.document.is_empty or self.text == self._recalled)
