"""A plan in a TOML file: read with every wrong field named, written so that it explains itself.

Amounts stand there as text or whole numbers, never as binary fractions. A field that is left out has the value of the
preset; ``"none"`` and ``"never"`` stand for no limit and no expiry.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from keytui.adapters.files import write_private
from keytui.domain.money import plain
from keytui.domain.plan import KeyPlan, Permissions, Preset, ProjectPlan, RateLimit, SetupPlan
from keytui.domain.plan_rules import problems
from keytui.domain.presets import PRESETS, plan_for

LARGEST = 100_000
"""Bytes; far more than any plan has."""

NONE, NEVER = "none", "never"

_HEADING = """\
# A plan for "keytui setup --plan": what will be made, and nothing else.
# Amounts are USD a month. "none" is no limit, "never" no expiry; an empty list of models means every model.
# preset: {presets}. What is left out has the preset's value.

"""


class PlanUnreadable(ValueError):
    """The file is no plan; the text is one sentence that names the file and the field."""


def read(path: Path) -> SetupPlan:
    """The plan in a file. Raises ``PlanUnreadable``."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise PlanUnreadable(f"{path} cannot be read ({error.strerror or error}).") from None
    if len(data) > LARGEST:
        raise PlanUnreadable(f"{path} is larger than any plan.")
    try:
        return from_toml(data)
    except PlanUnreadable as why:
        raise PlanUnreadable(f"{path}: {why}") from None


def write(path: Path, plan: SetupPlan) -> None:
    """Write a plan to a new file. Raises ``FileExistsError`` and ``OSError``."""
    if path.exists():
        raise FileExistsError(f"{path} is there already; choose another name, or move it away.")
    write_private(path, to_toml(plan))


def from_toml(data: bytes) -> SetupPlan:
    """The plan in a TOML document. Raises ``PlanUnreadable``, its text without the file's name."""
    try:
        document = tomllib.loads(data.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PlanUnreadable(f"line {line} is not UTF-8 text.") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PlanUnreadable(f"it is not TOML ({error}).") from None
    plan = from_document(document)
    if wrong := problems(plan):
        raise PlanUnreadable(str(wrong[0]))
    return plan


def to_toml(plan: SetupPlan) -> bytes:
    """The plan as a TOML document, every field said."""
    import tomli_w

    heading = _HEADING.format(presets=", ".join(get_args(Preset)))
    return (heading + tomli_w.dumps(to_document(plan))).encode()


def to_document(plan: SetupPlan) -> dict[str, Any]:
    """The plan in TOML's and JSON's types, amounts as text."""
    project = {field.name: getattr(plan.project, field.name) for field in fields(ProjectPlan)}
    return {
        "default_model": plan.default_model,
        "spend_limit": _written(plan.spend_limit),
        "alerts": [plain(alert) for alert in plan.alerts],
        "alert_emails": list(plan.alert_emails),
        "cap": _written(plan.cap),
        "project": {name: value for name, value in project.items() if value is not None},
        "permissions": {
            "preset": plan.permissions.preset,
            "models": list(plan.permissions.models),
            "hosted_tools": list(plan.permissions.hosted_tools),
            "service_tiers": list(plan.permissions.service_tiers),
        },
        "key": {
            "name": plan.key.name,
            "service_account": plan.key.service_account,
            "scopes": list(plan.key.scopes),
            "expires_days": NEVER if plan.key.expires_days is None else plan.key.expires_days,
        },
        "rate_limits": [
            {
                field.name: getattr(limit, field.name)
                for field in fields(RateLimit)
                if getattr(limit, field.name) is not None
            }
            for limit in plan.rate_limits
        ],
    }


def from_document(document: Mapping[str, Any]) -> SetupPlan:
    """The plan from what ``to_document`` made or a person wrote. Raises ``PlanUnreadable`` with the field's name."""
    permissions = _table(document, "permissions")
    preset = _field(permissions, "permissions", "preset", _preset, PRESETS[0].name)
    base = plan_for(preset)
    return SetupPlan(
        **_part(document, "", SetupPlan, _TOP, base),
        project=ProjectPlan(**_part(_table(document, "project"), "project", ProjectPlan, _PROJECT, base.project)),
        permissions=Permissions(**_part(permissions, "permissions", Permissions, _PERMISSIONS, base.permissions)),
        key=KeyPlan(**_part(_table(document, "key"), "key", KeyPlan, _KEY, base.key)),
        rate_limits=_limits(document),
    )


Reader = Callable[[object], Any]
"""The value of a field; raises ``ValueError``, whose text says what the field takes."""


def _part(given: Mapping[str, Any], name: str, kind: type, readers: Mapping[str, Reader], base: object) -> Any:
    """The fields of one table; those that are missing from ``base``."""
    known = {field.name for field in fields(kind)}
    for field in given:
        if field not in known:
            near = difflib.get_close_matches(field, sorted(known), n=1)
            hint = f" Did you mean “{_full(name, near[0])}”?" if near else f" There are {', '.join(sorted(known))}."
            raise PlanUnreadable(f"there is no field “{_full(name, field)}”.{hint}")
    return {field: _field(given, name, field, read, getattr(base, field)) for field, read in readers.items()}


def _field(given: Mapping[str, Any], table: str, name: str, read: Reader, missing: Any) -> Any:
    if name not in given:
        return missing
    try:
        return read(given[name])
    except ValueError as error:
        raise PlanUnreadable(f"{_full(table, name)} {error}.") from None


def _table(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = document.get(name, {})
    if not isinstance(table, Mapping):
        raise PlanUnreadable(f"{name} is a table: write [{name}] on a line of its own.")
    return table


def _limits(document: Mapping[str, Any]) -> tuple[RateLimit, ...]:
    tables = document.get("rate_limits", [])
    if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
        raise PlanUnreadable("rate_limits is a list of tables: write [[rate_limits]] before each.")
    limits = []
    for table in tables:
        if "model" not in table:
            raise PlanUnreadable("rate_limits.model is missing.")
        limits.append(RateLimit(**_part(table, "rate_limits", RateLimit, _RATE, RateLimit(""))))
    return tuple(limits)


def _full(table: str, field: str) -> str:
    return f"{table}.{field}" if table else field


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("takes a text in quotes")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError("takes a list of texts in quotes")
    return tuple(value)


def _preset(value: object) -> str:
    if value not in get_args(Preset):
        raise ValueError(f"takes one of {', '.join(get_args(Preset))}")
    return str(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("takes a whole number")
    return value


def _days(value: object) -> int | None:
    if value == NEVER:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"takes a whole number of days, or “{NEVER}”")
    return value


def _amount(value: object) -> Decimal:
    problem = 'takes an amount of USD such as "10" or "2.50"'
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError(problem)
    try:
        amount = Decimal(value)
    except ArithmeticError:
        raise ValueError(problem) from None
    if not amount.is_finite():
        raise ValueError(problem)
    return amount


def _amount_or_none(value: object) -> Decimal | None:
    try:
        return None if value == NONE else _amount(value)
    except ValueError as error:
        raise ValueError(f"{error}, or “{NONE}”") from None


def _amounts(value: object) -> tuple[Decimal, ...]:
    if not isinstance(value, list):
        raise ValueError('takes a list of amounts of USD such as ["8"]')
    return tuple(map(_amount, value))


def _written(amount: Decimal | None) -> str:
    return NONE if amount is None else plain(amount)


_TOP: Mapping[str, Reader] = {
    "default_model": _text,
    "spend_limit": _amount_or_none,
    "alerts": _amounts,
    "alert_emails": _texts,
    "cap": _amount_or_none,
}
_PROJECT: Mapping[str, Reader] = dict.fromkeys(("name", "description", "intended_use", "residency"), _text)
_PERMISSIONS: Mapping[str, Reader] = {
    "preset": _preset,
    "models": _texts,
    "hosted_tools": _texts,
    "service_tiers": _texts,
}
_KEY: Mapping[str, Reader] = {"name": _text, "service_account": _text, "scopes": _texts, "expires_days": _days}
_RATE: Mapping[str, Reader] = {"model": _text, "requests_per_minute": _whole, "tokens_per_minute": _whole}
