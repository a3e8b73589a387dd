"""The parameters that each page knows; anything else is refused. They are listed in ``fields.json``."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files


@cache
def fields(page: str) -> frozenset[str]:
    """The names of a page's parameters: ``chat``, ``responses`` or ``input_tokens``."""
    return frozenset(json.loads(files(__package__).joinpath("fields.json").read_text("utf-8"))[page])
