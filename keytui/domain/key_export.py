"""What is known of keys as data for others: no characters, nothing that leads to them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from enum import Enum

from keytui.domain.keys import KeyRecord
from keytui.domain.redaction import redact

_INNER = ("id", "vault_entry", "locator")
"""Where the characters are to be found is nobody else's business; a command may even hold some."""


def metadata(records: Sequence[KeyRecord], now: datetime) -> str:
    """All keys as JSON: names, addresses, dates, caps. Whatever looks like a key in a text is taken out."""
    keys = [
        {field.name: _plain(getattr(record, field.name)) for field in fields(record) if field.name not in _INNER}
        for record in records
    ]
    return json.dumps({"exported": now.isoformat(), "keys": keys}, ensure_ascii=False, indent=2) + "\n"


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return redact(value) if isinstance(value, str) else value
