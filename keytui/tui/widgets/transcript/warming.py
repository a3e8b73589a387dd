"""What the first answer needs, imported before it comes."""

from __future__ import annotations


def warm() -> None:
    """Import the Markdown parser and the usual lexers; for a thread, after the first frame."""
    import keytui.tui.widgets.transcript.markdown  # noqa: F401
    from keytui.tui.widgets.transcript.blocks import blocks
    from keytui.tui.widgets.transcript.code import pieces

    blocks("**a** `b`\n\n| a |\n|---|\n| b |\n")
    for language in ("python", "bash", "json"):
        pieces(language, "x = 1\n")
