"""Situations to practise on: what can be wrong with a key, an account or a line, by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from keytui.servers.practice import errors
from keytui.servers.practice.errors import ApiError

CAPTIVE_PORTAL = (
    "<!DOCTYPE html><html><head><title>Sign in to the network</title></head>"
    "<body><h1>Welcome</h1><p>Please accept the terms of use to go on.</p></body></html>"
)


@dataclass(frozen=True, slots=True)
class Situation:
    """One situation. Only what it changes is set; everything else stays as it is."""

    name: str
    description: str
    refusal: str | None = None
    """The function of ``errors`` that makes the refusal."""
    everywhere: bool = False
    """Whether every page is concerned; otherwise only those that cost money."""
    streaming_only: bool = False
    tier: str | None = None
    """The service tier it is limited to."""
    retry_after: float | None = None
    scopes: tuple[str, ...] | None = None
    models: tuple[str, ...] | None = None
    seconds_per_request: float | None = None
    tokens_per_minute: int | None = None
    longest_life: int | None = None
    """Seconds that a new key may live at most; with it, every new key has to end."""
    cut: bool = False
    """Whether the connection ends in the middle of an answer."""
    breaks: bool = False
    """Whether the server fails in the middle of an answer, with a word about it."""
    wait: float = 0.0
    rate: float | None = None
    html: bool = False

    def refuse(self, *, masked: str, model: str = "", organization: str = "") -> ApiError:
        """The refusal of this situation, worded for a key and a model."""
        arguments: Mapping[str, tuple[str, ...]] = {"wrong_key": (masked,), "limit_zero": (model, organization)}
        error: ApiError = getattr(errors, self.refusal or "")(*arguments.get(self.refusal or "", ()))
        if self.retry_after is not None:
            error.headers = {"retry-after": f"{self.retry_after:g}"}
        return error


@cache
def situations() -> Mapping[str, Situation]:
    """All situations of ``situations.json``, read once, in the order in which they are listed."""
    data = json.loads(files(__package__).joinpath("situations.json").read_text("utf-8"))
    return {name: _situation(name, row) for name, row in data.items()}


def _situation(name: str, row: Mapping[str, Any]) -> Situation:
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Situation(name, **fields)
