"""Text as it may be shown: no character in it can move the cursor, change the screen or turn the reading direction."""

from __future__ import annotations

import re

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")
_DRIVING = re.compile(f"[\t\n]|{_UNSAFE.pattern}")
_PICTURES = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\u2421"}
_SURROGATE = re.compile("[\ud800-\udfff]")


def _stand_in(match: re.Match[str]) -> str:
    return _PICTURES.get(ord(match[0]), "\ufffd")


def plain(text: str) -> str:
    """The text with each unsafe character replaced by one visible character, so that columns stay what they were.

    Control characters become their pictures (␛ for escape), others the replacement character. Newlines and tabs stay.
    """
    return _UNSAFE.sub(_stand_in, text) if _UNSAFE.search(text) else text


def harmless(text: str) -> str:
    """A piece of a screen row without what terminals give no cell: the last gate before the terminal itself.

    Tabs and line ends, which have no place in a row, go too; lone surrogates, which cannot be sent, are replaced.
    """
    return _SURROGATE.sub("\ufffd", _DRIVING.sub("", text))


def one_newline(text: str) -> str:
    """The text with a line feed for every line end, and with lone surrogates replaced: what can be sent as UTF-8.

    Nothing else is altered; vertical tabs, form feeds and the separators U+2028 and U+2029 are not line ends here.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii() and _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
