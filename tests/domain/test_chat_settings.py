"""What may be set for an answer, and what a server was found not to take."""

from __future__ import annotations

import pytest

from keytui.domain.chat_settings import PRESETS, Unfit, parameters_from, refused
from keytui.domain.question import Parameters


@pytest.mark.parametrize(
    ("values", "parameters"),
    [
        ({}, Parameters()),
        ({"effort": " ", "max_output": "", "temperature": " "}, Parameters()),
        ({"effort": " HIGH ", "tier": "flex", "verbosity": "low"}, Parameters("high", tier="flex", verbosity="low")),
        ({"max_output": "2,000"}, Parameters(max_output=2_000)),
        ({"max_output": "10_000_000"}, Parameters(max_output=10_000_000)),
        ({"max_output": "1"}, Parameters(max_output=1)),
        ({"temperature": "0"}, Parameters(temperature=0.0)),
        ({"temperature": "0,7"}, Parameters(temperature=0.7)),
        ({"temperature": "2"}, Parameters(temperature=2.0)),
    ],
)
def test_what_a_form_says(values: dict[str, str], parameters: Parameters) -> None:
    assert parameters_from(values) == parameters


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("effort", "huge", "The effort is one of none, minimal, low"),
        ("tier", "batch", "The tier is one of auto, default, flex, priority"),
        ("verbosity", "0", "The verbosity is one of low, medium, high"),
        ("max_output", "0", "a number of tokens"),
        ("max_output", "10000001", "a number of tokens"),
        ("max_output", "2.5", "a number of tokens"),
        ("max_output", "-5", "a number of tokens"),
        ("temperature", "2.01", "from 0"),
        ("temperature", "-0.1", "from 0"),
        ("temperature", "warm", "from 0"),
        ("temperature", "nan", "from 0"),
    ],
)
def test_what_cannot_be_taken_is_told_by_its_field(field: str, text: str, says: str) -> None:
    with pytest.raises(Unfit, match=says) as refusal:
        parameters_from({field: text})
    assert refusal.value.field == field


def test_every_preset_can_be_written_into_the_form() -> None:
    for preset in PRESETS:
        chosen = preset.parameters
        fields = ("effort", "max_output", "temperature", "tier", "verbosity")
        written = {field: str(getattr(chosen, field)) for field in fields if getattr(chosen, field) is not None}
        assert parameters_from(written) == chosen


def test_a_refusal_is_told_by_any_of_the_apis_names_and_of_this_model_only() -> None:
    unaccepted = frozenset({("m", "reasoning.effort"), ("m", "max_tokens"), ("other", "temperature"), ("m", "seed")})
    assert refused("m", unaccepted) == {"effort", "max_output"}
    assert refused("other", unaccepted) == {"temperature"}
    assert refused("new", unaccepted) == frozenset()
