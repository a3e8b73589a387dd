"""The token view: the draft, or any message, token by token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from keytui.domain.conversations import StoredMessage
from keytui.domain.encodings import encoding_for
from keytui.domain.tokens import Exactness
from keytui.tui.dialogs.dialog import Dialog
from keytui.tui.services import Services
from keytui.tui.widgets.key_bar import KeyBar
from keytui.tui.widgets.token_rows import characters_of, look
from keytui.tui.widgets.token_view import TokenView

HOW_SURE = {
    Exactness.EXACT: "exact",
    Exactness.ASSUMED: "assumed",
    Exactness.ROUGH: "rough: the model has another one",
}
"""What is said of the encoding beside its name."""


class TokensScreen(Dialog[None]):
    """One text at a time; earlier messages are a key away."""

    CSS_PATH = "dialogs.tcss"
    HELP = """\
# Tokens

What the model reads is not letters but **tokens**: pieces of words, each with a number, its id.

- Every second token is underlined. `·` is a space, `→` a tab, `↵` a line end.
- `‹e2 9c›` is a part of a character that takes several tokens, by its bytes.
- At the left: the line's number, and its tokens.
- OpenAI has not published the vocabulary of its newest models: `o200k_base` is then **assumed**.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,ctrl+t", "leave", "back", key_display="esc", id="leave"),
        Binding("p", "text(1)", "earlier text", tooltip="The message before.", id="earlier"),
        Binding("n", "text(-1)", "later text", tooltip="The message after; the draft is the last.", id="later"),
    ]

    def __init__(
        self,
        services: Services,
        model: str,
        draft: str,
        messages: Sequence[StoredMessage],
        first: str | None = None,
    ) -> None:
        """``first``: the id of the message to begin with; without one it is the draft, or else the last message."""
        super().__init__()
        self._services, self._model = services, model
        self._draft, self._messages = draft, messages
        places = [at for at, message in enumerate(reversed(messages), 1) if message.id == first]
        self._back = places[0] if places else 0 if draft or not messages else 1
        """How many texts back from the draft the one is that is shown."""

    def compose(self) -> ComposeResult:
        """What it is, its tokens, and the token at the cursor."""
        with Vertical(id="whole"):
            yield Static("", id="head", markup=False)
            yield Static("  line tokens", classes="dim", markup=False)
            yield TokenView()
            yield Static("", id="pointed", markup=False)
            yield KeyBar()

    def on_mount(self) -> None:
        """Show the text to begin with."""
        self.query_one(TokenView).focus()
        self._show()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Earlier and later texts only where there are any."""
        if action == "text":
            step = parameters[0]
            return self._back < len(self._messages) if step == 1 else self._back > 0
        return True

    @property
    def _text(self) -> tuple[str, str]:
        """The name of the text, and the text."""
        if not self._back:
            return "Draft", self._draft
        message = self._messages[-self._back]
        return "You" if message.role == "user" else message.model or "Answer", message.text

    @work(group="pieces", exclusive=True, description="divide a text into tokens")
    async def _show(self) -> None:
        name, text = self._text
        encoding = encoding_for(self._model)
        sure, head = HOW_SURE[encoding.exactness], self.query_one("#head", Static)
        head.update(Content.assemble((name, "bold $accent"), ("  dividing into tokens …", "$dim")))
        tokens = await self._services.pieces(text, self._model)
        figures = f"  {len(tokens):,} tokens · {len(text):,} characters"
        head.update(Content.assemble((name, "bold $accent"), figures, (f"  {encoding.name}, {sure}", "$dim")))
        self.query_one(TokenView).show(tokens)
        self.refresh_bindings()

    @on(TokenView.Pointed)
    def _pointed(self) -> None:
        view = self.query_one(TokenView)
        line = self.query_one("#pointed", Static)
        if not view.tokens:
            line.update(Content.styled("There is no text here.", "$dim"))
            return
        number, piece = view.tokens[view.cursor]
        ascii_only: bool = self.app.ascii_only  # type: ignore[attr-defined]
        parts: list[tuple[str, str] | str] = [
            (f"token {view.cursor + 1:,}", "$dim"),
            "  id ",
            (str(number), "bold"),
            ("  ", ""),
            (look(piece, ascii_only=ascii_only), "$accent"),
            (f"  bytes {_bytes(piece)}", "$dim"),
        ]
        if whole := characters_of(view.tokens, view.cursor):
            parts.append((f"  a part of {whole}", "$warning"))
        line.update(Content.assemble(*parts))

    def action_text(self, step: int) -> None:
        """Show an earlier or a later text."""
        self._back += step
        self._show()

    def action_leave(self) -> None:
        """Back to the conversation."""
        self.dismiss(None)


def _bytes(piece: bytes) -> str:
    return piece.hex(" ") if len(piece) <= 16 else f"{piece[:16].hex(' ')} … ({len(piece)})"
