from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.plan import ALL, KeyPlan, Permissions, RateLimit, SetupPlan
from keytui.domain.plan_lines import lines
from keytui.domain.plan_rules import HOSTED_TOOLS, MOST, OPTIONAL_TIERS, cents, problem_of, problems
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


@pytest.mark.parametrize(
    "changes",
    [
        {"project": replace(GOOD.project, name="x", residency="EU_STORAGE_PROCESSING"), "key": KeyPlan(name="k" * 60)},
        {"key": KeyPlan(expires_days=1, scopes=())},
        {"key": KeyPlan(expires_days=365, scopes=("api.model.read",))},
        {"key": KeyPlan(expires_days=None)},
        {"permissions": Permissions(models=(), hosted_tools=HOSTED_TOOLS, service_tiers=OPTIONAL_TIERS)},
        {"permissions": Permissions(models=(), hosted_tools=(ALL,), service_tiers=(ALL,))},
        {"rate_limits": (RateLimit("gpt-6-luna", 1), RateLimit("gpt-6-sol", None, 1))},
        {"spend_limit": Decimal("0.01"), "alerts": (Decimal("0.01"),)},
        {"spend_limit": MOST, "alerts": (Decimal("0.03"), MOST)},
        {"spend_limit": None, "alerts": (Decimal(99),)},
        {"cap": Decimal(0)},
        {"cap": MOST},
        {"cap": None},
    ],
)
def test_what_just_fits_is_taken(changes: dict[str, Any]) -> None:
    assert problems(replace(GOOD, **changes)) == ()


@pytest.mark.parametrize(
    ("changes", "sentence", "in_the_step"),
    [
        (
            {"project": replace(GOOD.project, name="sk-proj-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7")},
            "project.name takes a name, not a key.",
            "The name takes a name, not a key.",
        ),
        (
            {"key": KeyPlan(name="")},
            "key.name takes 1 to 60 printable characters, without “-” or a space at its beginning.",
            "The name takes 1 to 60 printable characters, without “-” or a space at its beginning.",
        ),
        (
            {"project": replace(GOOD.project, name="Default project")},
            "project.name takes another name: the Default project takes no service accounts.",
            "The name takes another name: the Default project takes no service accounts.",
        ),
        (
            {"project": replace(GOOD.project, residency="eu")},
            "project.residency takes one of the platform's words, such as EU_STORAGE_PROCESSING.",
            "",
        ),
        (
            {"default_model": "gpt 6", "permissions": Permissions(models=())},
            "default_model takes names of models, such as gpt-6-luna.",
            "",
        ),
        (
            {"permissions": Permissions(models=("gpt-6-sol",))},
            "default_model takes one of the models in permissions.models.",
            "",
        ),
        (
            {"permissions": Permissions(models=("gpt-6-luna", "gpt-6-luna"))},
            "permissions.models takes each model once.",
            "",
        ),
        (
            {"permissions": Permissions(models=(), service_tiers=("priority",))},
            "permissions.service_tiers takes any of flex, fast, ultrafast, or “all” alone.",
            "",
        ),
        (
            {"rate_limits": (RateLimit("gpt-6-luna", 0),)},
            "rate_limits.requests_per_minute takes a whole number from 1.",
            "",
        ),
        (
            {"rate_limits": (RateLimit("gpt-6-luna"),)},
            "rate_limits needs requests_per_minute or tokens_per_minute for gpt-6-luna.",
            "",
        ),
        (
            {"spend_limit": Decimal("0.001"), "alerts": ()},
            "spend_limit takes an amount of USD in whole cents, from 0.01.",
            "The cap takes an amount of USD in whole cents, from 0.01.",
        ),
        (
            {"spend_limit": None, "alerts": (MOST + 1,)},
            "alerts takes an amount of USD in whole cents, from 0.01.",
            "The alert takes an amount of USD in whole cents, from 0.01.",
        ),
        (
            {"alerts": (Decimal(8), Decimal("8.00"))},
            "alerts takes each amount once.",
            "The alert takes each amount once.",
        ),
        (
            {"spend_limit": Decimal(10), "alerts": (Decimal("10.01"),)},
            "alerts takes amounts up to the spend limit: above it no alert would ever come.",
            "The alert takes amounts up to the spend limit: above it no alert would ever come.",
        ),
        (
            {"cap": Decimal("-0.01")},
            "cap takes an amount of USD, from 0.",
            "The cap takes an amount of USD, from 0.",
        ),
        ({"alert_emails": ("a@b.example\x1b",)}, "alert_emails takes e-mail addresses.", ""),
        (
            {"key": KeyPlan(scopes=("all",))},
            "key.scopes takes the platform's names of permissions, such as api.model.read.",
            "",
        ),
        (
            {"key": KeyPlan(expires_days=366)},
            "key.expires_days takes a whole number of days from 1 to 365, or “never”.",
            "",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(changes: dict[str, Any], sentence: str, in_the_step: str) -> None:
    plan = replace(GOOD, **changes)
    assert [str(problem) for problem in problems(plan)] == [sentence]
    assert problem_of(plan) == (in_the_step or sentence)
    assert problem_of(GOOD) == ""


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
