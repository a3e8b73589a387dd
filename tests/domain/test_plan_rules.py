from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.plan import ALL, KeyPlan, Permissions, RateLimit, SetupPlan
from keytui.domain.plan_lines import lines
from keytui.domain.plan_rules import cents, problems
from keytui.domain.presets import PRESETS, plan_for

GOOD = plan_for("chat")


@pytest.mark.parametrize("row", PRESETS, ids=lambda row: row.name)
def test_every_preset_is_a_plan_that_can_be_applied(row: Any) -> None:
    plan = plan_for(row.name)
    assert problems(plan) == ()
    assert (plan.permissions.models, plan.key.scopes, plan.key.expires_days) == (
        row.models,
        row.scopes,
        row.expires_days,
    )


def test_the_plan_of_the_walk_can_be_applied() -> None:
    assert problems(SetupPlan()) == ()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"project": replace(GOOD.project, name="")}, "project.name"),
        ({"project": replace(GOOD.project, name="x" * 61)}, "project.name"),
        ({"project": replace(GOOD.project, name="two\nlines")}, "project.name"),
        ({"project": replace(GOOD.project, name="DEFAULT project")}, "project.name"),
        ({"project": replace(GOOD.project, name="sk-proj-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7")}, "project.name"),
        ({"project": replace(GOOD.project, residency="Mars!")}, "project.residency"),
        ({"key": KeyPlan(name=" key")}, "key.name"),
        ({"key": KeyPlan(service_account="-")}, "key.service_account"),
        ({"key": KeyPlan(expires_days=0)}, "key.expires_days"),
        ({"key": KeyPlan(expires_days=366)}, "key.expires_days"),
        ({"key": KeyPlan(scopes=("everything",))}, "key.scopes"),
        ({"permissions": Permissions(models=("gpt 6",))}, "permissions.models"),
        ({"permissions": Permissions(models=("gpt-6-luna", "gpt-6-luna"))}, "permissions.models"),
        ({"permissions": Permissions(models=("gpt-6-sol",))}, "default_model"),
        ({"permissions": Permissions(hosted_tools=("hammer",))}, "permissions.hosted_tools"),
        ({"permissions": Permissions(hosted_tools=(ALL, "mcp"))}, "permissions.hosted_tools"),
        ({"permissions": Permissions(service_tiers=("priority",))}, "permissions.service_tiers"),
        ({"default_model": ""}, "default_model"),
        ({"rate_limits": (RateLimit("gpt-6-luna"),)}, "rate_limits"),
        ({"rate_limits": (RateLimit("gpt-6-luna", 0),)}, "rate_limits.requests_per_minute"),
        ({"rate_limits": (RateLimit("gpt-6-luna", 1), RateLimit("gpt-6-luna", 2))}, "rate_limits.model"),
        ({"spend_limit": Decimal(0)}, "spend_limit"),
        ({"spend_limit": Decimal("9.999")}, "spend_limit"),
        ({"spend_limit": Decimal("Infinity")}, "spend_limit"),
        ({"alerts": (Decimal("-1"),)}, "alerts"),
        ({"alerts": (Decimal(8), Decimal("8.00"))}, "alerts"),
        ({"alerts": (Decimal(11),)}, "alerts"),
        ({"alert_emails": ("nobody",)}, "alert_emails"),
        ({"cap": Decimal("NaN")}, "cap"),
    ],
)
def test_what_is_wrong_has_its_fields_name(changes: dict[str, Any], field: str) -> None:
    assert field in [problem.field for problem in problems(replace(GOOD, **changes))]


def test_cents() -> None:
    assert [cents(Decimal(text)) for text in ("10", "0.01", "12.34")] == [1000, 1, 1234]


def test_a_plan_is_shown_whole_and_with_reasons() -> None:
    plan = replace(GOOD, rate_limits=(RateLimit("gpt-6-luna", 100, 5000),), alert_emails=("a@b.example",))
    shown = {line.what: line for line in lines(plan)}
    assert shown["rate limit of gpt-6-luna"].value == "100 requests a minute, 5,000 tokens a minute"
    assert shown["alert"].value == "$8.00 a month, mailed to a@b.example"
    assert shown["models"].value == "gpt-6-luna, gpt-6-sol, gpt-6-astra"
    assert all(line.why for line in lines(plan))
    everything = {line.what: line.value for line in lines(plan_for("everything"))}
    assert (everything["models"], everything["hosted tools"], everything["permissions"]) == (
        "every model",
        "every one",
        "everything",
    )
    assert {line.what: line.value for line in lines(plan_for("ci"))}["expires"] == "after 30 days"
