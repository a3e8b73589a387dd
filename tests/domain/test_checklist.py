"""The plan as the platform's pages want it, and what a check proves of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.checklist import checklist, outcome, permissions, proved
from keytui.domain.plan import ALL, KeyPlan, Permissions, ProjectPlan, RateLimit, SetupPlan
from keytui.domain.probe import Stage, StageResult, Verdict
from keytui.domain.troubles.pages import address

BARE = SetupPlan(
    project=ProjectPlan("shop"),
    permissions=Permissions(models=(), hosted_tools=(ALL,), service_tiers=(ALL,)),
    key=KeyPlan(name="ci", scopes=(), expires_days=None),
    spend_limit=None,
    alerts=(),
)


def entries(name: str, **changes: Any) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    return [(item.title, item.entries) for item in checklist(replace(BARE, **changes)) if item.name == name]


def test_what_is_not_limited_is_no_item() -> None:
    assert [item.name for item in checklist(BARE)] == ["project", "key", "credit"]
    assert all(address(item.page) for item in checklist(SetupPlan()))


@pytest.mark.parametrize(
    ("name", "changes", "title", "written"),
    [
        ("project", {}, "Make the project", (("name", "shop"),)),
        (
            "project",
            {"project": ProjectPlan("shop", residency="EU_STORAGE", intended_use="a shop", description=" ")},
            "Make the project",
            (("name", "shop"), ("intended use", "a shop"), ("residency", "EU_STORAGE")),
        ),
        (
            "limit",
            {"spend_limit": Decimal("10.00"), "alerts": (Decimal("7.50"),), "alert_emails": ("a@b.example",)},
            "Set its spend limit and alert",
            (("limit a month, USD", "10"), ("alert at, USD", "7.5"), ("alerts go to", "a@b.example")),
        ),
        ("limit", {"alerts": (Decimal(8),)}, "Set its alert", (("alert at, USD", "8"),)),
        (
            "rates",
            {"rate_limits": (RateLimit("m", 5), RateLimit("n", 5))},
            "Set its rate limits",
            (("each model", "5 requests a minute"),),
        ),
        (
            "rates",
            {"rate_limits": (RateLimit("m", 5), RateLimit("n", None, 6))},
            "Set its rate limits",
            (("m", "5 requests a minute"), ("n", "6 tokens a minute")),
        ),
        (
            "models",
            {"permissions": Permissions(models=("m", "n"))},
            "Allow only the models you need",
            (("models", "m, n"),),
        ),
        (
            "tools",
            {"permissions": Permissions(models=(), hosted_tools=(), service_tiers=(ALL,))},
            "Choose its hosted tools and service tiers",
            (("hosted tools on", "none"), ("service tiers", "Standard and every one")),
        ),
        (
            "key",
            {"key": KeyPlan(name="ci", scopes=("api.model.read",), expires_days=30)},
            "Make the key in that project, and copy it",
            (("name", "ci"), ("permissions", "Restricted: List models read"), ("expires in days", "30")),
        ),
    ],
)
def test_what_is_to_be_entered_is_ready_to_be_copied(
    name: str, changes: dict[str, Any], title: str, written: tuple[tuple[str, str], ...]
) -> None:
    assert entries(name, **changes) == [(title, written)]


@pytest.mark.parametrize(
    ("scopes", "words"),
    [
        ((), "All"),
        (("api.all.read",), "Read only"),
        (("api.model.read", "api.files.read", "api.responses.write"), None),
    ],
)
def test_permissions_are_named_as_the_page_names_them(scopes: tuple[str, ...], words: str | None) -> None:
    assert permissions(scopes) == (words or "Restricted: Responses write, List models read, api.files.read")


MODELS, PAID = StageResult(Stage.MODELS, Verdict.PASSED), StageResult(Stage.PAID, Verdict.FAILED)


def test_a_check_proves_an_item_or_says_what_stopped_it_before() -> None:
    project, key, credit = checklist(BARE)
    assert proved((project, key, credit), (MODELS, PAID)) == ("key",)
    assert proved((key,), (replace(MODELS, verdict=Verdict.WARNED),)) == ("key",)
    assert outcome(key, (MODELS, PAID)) is MODELS
    assert outcome(credit, (MODELS, PAID)) is PAID
    assert outcome(credit, (replace(MODELS, verdict=Verdict.FAILED),)) is not None
    assert outcome(credit, (MODELS,)) is None
