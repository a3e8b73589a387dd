"""What holds for a project, in words."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.organization.held import (
    Held,
    alert_words,
    full,
    held,
    in_words,
    models_words,
    rate_words,
    tiers_words,
    tools_words,
)
from keytui.domain.organization.parts import ModelLimit, ModelPermissions, Project, ServiceTiers, SpendAlert


@pytest.mark.parametrize(
    ("cents", "cost", "words"),
    [
        (1000, "2.50", "25 % reached"),
        (1000, "0", "0 % reached"),
        (1000, "12.344", "123 % reached"),
        (1, "0.01", "100 % reached"),
        (1000, None, ""),
        (0, "1", ""),
    ],
)
def test_how_full_a_limit_is(cents: int, cost: str | None, words: str) -> None:
    assert full(cents, None if cost is None else Decimal(cost)) == words


def test_limits_and_alerts_in_words() -> None:
    assert in_words(None, Decimal(3)) == "none"
    assert in_words(123_450, None) == "$1,234.50 a month"
    assert in_words(1000, Decimal(5)) == "$10.00 a month, 50 % reached"
    assert alert_words(SpendAlert("a", 800, ())) == "$8.00 a month"
    assert alert_words(SpendAlert("a", 800, ("a@b.example", "c@d.example")), Decimal(2)) == (
        "$8.00 a month, 25 % reached, to a@b.example, c@d.example"
    )


@pytest.mark.parametrize(
    ("permissions", "words"),
    [
        (None, "every model"),
        (ModelPermissions("allow_list", ("gpt-6-luna", "gpt-6-sol")), "gpt-6-luna, gpt-6-sol"),
        (ModelPermissions("allow_list", ()), "no model"),
        (ModelPermissions("deny_list", ("gpt-6-astra",)), "every model but gpt-6-astra"),
    ],
)
def test_models_in_words(permissions: ModelPermissions | None, words: str) -> None:
    assert models_words(permissions) == words


def test_rates_tools_and_tiers_in_words() -> None:
    assert rate_words(ModelLimit("r", "m", None, None)) == "none"
    assert rate_words(ModelLimit("r", "m", 500, 10_000)) == "500 requests a minute, 10,000 tokens a minute"
    assert rate_words(ModelLimit("r", "m", None, None, 5, 6, 7_000, 8_000)) == (
        "5 images a minute, 6 MB of audio a minute, 7,000 requests a day, 8,000 tokens in batches a day"
    )
    assert tools_words({"web_search": True, "code_interpreter": True, "mcp": False}) == "code_interpreter, web_search"
    assert tools_words({"mcp": False}) == "none"
    assert tiers_words(ServiceTiers("standard", ())) == "Standard only"
    assert tiers_words(ServiceTiers("standard", None)) == "Standard and every one"
    assert tiers_words(ServiceTiers("fast", ("flex", "fast"))) == "Standard and flex, fast; fast unless asked otherwise"


class Owner:
    """An organisation that answers every question with its name and the project that it is about."""

    def __getattr__(self, name: str) -> Any:
        async def answer(project_id: str | None = None) -> tuple[str, str | None]:
            return name, project_id

        return answer


async def test_the_organisation_has_a_limit_and_alerts_and_a_project_all_of_it() -> None:
    owner: Any = Owner()
    whole: Any = await held(owner, None, together=asyncio.gather)  # type: ignore[arg-type]
    assert whole == Held(("spend_limit", None), ("spend_alerts", None))  # type: ignore[arg-type]
    one: Any = await held(owner, Project("p1", "shop"), together=asyncio.gather)  # type: ignore[arg-type]
    assert (one.spend_cents, one.alerts, one.permissions, one.rates, one.tools, one.tiers) == tuple(
        (name, "p1")
        for name in (
            "spend_limit",
            "spend_alerts",
            "model_permissions",
            "rate_limits",
            "hosted_tools",
            "service_tiers",
        )
    )
