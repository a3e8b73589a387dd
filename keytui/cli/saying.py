"""What a command says: words to standard error, data to standard output."""

from __future__ import annotations

import json
import sys


def say(text: str) -> None:
    """A sentence to standard error."""
    sys.stderr.write(f"keytui: {text}\n")


def give(data: object) -> None:
    """Data to standard output, as JSON."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
