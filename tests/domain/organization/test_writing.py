"""What a user wrote, as the organisation's values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keytui.domain.key_edit import NotFitting
from keytui.domain.organization import writing
from keytui.domain.organization.parts import ModelLimit, ModelPermissions, ServiceTiers, SpendAlert

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LIMIT = ModelLimit("rl_1", "gpt-6-luna", 500, 10_000, requests_per_day=9_000)
TOOLS = {"mcp": True, "web_search": False}


@pytest.mark.parametrize(
    ("text", "cents"),
    [("", None), ("0.01", 1), ("$2.50", 250), ("19.99", 1999), ("1,000", 100_000), ("10.000", 1000)],
)
def test_dollars_become_cents(text: str, cents: int | None) -> None:
    assert writing.cents(text, "amount") == cents


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        (lambda: writing.cents("2,50", "limit"), "limit", "such as 10 or 2.50"),
        (lambda: writing.cents("0", "limit"), "limit", "The least is one cent"),
        (lambda: writing.cents("0.009", "limit"), "limit", "The least is one cent"),
        (lambda: writing.cents("2.505", "limit"), "limit", "whole cents"),
        (lambda: writing.spend_alert("8", " "), "emails", "at least one mail address"),
        (lambda: writing.spend_alert("8", "a@b.example, @nobody"), "emails", "at least one mail address"),
        (lambda: writing.permissions("gpt-6-luna", "gpt-6-sol"), "but", "one of the two"),
        (
            lambda: writing.rate_limit(LIMIT, {"requests_per_day": "12.5"}),
            "requests_per_day",
            "a whole number",
        ),
        (lambda: writing.rate_limit(LIMIT, {"requests_per_day": "９"}), "requests_per_day", "a whole number"),
        (lambda: writing.rate_limit(LIMIT, {"requests_per_day": "9" * 16}), "requests_per_day", "a whole number"),
        (lambda: writing.tools(TOOLS, "hammer"), "on", "There is: mcp, web_search."),
        (lambda: writing.tiers("flex", ""), "default", "There is: standard, fast, scale."),
        (lambda: writing.tiers("", "priority"), "enabled", "There is: flex, fast, ultrafast."),
        (lambda: writing.tiers("fast", "flex"), "default", "add it below"),
        (lambda: writing.role("reader"), "role", "There is: member, owner."),
        (lambda: writing.scopes("api.Read"), "scopes", "api.model.read"),
        (lambda: writing.name(" "), "name", "1 to 100 printable"),
        (lambda: writing.name("n" * 101), "name", "1 to 100 printable"),
        (lambda: writing.name("sk-proj-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7", "account"), "account", "must not be a key"),
        (lambda: writing.end("23 Nov", NOW), "expires", "written like 2027-03-31"),
        (lambda: writing.end("2026-11-22", NOW), "expires", "has passed already"),
        (lambda: writing.end("2027-11-25", NOW), "expires", "a year at most"),
    ],
)
def test_what_cannot_be_taken_is_told_by_its_field(wrong: Callable[[], Any], field: str, says: str) -> None:
    with pytest.raises(NotFitting, match=says) as refusal:
        wrong()
    assert refusal.value.field == field


def test_what_fits_becomes_the_platforms_values() -> None:
    assert writing.name(" shop ") == "shop"
    assert writing.spend_alert("8", "a@b.example c@d.example,a@b.example") == SpendAlert(
        "", 800, ("a@b.example", "c@d.example")
    )
    assert writing.spend_alert(" ", "") is None
    assert writing.permissions("gpt-6-luna", "") == ModelPermissions("allow_list", ("gpt-6-luna",))
    assert writing.permissions("", "gpt-6-astra") == ModelPermissions("deny_list", ("gpt-6-astra",))
    assert writing.permissions("", "") is None
    assert writing.rate_limit(LIMIT, {"tokens_per_minute": "20_000", "requests_per_day": " "}) == ModelLimit(
        "rl_1", "gpt-6-luna", 500, 20_000, requests_per_day=9_000
    )
    assert writing.tools(TOOLS, "all") == {"mcp": True, "web_search": True}
    assert writing.tools(TOOLS, "") == {"mcp": False, "web_search": False}
    assert writing.tiers("", "") == ServiceTiers("standard", ())
    assert writing.tiers("fast", "all") == ServiceTiers("fast", None)
    assert writing.tiers("fast", "fast flex") == ServiceTiers("fast", ("fast", "flex"))
    assert writing.role(" owner ") == "owner"


def test_a_key_may_end_today_and_up_to_a_year_from_now() -> None:
    for day in (NOW.astimezone(), (NOW + timedelta(days=364)).astimezone()):
        until = writing.end(f"{day:%Y-%m-%d}", NOW)
        assert f"{until.astimezone():%Y-%m-%d %H:%M}" == f"{day:%Y-%m-%d} 23:59"
