"""How a conversation is to be answered: what may be set, what it takes, and ready-made sets (openai-facts 3.1, 3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from keytui.domain.question import Parameters

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
TIERS = ("auto", "default", "flex", "priority")
VERBOSITIES = ("low", "medium", "high")

API_NAMES = {
    "effort": ("reasoning_effort", "reasoning", "reasoning.effort"),
    "max_output": ("max_completion_tokens", "max_output_tokens", "max_tokens"),
    "temperature": ("temperature",),
    "tier": ("service_tier",),
    "verbosity": ("verbosity", "text", "text.verbosity"),
}
"""What the API calls each parameter, at either endpoint: so refusals name it."""


class Unfit(ValueError):
    """A value that cannot be taken; its text says what the field takes."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class ChatPreset:
    """A ready-made set."""

    name: str
    says: str
    """What it is good for, in a few words."""
    instructions: str
    parameters: Parameters


PRESETS = (
    ChatPreset("plain", "the platform's own settings", "", Parameters()),
    ChatPreset(
        "short",
        "brief and cheap answers",
        "Answer in at most three sentences.",
        Parameters(effort="low", max_output=2_000, verbosity="low"),
    ),
    ChatPreset("thorough", "more thought, longer answers", "", Parameters(effort="high", verbosity="high")),
    ChatPreset("patient", "half the price, when there is no hurry", "", Parameters(tier="flex")),
)


def parameters_from(values: Mapping[str, str]) -> Parameters:
    """The parameters that the fields of a form say; an empty field leaves the platform's default. Raises ``Unfit``."""
    return Parameters(
        effort=_one_of("effort", values.get("effort", ""), EFFORTS),
        max_output=_tokens(values.get("max_output", "")),
        temperature=_temperature(values.get("temperature", "")),
        tier=_one_of("tier", values.get("tier", ""), TIERS),
        verbosity=_one_of("verbosity", values.get("verbosity", ""), VERBOSITIES),
    )


def refused(model: str, unaccepted: frozenset[tuple[str, str]]) -> frozenset[str]:
    """Fields that a server has refused for this model."""
    names = {param for refused_by, param in unaccepted if refused_by == model}
    return frozenset(field for field, called in API_NAMES.items() if names.intersection(called))


def _one_of(field: str, value: str, choices: tuple[str, ...]) -> str | None:
    word = value.strip().lower()
    if word and word not in choices:
        raise Unfit(field, f"The {field} is one of {', '.join(choices)}, or nothing for the platform's own.")
    return word or None


def _tokens(value: str) -> int | None:
    digits = value.strip().replace(",", "").replace("_", "")
    if not digits:
        return None
    if not digits.isdecimal() or not 1 <= int(digits) <= 10_000_000:
        raise Unfit("max_output", "The longest answer is a number of tokens such as 2000, hidden reasoning included.")
    return int(digits)


def _temperature(value: str) -> float | None:
    text = value.strip().replace(",", ".")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 2:
        raise Unfit("temperature", "The temperature is a number from 0 (steady) to 2 (wild).")
    return number
