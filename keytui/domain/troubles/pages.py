"""The platform's pages, with full addresses. Page names may move; the addresses were last checked on ``AS_OF``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

AS_OF = date(2026, 11, 23)
"""When the table was last compared with the platform's own documentation."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its address, and what it is for in the user's words."""

    address: str
    purpose: str


_DASHBOARD = "https://platform.openai.com"
_DOCS = "https://developers.openai.com/api/docs"

PAGES: Mapping[str, Page] = MappingProxyType(
    {
        "signup": Page(f"{_DASHBOARD}/signup", "make a platform account"),
        "login": Page(f"{_DASHBOARD}/login", "sign in to the platform"),
        "keys": Page(f"{_DASHBOARD}/api-keys", "make and revoke API keys"),
        "admin-keys": Page(f"{_DASHBOARD}/settings/organization/admin-keys", "make admin keys (owners only)"),
        "general": Page(f"{_DASHBOARD}/settings/organization/general", "verify the organisation, see its id"),
        "limits": Page(f"{_DASHBOARD}/settings/organization/limits", "usage tier, rate limits and spend limits"),
        "billing": Page(f"{_DASHBOARD}/settings/organization/billing/overview", "credit, cards and auto-reload"),
        "usage": Page(f"{_DASHBOARD}/usage", "what was used and what it cost"),
        "projects": Page(f"{_DASHBOARD}/settings/organization/projects", "projects, their members and limits"),
        "countries": Page(f"{_DOCS}/supported-countries", "the countries the API can be used from"),
        "status": Page("https://status.openai.com", "whether the platform is up"),
        "models": Page(f"{_DOCS}/models", "all models"),
        "pricing": Page(f"{_DOCS}/pricing", "prices of all models"),
        "deprecations": Page(f"{_DOCS}/deprecations", "models that retire, and when"),
        "errors": Page(f"{_DOCS}/guides/error-codes", "the platform's own list of error codes"),
        "rate-limits": Page(f"{_DOCS}/guides/rate-limits", "how rate limits work"),
    }
)
"""Page name to page. Source: OpenAI's documentation and help centre (openai-facts 1.2)."""


def address(name: str) -> str:
    """The full address of a page. Raises ``KeyError`` for a name that is not in the table."""
    return PAGES[name].address
