"""Changes on the platform: what is said before one is made, and what making it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keytui.domain.organization import changes
from keytui.domain.organization.changes import Change
from keytui.domain.organization.parts import (
    ModelLimit,
    ModelPermissions,
    Project,
    ProjectKey,
    ServiceAccount,
    ServiceTiers,
    SpendAlert,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SHOP = Project("p1", "shop")
BOT = ServiceAccount("sa_1", "bot", "member")
KEY = ProjectKey("key_1", "ci", "sk-…1111", account_id="sa_1", last_used=NOW)
UNUSED = replace(KEY, id="key_2", last_used=None)
ALERT = SpendAlert("al_1", 800, ("a@b.example",))
LIMIT = ModelLimit("rl_1", "gpt-6-luna", 500, None)
USED = f"{NOW.astimezone():%d %b %Y}"


class Owner:
    """An admin port that writes down what it is asked to do."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        async def ask(*arguments: Any, **named: Any) -> ServiceAccount:
            self.asked.append((name, *arguments, *named.values()))
            return ServiceAccount("sa_9", "new", "none")

        return ask


@pytest.mark.parametrize(
    ("change", "words", "asked"),
    [
        (
            changes.spend_limit(SHOP, None, 1000),
            "Spend limit of shop: none -> $10.00 a month",
            [("set_spend_limit", "p1", 1000)],
        ),
        (
            changes.spend_limit(None, 1000, None),
            "Spend limit of the organisation: $10.00 a month -> none",
            [("set_spend_limit", None, None)],
        ),
        (
            changes.alert(SHOP, None, replace(ALERT, id="")),
            "Spend alert of shop: none -> $8.00 a month, to a@b.example",
            [("make_spend_alert", "p1", 800, ("a@b.example",))],
        ),
        (
            changes.alert(None, ALERT, replace(ALERT, id="", cents=900)),
            "Spend alert of the organisation: $8.00 a month, to a@b.example -> $9.00 a month, to a@b.example",
            [("set_spend_alert", None, replace(ALERT, cents=900))],
        ),
        (
            changes.alert(SHOP, ALERT, None),
            "Spend alert of shop: $8.00 a month, to a@b.example -> none",
            [("delete_spend_alert", "p1", "al_1")],
        ),
        (
            changes.models(SHOP, None, ModelPermissions("allow_list", ("gpt-6-luna",))),
            "Models of shop: every model -> gpt-6-luna",
            [("set_model_permissions", "p1", ModelPermissions("allow_list", ("gpt-6-luna",)))],
        ),
        (
            changes.rates(SHOP, LIMIT, replace(LIMIT, requests_per_minute=5)),
            "Rate limits of gpt-6-luna in shop: 500 requests a minute -> 5 requests a minute",
            [("set_rate_limit", "p1", replace(LIMIT, requests_per_minute=5))],
        ),
        (
            changes.tools(SHOP, {"mcp": True}, {"mcp": False}),
            "Hosted tools of shop: mcp -> none",
            [("set_hosted_tools", "p1", {"mcp": False})],
        ),
        (
            changes.tiers(SHOP, ServiceTiers("standard", ()), ServiceTiers("standard", ("flex",))),
            "Service tiers of shop: Standard only -> Standard and flex",
            [("set_service_tiers", "p1", ServiceTiers("standard", ("flex",)))],
        ),
        (
            changes.project_made("docs", "EU"),
            "Make the project “docs”, with its data in EU",
            [("make_project", "docs", "EU")],
        ),
        (
            changes.project_renamed(SHOP, "store"),
            "Name of the project: shop -> store",
            [("rename_project", "p1", "store")],
        ),
        (changes.project_archived(SHOP, ()), "Archive shop?", [("archive_project", "p1")]),
        (
            changes.account_made(SHOP, "new"),
            "Make the service account “new” in shop",
            [("make_service_account", "p1", "new"), ("set_account_role", "p1", "sa_9", "member")],
        ),
        (
            changes.account_changed(SHOP, BOT, "bot", "member"),
            "Service account of shop: bot, member -> bot, member",
            [],
        ),
        (
            changes.account_changed(SHOP, BOT, "robot", "owner"),
            "Service account of shop: bot, member -> robot, owner",
            [("rename_account", "p1", "sa_1", "robot"), ("set_account_role", "p1", "sa_1", "owner")],
        ),
        (
            changes.account_deleted(SHOP, BOT, (KEY,)),
            "Delete the service account bot of shop, with 1 key?",
            [("delete_service_account", "p1", "sa_1")],
        ),
        (
            changes.key_scopes(SHOP, KEY, ()),
            "What ci (sk-…1111) may do: not told by the platform -> all that its owner may",
            [("set_key_scopes", "p1", "key_1", ())],
        ),
        (changes.key_revoked(SHOP, KEY), "Revoke ci (sk-…1111)?", [("revoke_key", "p1", "key_1")]),
    ],
)
async def test_what_is_said_is_what_is_done(change: Change, words: str, asked: list[Any]) -> None:
    owner: Any = Owner()
    assert change.words == words
    await change.make(owner)
    assert owner.asked == asked


@pytest.mark.parametrize(
    ("change", "consequence"),
    [
        (
            changes.key_revoked(SHOP, KEY),
            f"Whatever uses it stops at once, for good. It was last used on {USED}. Project: shop.",
        ),
        (
            changes.key_revoked(SHOP, UNUSED),
            "Whatever uses it stops at once, for good. It was never used. Project: shop.",
        ),
        (
            changes.project_archived(SHOP, (KEY, UNUSED)),
            f"It cannot be brought back. They were last used on {USED}. Whatever uses its keys stops at once.",
        ),
        (changes.project_archived(SHOP, ()), "It cannot be brought back."),
        (changes.account_deleted(SHOP, BOT, ()), "It has no keys."),
        (
            changes.account_deleted(SHOP, BOT, (UNUSED,)),
            "Whatever uses its keys stops at once, for good. It was never used.",
        ),
    ],
)
def test_what_ends_says_what_depends_on_it(change: Change, consequence: str) -> None:
    assert change.consequence == consequence


@pytest.mark.parametrize(("left", "seconds"), [(3600.5, 3600), (0.2, 1), (-5, 1)])
async def test_a_keys_life_is_told_in_seconds_from_now_and_never_none(left: float, seconds: int) -> None:
    owner: Any = Owner()
    change = changes.key_life(SHOP, KEY, NOW + timedelta(seconds=left), NOW)
    await change.make(owner)
    assert change.before == "never"
    assert owner.asked == [("set_key_life", "p1", "key_1", seconds)]
