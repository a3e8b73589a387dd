"""The organisation by admin key: read in, filtered, changed with before and after, at any size."""

from __future__ import annotations

from datetime import UTC, datetime

from keytui.domain.admin import Project, ProjectKey
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
        text = await stage.until("2 rows shown")
        assert "shop" not in text
        await stage.until("spend limit", "none", "models", "all")
        await stage.press("escape")
        await stage.settled()
        owner.close()


async def test_a_spend_limit_is_changed_with_before_and_after() -> None:
    async with keys_pane() as stage:
        owner = await opened(stage)
        await stage.type("shop")
        await stage.until("2 rows shown", "spend limit")
        await stage.press("ctrl+l")
        await stage.until("Spend limit of shop")
        await stage.fill("limit", "12.50")
        await stage.press("enter")
        await stage.until("none -> $12.50 a month")
        await stage.press("y")
        await stage.until("spend limit  $12.50 a month")
        owner.close()


async def test_a_key_is_revoked_after_asking() -> None:
    async with keys_pane() as stage:
        owner = await opened(stage)
        await stage.type("shop")
        await stage.until("2 rows shown")
        await stage.press("ctrl+r")
        await stage.until("Put the cursor on a key first")
        await stage.press("down", "ctrl+r")
        await stage.until("Revoke ", "stops at once", "never used")
        await stage.press("escape")
        await stage.when(lambda: "stops at once" not in stage.text(), "no question")
        await stage.press("ctrl+r")
        await stage.until("stops at once")
        await stage.press("y")
        await stage.until("1 row shown")
        owner.close()


class Large:
    """An organisation with 2,000 projects and 10,000 keys, as the port gives it; no network is in the way."""

    base_url = "https://api.openai.com/v1"

    async def projects(self, *, archived: bool = False) -> tuple[Project, ...]:
        return tuple(Project(f"proj_{number}", f"project {number:04}", NOW) for number in range(2000))

    async def keys(self, project_id: str) -> tuple[ProjectKey, ...]:
        return tuple(ProjectKey(f"{project_id}-{at}", f"key {at}", f"sk-…{at}abc", "somebody") for at in range(5))

    async def costs(self, since: datetime, until: datetime | None = None, **more: object) -> tuple[()]:
        return ()

    async def spend_limit(self, project_id: str | None = None) -> int | None:
        return None

    async def spend_alerts(self, project_id: str) -> tuple[()]:
        return ()

    async def model_permissions(self, project_id: str) -> None:
        return None

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
        await stage.until("12,000 rows shown")
        await stage.press("pagedown", "pagedown")
        await stage.until("project 0004")
