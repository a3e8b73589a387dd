"""An explanation as lines of plain text."""

from __future__ import annotations

from keytui.cli.backstage import Backstage
from keytui.domain.explanations import TEXTS
from keytui.domain.setup import SUGGESTED_MESSAGE, Progress
from keytui.domain.troubles.pages import address


async def explained(services: Backstage, topic: str, progress: Progress) -> list[str]:
    """Title, text and page; for tokens also the user's own message, each token in brackets."""
    why = TEXTS[topic]
    lines = ["", why.title]
    for line in why.whole.replace("**", "").replace("*", "").replace("`", "").splitlines():
        # A paragraph is broken where the source is, a list where its items are.
        if line.startswith("- ") or not line or not lines[-1] or len(lines) == 2:
            lines.append(line)
        else:
            lines[-1] += f" {line}"
    if topic == "tokens":
        message = progress.habit.message or SUGGESTED_MESSAGE
        pieces = await services.pieces(message, progress.plan.default_model)
        shown = "".join(f"[{piece.decode(errors='replace')}]" for _, piece in pieces)
        lines += [f"Yours has {len(pieces)} tokens: {shown}"]
    others = ", ".join(f"“why {name}”" for name in TEXTS if name != topic)
    return [*lines, f"More: {address(why.page)}", f"Others: {others}.", ""]
