"""The organisation by admin key: read in, filtered, changed with before and after, at any size."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from keytui.domain.organization.parts import Project, ProjectKey, ServiceTiers
from tests.support.platform_owner import Owner
from tests.tui.panes.keys_stage import KeysStage, keys_pane

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def opened(stage: KeysStage) -> Owner:
    handed = await stage.services.practice_keys()
    owner = Owner(handed.base_url, handed.admin_key)
    owner.make_key("shop")
    owner.make_key("backup")
    await stage.press("o")
    await stage.until("Organisation", "3 projects, 3 keys", "shop")
    return owner


async def test_projects_and_keys_are_shown_and_filtered() -> None:
    async with keys_pane() as stage:
        owner = await opened(stage)
        await stage.type("backup")
        text = await stage.until("3 rows shown")
        assert "shop" not in text
        await stage.until("spend limit  none", "models       every model")
        await stage.press("escape")
        await stage.settled()
        owner.close()


async def test_a_spend_limit_is_changed_with_before_and_after() -> None:
    async with keys_pane() as stage:
        owner = await opened(stage)
        await stage.type("shop")
        await stage.until("3 rows shown", "spend limit")
        await stage.press("ctrl+l")
        await stage.until("Spend limit of shop")
        await stage.fill("limit", "12.50")
        await stage.press("enter")
        await stage.until("Spend limit of shop", "now   none", "then  $12.50 a month")
        await stage.press("y")
        await stage.until("spend limit  $12.50 a month")
        owner.close()


async def test_a_key_is_revoked_after_asking() -> None:
    async with keys_pane() as stage:
        owner = await opened(stage)
        await stage.type("shop")
        await stage.until("3 rows shown")
        await stage.press("ctrl+r")
        await stage.until("Put the cursor on a key first")
        await stage.press("down", "down", "ctrl+r")
        await stage.until("Revoke ", "stops at once", "never used")
        await stage.press("escape")
        await stage.when(lambda: "stops at once" not in stage.text(), "no question")
        await stage.press("ctrl+r")
        await stage.until("stops at once")
        await stage.press("y")
        await stage.until("2 rows shown")
        owner.close()


async def choose(stage: KeysStage, verb: str) -> None:
    """Open what can be done with the row under the cursor, and choose one of it."""
    await stage.press("enter")
    await stage.until("type to filter", verb)
    await stage.type(verb.lower())
    await stage.press("enter")


async def confirm(stage: KeysStage, *shown: str) -> None:
    """Say yes to a change, after reading what it says."""
    await stage.until(*shown, "Leave it")
    await stage.press("y")
    await stage.when(lambda: len(stage.app.screen_stack) == 2, "the organisation in front")


async def at_shop(stage: KeysStage) -> Owner:
    owner = await opened(stage)
    await stage.type("shop")
    await stage.until("3 rows shown", "models       every model")
    return owner


async def test_what_a_project_may_use_is_changed_with_before_and_after() -> None:
    async with keys_pane() as stage:
        owner = await at_shop(stage)
        await choose(stage, "Models")
        await stage.fill("only", "gpt-6-luna, gpt-6-sol")
        await stage.press("enter")
        await confirm(stage, "Models of shop", "now   every model", "then  gpt-6-luna, gpt-6-sol")
        await stage.until("models       gpt-6-luna, gpt-6-sol", "of 23 other models")
        await choose(stage, "Rate limits")
        await stage.until("Rate limits of shop")
        await stage.type("luna")
        await stage.press("enter")
        await stage.until("At most the organisation's own")
        await stage.fill("requests_per_minute", "many")
        await stage.press("enter")
        await stage.until("This is a whole number")
        await stage.fill("requests_per_minute", "120")
        await stage.press("enter")
        await confirm(stage, "now   5,000 requests a minute", "then  120 requests a minute")
        await stage.until("120 requests a")
        await choose(stage, "Hosted tools")
        await stage.fill("on", "web_search")
        await stage.press("enter")
        await confirm(stage, "then  web_search")
        await choose(stage, "Service tiers")
        await stage.fill("enabled", "flex")
        await stage.press("enter")
        await confirm(stage, "now   Standard and every one", "then  Standard and flex")
        await stage.until("tools        web_search", "tiers        Standard and flex")
        owner.close()


async def test_alerts_are_made_changed_and_deleted_and_say_how_full_they_are() -> None:
    async with keys_pane() as stage:
        owner = await at_shop(stage)
        await choose(stage, "Spend alerts")
        await stage.fill("amount", "8")
        await stage.press("enter")
        await stage.until("at least one mail address")
        await stage.fill("emails", "me@here.example")
        await stage.press("enter")
        await confirm(stage, "now   none", "then  $8.00 a month, to me@here.example")
        await stage.until("alert at     $8.00 a month, 0 %", "reached, to", "me@here.example")
        await choose(stage, "Spend alerts")
        await stage.until("A new alert")
        await stage.press("enter")
        await stage.fill("amount", "9")
        await stage.press("enter")
        await confirm(stage, "now   $8.00", "then  $9.00")
        await choose(stage, "Spend alerts")
        await stage.press("enter")
        await stage.fill("amount", "")
        await stage.press("enter")
        await confirm(stage, "now   $9.00", "then  none", "Delete it")
        await stage.until("alerts       none")
        owner.close()


async def test_from_a_new_project_to_its_archive() -> None:
    async with keys_pane() as stage:
        owner = await opened(stage)
        await choose(stage, "Make a project")
        await stage.fill("name", "garden")
        await stage.press("enter")
        await confirm(stage, "Make the project “garden”", "It can be archived later")
        await stage.type("garden")
        await stage.until("1 row shown")
        await choose(stage, "Make a service account")
        await stage.fill("name", "mower")
        await stage.press("enter")
        await confirm(stage, "Make the service account “mower” in garden")
        await stage.until("mower  service account")
        await stage.press("down")
        await choose(stage, "Make a key")
        await stage.fill("name", "lawn")
        await stage.press("enter")
        await stage.until("Keep lawn where?")
        await stage.type("session")
        await stage.press("enter")
        await confirm(stage, "Make the key “lawn” for mower in garden?", "revoked again")
        await stage.until("lawn  sk-svcacct-")
        kept = stage.records["lawn"]
        assert (kept.project_name, kept.last4, kept.scopes) == (
            "garden",
            (await stage.services.keys.secret(kept)).last4,
            ("api.model.read", "api.model.request", "api.responses.write"),
        )
        assert stage.services.agenda.makings() == ()
        await choose(stage, "Change name and role")
        await stage.fill("name", "robot")
        await stage.fill("role", "owner")
        await stage.press("enter")
        await confirm(stage, "now   mower, member", "then  robot, owner")
        await stage.until("robot  service account")
        await stage.press("down")
        await choose(stage, "Change its end")
        await stage.fill("expires", "2001-01-01")
        await stage.press("enter")
        await stage.until("This day has passed already")
        later = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%d")
        await stage.fill("expires", later)
        await stage.press("enter")
        await confirm(stage, "End of lawn")
        await choose(stage, "Change what it may do")
        await stage.fill("scopes", "api.all.read")
        await stage.press("enter")
        await confirm(stage, "now   not told by the platform", "then  api.all.read")
        await stage.press("up")
        await choose(stage, "Delete it")
        await confirm(stage, "Delete the service account robot of garden, with 1 key?", "stops at once")
        await stage.until("1 row shown")
        await choose(stage, "Rename")
        await stage.fill("name", "garden shed")
        await stage.press("enter")
        await confirm(stage, "now   garden", "then  garden shed")
        await choose(stage, "Archive")
        await confirm(stage, "Archive garden shed?", "cannot be brought back")
        await stage.until("0 rows shown")
        owner.close()


async def test_more_projects_than_a_page_holds_come_in_over_the_network() -> None:
    async with keys_pane() as stage:
        owner = await opened(stage)
        for number in range(110):
            owner.make_project(f"project {number:03}")
        await stage.press("f5")
        await stage.until("113 projects, 3 keys; 119 rows shown", "project 009")
        await stage.type("109")
        await stage.until("1 row shown", "project 109")
        owner.close()


class Large:
    """An organisation with 2,000 projects and 10,000 keys, as the port gives it; no network is in the way."""

    base_url = "https://api.openai.com/v1"

    async def projects(self, *, archived: bool = False) -> tuple[Project, ...]:
        return tuple(Project(f"proj_{number}", f"project {number:04}", NOW) for number in range(2000))

    async def keys(self, project_id: str) -> tuple[ProjectKey, ...]:
        return tuple(ProjectKey(f"{project_id}-{at}", f"key {at}", f"sk-…{at}abc", "somebody") for at in range(5))

    async def service_accounts(self, project_id: str) -> tuple[()]:
        return ()

    async def costs(self, since: datetime, until: datetime | None = None, **more: object) -> tuple[()]:
        return ()

    async def spend_limit(self, project_id: str | None = None) -> int | None:
        return None

    async def spend_alerts(self, project_id: str | None) -> tuple[()]:
        return ()

    async def model_permissions(self, project_id: str) -> None:
        return None

    async def rate_limits(self, project_id: str) -> tuple[()]:
        return ()

    async def hosted_tools(self, project_id: str) -> dict[str, bool]:
        return {}

    async def service_tiers(self, project_id: str) -> ServiceTiers:
        return ServiceTiers("standard", ())

    async def close(self) -> None:
        return


async def test_ten_thousand_keys_come_in_while_the_filter_is_used() -> None:
    from keytui.tui.dialogs.organization import OrganizationDialog

    async with keys_pane() as stage:
        dialog = OrganizationDialog(stage.services, Large())  # type: ignore[arg-type]
        stage.app.push_screen(dialog)
        await stage.until("2,000 projects")
        assert not dialog._reading.complete
        await stage.type("1234")
        await stage.until("2,000 projects, 10,000 keys; 6 rows shown", "project 1234")
        for _ in range(4):
            await stage.press("backspace")
        # The cursor stays on its row, whatever comes in around it.
        await stage.until("12,001 rows shown", "project 1234")
        await stage.press("pagedown", "pagedown")
        text = await stage.until("project 1238")
        assert re.search(r"project 1238 .*\$0\.00 ", text), "the scrollbar covers the costs"
