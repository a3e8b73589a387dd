"""The screen of an explanation; the one about tokens shows the user's own text, coloured by token."""

from __future__ import annotations

from itertools import cycle
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.style import Style
from textual.widgets import Markdown, Static

from keytui.domain.explanations import TEXTS
from keytui.domain.setup import SUGGESTED_MESSAGE, Progress
from keytui.domain.troubles.pages import address
from keytui.tui.services import Services

ORDER = tuple(TEXTS)

LOOKS = ("on $accent 30%", "on $secondary 30% underline", "on $warning 30%", "on $secondary 30% underline")
"""How tokens are told apart; every second one is underlined, for eyes and terminals without colours."""

PLAIN_LOOKS = ("reverse", "underline")
"""The same in the terminal's own colours, which cannot be mixed."""


class WhyScreen(ModalScreen[None]):
    """One explanation at a time; left and right turn to the others."""

    CSS_PATH = "why.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,f1,question_mark", "close", "close", key_display="esc"),
        Binding("left", "turn(-1)", "other"),
        Binding("right", "turn(1)", "other"),
    ]

    def __init__(self, services: Services, topic: str, progress: Progress | None = None) -> None:
        """``topic`` is a name in ``texts``; of ``progress`` the user's own message is shown as tokens."""
        super().__init__()
        self.services = services
        self._topic = topic
        self._text = (progress.habit.message if progress else "") or SUGGESTED_MESSAGE
        self._model = progress.plan.default_model if progress else "gpt-6-luna"

    def compose(self) -> ComposeResult:
        """Title, text, tokens, page."""
        with Vertical(id="why-dialog"):
            yield Static("", id="why-title", markup=False)
            with VerticalScroll(id="why-place"):
                yield Markdown("", id="why-text", open_links=False)
                yield Static("", id="why-tokens", markup=False)
            yield Static("", id="why-page", markup=False)
            yield Static("esc closes   ←→ other explanations", id="why-keys", markup=False)

    async def on_mount(self) -> None:
        """Show the topic that was asked for."""
        if getattr(self.app, "ascii_only", False):
            self.query_one("#why-keys", Static).update("esc closes   left and right: other explanations")
        await self._show()
        self.query_one("#why-place").focus()

    async def _show(self) -> None:
        why = TEXTS[self._topic]
        page = address(why.page)
        number = f"{ORDER.index(self._topic) + 1} of {len(ORDER)}"
        self.query_one("#why-title", Static).update(
            Content.assemble((why.title, "bold $accent"), (f"   {number}", "$dim"))
        )
        await self.query_one("#why-text", Markdown).update(why.whole)
        self.query_one("#why-page", Static).update(Content.styled(page, Style(link=page)).stylize("$accent"))
        tokens = self.query_one("#why-tokens", Static)
        tokens.display = self._topic == "tokens"
        tokens.update("")
        if self._topic == "tokens":
            self._colour_tokens()

    @work(exclusive=True, description="colour a text by token")
    async def _colour_tokens(self) -> None:
        pieces = await self.services.pieces(self._text, self._model)
        looks = cycle(PLAIN_LOOKS if self.app.current_theme.ansi else LOOKS)
        parts = [Content.styled(text, look) for text, look in zip(_shown(pieces), looks, strict=False)]
        count = Content.styled(f"Yours, {len(pieces)} tokens:", "$dim")
        self.query_one("#why-tokens", Static).update(Content("\n").join([count, Content("").join(parts)]))

    def action_turn(self, by: int) -> None:
        """Another explanation."""
        self._topic = ORDER[(ORDER.index(self._topic) + by) % len(ORDER)]
        self.call_later(self._show)

    def action_close(self) -> None:
        """Back to where it was asked."""
        self.dismiss(None)


def _shown(pieces: list[tuple[int, bytes]]) -> list[str]:
    """The text of each token; a character that is cut between tokens is shown with the last of them."""
    texts, waiting = [], b""
    for _, piece in pieces:
        waiting += piece
        try:
            texts.append(waiting.decode())
            waiting = b""
        except UnicodeDecodeError:
            texts.append("")
    return texts
