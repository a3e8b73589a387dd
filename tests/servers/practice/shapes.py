"""Holding the service's JSON against the SDK's own types, strictly: nothing missing, nothing of another type."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from openai import BaseModel
from pydantic import TypeAdapter

T = TypeVar("T")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def strictly(kind: type[T], raw: Any) -> T:
    """The value, after a validation that coerces nothing; fails when a required field is missing."""
    value: T = _adapter(kind).validate_python(raw, strict=True)
    return value


def unknown_fields(value: Any) -> set[str]:
    """Names of fields that the SDK's types do not know, anywhere inside a parsed value."""
    found: set[str] = set()
    if isinstance(value, BaseModel):
        found |= set(value.model_extra or {})
        for name in type(value).model_fields:
            found |= unknown_fields(getattr(value, name, None))
    elif isinstance(value, list):
        for item in value:
            found |= unknown_fields(item)
    return found
