"""Reading a request's JSON: each field with its type and range, refused in the platform's words."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from keytui.servers.practice.errors import ApiError, invalid, not_json

MAX_BYTES = 32 * 1024 * 1024
"""The largest body that is read."""


def parse(raw: bytes) -> Body:
    """The JSON object of a request. Raises the platform's 400 for anything else."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        raise not_json() from None
    if not isinstance(value, dict):
        raise not_json()
    return Body(value)


def described(value: object) -> str:
    """A JSON value's type in the words of the platform's errors."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a decimal"
        case str():
            return "a string"
        case list():
            return "an array"
    return "an object"


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON object, and where it stands in the request (for the errors' ``param``)."""

    fields: Mapping[str, object]
    path: str = ""

    def at(self, name: str) -> str:
        """The full name of a field."""
        return f"{self.path}.{name}" if self.path else name

    def wrong_type(self, name: str, expected: str) -> ApiError:
        """The refusal of a field of the wrong type."""
        got = described(self.fields.get(name))
        return invalid(
            f"Invalid type for '{self.at(name)}': expected {expected}, but got {got} instead.",
            self.at(name),
            "invalid_type",
        )

    def missing(self, name: str) -> ApiError:
        """The refusal of a request without a field."""
        return invalid(f"Missing required parameter: '{self.at(name)}'.", self.at(name), "missing_required_parameter")

    def has(self, name: str) -> bool:
        """Whether a field is there and not null."""
        return self.fields.get(name) is not None

    def only(self, names: Collection[str]) -> None:
        """Refuse fields that are not known."""
        for name in self.fields:
            if name not in names:
                raise invalid(f"Unknown parameter: '{self.at(name)}'.", self.at(name), "unknown_parameter")

    def text(self, name: str) -> str | None:
        """A string, or None when it is not there."""
        value = self.fields.get(name)
        if value is None or isinstance(value, str):
            return value
        raise self.wrong_type(name, "a string")

    def required_text(self, name: str) -> str:
        """A string that must be there and not be empty."""
        value = self.text(name)
        if value is None:
            raise self.missing(name)
        if not value:
            raise invalid(
                f"Invalid '{self.at(name)}': empty string. Expected a string with minimum length 1, but got an empty "
                "string instead.",
                self.at(name),
                "empty_string",
            )
        return value

    def flag(self, name: str) -> bool | None:
        """A boolean, or None when it is not there."""
        value = self.fields.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise self.wrong_type(name, "a boolean")

    def integer(self, name: str, minimum: int | None = None, maximum: int | None = None) -> int | None:
        """A whole number within bounds, or None when it is not there."""
        value = self.fields.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong_type(name, "an integer")
        if minimum is not None and value < minimum:
            raise self._outside(name, "integer", "below minimum", f">= {minimum}", value, "integer_below_min_value")
        if maximum is not None and value > maximum:
            raise self._outside(name, "integer", "above maximum", f"<= {maximum}", value, "integer_above_max_value")
        return value

    def number(self, name: str, minimum: float, maximum: float) -> float | None:
        """A number within bounds, or None when it is not there."""
        value = self.fields.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.wrong_type(name, "a decimal")
        if value < minimum:
            raise self._outside(name, "decimal", "below minimum", f">= {minimum:g}", value, "decimal_below_min_value")
        if value > maximum:
            raise self._outside(name, "decimal", "above maximum", f"<= {maximum:g}", value, "decimal_above_max_value")
        return float(value)

    def choice(self, name: str, values: Sequence[str]) -> str | None:
        """One of several words, or None when it is not there."""
        value = self.text(name)
        if value is not None and value not in values:
            raise invalid(
                f"Invalid value: '{value}'. Supported values are: {listed(values)}.", self.at(name), "invalid_value"
            )
        return value

    def part(self, name: str) -> Body | None:
        """An object, or None when it is not there."""
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong_type(name, "an object")
        return Body(value, self.at(name))

    def parts(self, name: str) -> list[Body] | None:
        """An array of objects, or None when it is not there."""
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, list):
            raise self.wrong_type(name, "an array of objects")
        out = []
        for index, item in enumerate(value):
            at = f"{self.at(name)}[{index}]"
            if not isinstance(item, dict):
                raise invalid(
                    f"Invalid type for '{at}': expected an object, but got {described(item)} instead.",
                    at,
                    "invalid_type",
                )
            out.append(Body(item, at))
        return out

    def texts(self, name: str) -> list[str] | None:
        """An array of strings, or None when it is not there."""
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong_type(name, "an array of strings")
        return value

    def _outside(self, name: str, kind: str, how: str, bounds: str, value: float, code: str) -> ApiError:
        return invalid(
            f"Invalid '{self.at(name)}': {kind} {how} value. Expected a value {bounds}, but got {value} instead.",
            self.at(name),
            code,
        )


def listed(values: Sequence[str]) -> str:
    """Words in quotes as the platform lists them: ``'a', 'b', and 'c'``."""
    quoted = [f"'{value}'" for value in values]
    if len(quoted) <= 2:
        return " and ".join(quoted)
    return f"{', '.join(quoted[:-1])}, and {quoted[-1]}"
