"""Every page of the Admin API by its path and its methods. All of them want an admin key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from keytui.servers.practice import access
from keytui.servers.practice.admin import (
    admin_keys,
    api_keys,
    permissions,
    projects,
    rate_limits,
    service_accounts,
    spend,
    usage,
    users,
)
from keytui.servers.practice.inference import Call
from keytui.servers.practice.reply import Reply

Page = Callable[[Call], Awaitable[Reply]]

ORGANIZATION = "/v1/organization"
PROJECT = f"{ORGANIZATION}/projects/{{project_id}}"
ACCOUNT = f"{PROJECT}/service_accounts/{{service_account_id}}"


def _spend(base: str) -> dict[str, dict[str, Page]]:
    return {
        f"{base}/spend_limit": {"GET": spend.limit, "POST": spend.set_limit, "DELETE": spend.delete_limit},
        f"{base}/spend_alerts": {"GET": spend.list_alerts, "POST": spend.create_alert},
        f"{base}/spend_alerts/{{alert_id}}": {
            "GET": spend.alert,
            "POST": spend.set_alert,
            "DELETE": spend.delete_alert,
        },
    }


_OPEN: dict[str, dict[str, Page]] = {
    f"{ORGANIZATION}/projects": {"GET": projects.list_all, "POST": projects.create},
    PROJECT: {"GET": projects.retrieve, "POST": projects.update},
    f"{PROJECT}/archive": {"POST": projects.archive},
    f"{PROJECT}/service_accounts": {"GET": service_accounts.list_all, "POST": service_accounts.create},
    ACCOUNT: {
        "GET": service_accounts.retrieve,
        "POST": service_accounts.update,
        "DELETE": service_accounts.delete,
    },
    f"{ACCOUNT}/api_keys": {"POST": service_accounts.create_key},
    f"{PROJECT}/api_keys": {"GET": api_keys.list_all},
    f"{PROJECT}/api_keys/{{api_key_id}}": {
        "GET": api_keys.retrieve,
        "POST": api_keys.update,
        "DELETE": api_keys.delete,
    },
    f"{PROJECT}/model_permissions": {
        "GET": permissions.models,
        "POST": permissions.set_models,
        "DELETE": permissions.delete_models,
    },
    f"{PROJECT}/hosted_tool_permissions": {"GET": permissions.tools, "POST": permissions.set_tools},
    f"{PROJECT}/service_tier_settings": {"GET": permissions.tiers, "POST": permissions.set_tiers},
    f"{PROJECT}/rate_limits": {"GET": rate_limits.list_all},
    f"{PROJECT}/rate_limits/{{rate_limit_id}}": {"POST": rate_limits.update},
    f"{PROJECT}/users": {"GET": users.of_project},
    f"{PROJECT}/users/{{user_id}}": {"GET": users.one_of_project},
    **_spend(ORGANIZATION),
    **_spend(PROJECT),
    f"{ORGANIZATION}/admin_api_keys": {"GET": admin_keys.list_all, "POST": admin_keys.create},
    f"{ORGANIZATION}/admin_api_keys/{{key_id}}": {"GET": admin_keys.retrieve, "DELETE": admin_keys.delete},
    f"{ORGANIZATION}/users": {"GET": users.list_all},
    f"{ORGANIZATION}/users/{{user_id}}": {"GET": users.retrieve, "POST": users.update, "DELETE": users.delete},
    f"{ORGANIZATION}/usage/completions": {"GET": usage.completions},
    f"{ORGANIZATION}/usage/embeddings": {"GET": usage.embeddings},
    **{f"{ORGANIZATION}/usage/{name}": {"GET": usage.nothing} for name in usage.OTHERS},
    f"{ORGANIZATION}/costs": {"GET": usage.costs},
}


def _for_administrators(page: Page) -> Page:
    async def checked(call: Call) -> Reply:
        world = call.context.world
        access.administrator(world, call.request.headers, call.request.method)
        call.headers["openai-organization"] = world.id
        return await page(call)

    return checked


PAGES: dict[str, dict[str, Page]] = {
    path: {method: _for_administrators(page) for method, page in pages.items()} for path, pages in _OPEN.items()
}
"""The pages, each behind the check of the key."""
