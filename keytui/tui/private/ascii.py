"""Every cell of the screen in ASCII, for locales that can show nothing else.

This is the last thing that happens before a cell is written, so that no border, mark or answer can be forgotten.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_SIGNS = (
    (".", "·…‥∙⋅░▖▗◌。"),
    ("'", "‘’‚‛′`´"),
    ('"', "“”„‟″«»"),
    ("-", "–—―‐‑‒−─━┄┅┈┉╌╍═╴╶╸╺╼╾▔▀"),
    ("|", "│┃┆┇┊┋╎╏║╵╷╹╻╽╿▌▍▎▏▕▐▊▉"),
    ("_", "▁▂▃▄"),
    ("#", "▅▆▇█▓▒▙▚▛▜▞▟▘▝"),
    ("*", "•●◆■▪★☆◉"),
    ("o", "◦○◯□◇"),
    ("+", "✓✔"),
    ("x", "✗✘×╳"),
    (">", "→›▶▸►❯≥⇒⏵"),
    ("<", "←‹◀◂◄❮≤⇐⏴"),
    ("^", "↑▲▴⇑"),
    ("v", "↓▼▾⇓"),
    ("/", "╱⁄"),
    ("\\", "╲"),
    ("~", "≈∼〜"),
    ("u", "µμ"),
    ("E", "€"),
    ("L", "£"),
    ("Y", "¥"),
)

_LETTERS = {sign: letter for letter, signs in _SIGNS for sign in signs}
_BOX = range(0x2500, 0x2580)
_BRAILLE = range(0x2800, 0x2900)


@lru_cache(maxsize=4096)
def ascii_cells(cluster: str, cells: int) -> tuple[str, ...]:
    """What stands for a character (with all that is combined with it) in so many cells, one ASCII character each.

    Letters lose their accents, frames become ``+-|``, bars ``#``; what has no likeness is a question mark.
    """
    return (_letter(cluster[0]), *(" " * (cells - 1)))


def _letter(character: str) -> str:
    if character.isascii():
        return character
    if known := _LETTERS.get(character):
        return known
    code = ord(character)
    if code in _BOX:
        return "+"
    if code in _BRAILLE:
        return ":" if code > _BRAILLE.start else " "
    if character.isspace():
        return " "
    first = unicodedata.normalize("NFKD", character)[0]
    return first if first.isascii() and first.isprintable() else "?"
