"""The characters of a key, for a moment."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from keytui.domain.secrets import Secret


class Revealed(Widget):
    """Shows a secret until it is told to ``hide``. Pictures of the screen show dots in its place."""

    ALLOW_SELECT = False

    def __init__(self, secret: Secret) -> None:
        super().__init__(classes="secret")
        self._secret: Secret | None = secret

    def hide(self) -> None:
        """Forget the characters."""
        self._secret = None
        self.refresh()

    def render(self) -> Content:
        """The characters, cut where the line ends: a key has no place to break at."""
        if self._secret is None:
            return Content("")
        width = max(10, self.content_size.width)
        if self.app.taking_picture:  # type: ignore[attr-defined]
            return Content(_in_lines("•" * len(self._secret), width))
        return Content.styled(_in_lines(self._secret.reveal(), width), "bold")

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many lines as the characters take."""
        return max(1, -(-len(self._secret or "") // max(10, width)))


def _in_lines(text: str, width: int) -> str:
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))
