"""What in a text must not be sent without a decision: keys of any vendor, and what guards as much as a key does."""

from __future__ import annotations

import re

from keytui.domain.shapes import Sighting, looks_like_secret

_PRIVATE = re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY")
_TOKEN = re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")
"""A signed token: two pieces of JSON in base64, and a signature."""
_GIVEN = re.compile(
    r"(?:api_?key|secret(?:_?access)?_?key|client_?secret|(?:access|auth)_?token)[\"']?\s{0,3}[=:]\s{0,3}[\"']?"
    r"(?P<value>[A-Za-z0-9/+=_-]{20,})",
    re.IGNORECASE,
)
"""The value of a setting whose name says what it is: many vendors' keys have no beginning of their own."""


def secrets_in(text: str) -> list[Sighting]:
    """The pieces of a text that look secret, those with a vendor's shape first.

    Time grows with the length of the text alone.
    """
    found = looks_like_secret(text)
    found += [Sighting(*seen.span(), "a private key") for seen in _PRIVATE.finditer(text)]
    found += [Sighting(*seen.span(), "a signed token") for seen in _TOKEN.finditer(text)]
    given = (seen for seen in _GIVEN.finditer(text) if _looks_made(seen["value"]))
    return found + [Sighting(*seen.span("value"), "a key under its name") for seen in given]


def _looks_made(value: str) -> bool:
    """Whether a machine made this, and it is neither a placeholder nor the name of a variable."""
    digits = sum(map(str.isdigit, value))
    mixed = not (value.islower() or value.isupper())
    return len(set(value)) >= 8 and 0 < digits < len(value) and (digits >= 3 or mixed)
