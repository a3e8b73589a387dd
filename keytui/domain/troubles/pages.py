"""The platform's pages, with full addresses. Page names may move; the addresses were last checked on ``AS_OF``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

AS_OF = date(2026, 11, 23)
"""When the table was last compared with the platform's own documentation."""

_DASHBOARD = "https://platform.openai.com"
_DOCS = "https://developers.openai.com/api/docs"

PAGES: Mapping[str, str] = MappingProxyType(
    {
        "signup": f"{_DASHBOARD}/signup",
        "login": f"{_DASHBOARD}/login",
        "keys": f"{_DASHBOARD}/api-keys",
        "admin-keys": f"{_DASHBOARD}/settings/organization/admin-keys",
        "general": f"{_DASHBOARD}/settings/organization/general",
        "limits": f"{_DASHBOARD}/settings/organization/limits",
        "billing": f"{_DASHBOARD}/settings/organization/billing/overview",
        "usage": f"{_DASHBOARD}/usage",
        "projects": f"{_DASHBOARD}/settings/organization/projects",
        "countries": f"{_DOCS}/supported-countries",
        "status": "https://status.openai.com",
        "models": f"{_DOCS}/models",
        "pricing": f"{_DOCS}/pricing",
        "deprecations": f"{_DOCS}/deprecations",
        "errors": f"{_DOCS}/guides/error-codes",
        "rate-limits": f"{_DOCS}/guides/rate-limits",
    }
)
"""Page name to full address. Source: OpenAI's documentation and help centre (openai-facts 1.2)."""


def address(name: str) -> str:
    """The full address of a page. Raises ``KeyError`` for a name that is not in the table."""
    return PAGES[name]
