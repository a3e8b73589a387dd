"""A key of CMD's own that goes before the one in its environment, so that handing that over would be in vain."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

_FOLDER = "io.datasette.llm"
_ALIAS = "openai"
"""The name under which llm looks for OpenAI's key before it looks at OPENAI_API_KEY (measured with llm 0.36)."""


def llm_has_its_own(around: Mapping[str, str]) -> str:
    """What to say when the llm tool keeps an OpenAI key; empty when it does not, or nobody can tell."""
    home = Path(around.get("HOME") or Path.home())
    below = "Library/Application Support" if sys.platform == "darwin" else ".config"
    file = Path(around.get("LLM_USER_PATH") or home / below / _FOLDER) / "keys.json"
    try:
        kept = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return ""
    if not isinstance(kept, dict) or not kept.get(_ALIAS):
        return ""
    return f"llm uses the key in {file} and not the one handed over: take “{_ALIAS}” out of that file first."
