"""What a key is for, as presets: which models and permissions each allows. Data, with its date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from keytui.domain.plan import ALL, KeyPlan, Permissions, Preset, SetupPlan

AS_OF = date(2026, 11, 23)
"""When the names of models and permissions were last compared with the platform's documentation."""


@dataclass(frozen=True, slots=True)
class PresetRow:
    """One preset."""

    name: Preset
    title: str
    says: str
    """What it allows, in a few words."""
    models: tuple[str, ...]
    """The project's allow-list; empty means every model."""
    scopes: tuple[str, ...]
    """Permissions of the key (openai-facts 1.7); empty means all."""
    default_model: str
    expires_days: int | None = 90
    hosted_tools: tuple[str, ...] = ()
    """Tools of the platform that are on; all others are off."""
    service_tiers: tuple[str, ...] = ()
    """Service tiers beside Standard."""


_CHAT_SCOPES = ("api.model.read", "api.model.request", "api.responses.write")

PRESETS = (
    PresetRow(
        "chat",
        "chat only",
        "three chat models, no tools",
        ("gpt-6-luna", "gpt-6-sol", "gpt-6-astra"),
        _CHAT_SCOPES,
        "gpt-6-luna",
    ),
    PresetRow(
        "embeddings",
        "embeddings only",
        "search and similarity, no chat",
        ("text-embedding-3-small", "text-embedding-3-large"),
        ("api.model.read", "api.model.request"),
        "text-embedding-3-small",
    ),
    PresetRow(
        "everything",
        "everything",
        "all models, all tools",
        (),
        (),
        "gpt-6-luna",
        hosted_tools=(ALL,),
        service_tiers=(ALL,),
    ),
    PresetRow("ci", "a build, 30 days", "one small model, ends soon", ("gpt-6-luna",), _CHAT_SCOPES, "gpt-6-luna", 30),
)
"""Source: openai-facts 1.7 (permissions) and 3.7 (models)."""


TIERS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    ((), "Standard only", "nothing is dearer than it must be"),
    (("flex",), "Flex too", "Flex is slow, at half the price"),
    (("flex", "fast"), "Flex and Fast too", "Fast costs twice as much or more"),
    ((ALL,), "every one", "those to come as well"),
)
"""Service tiers that a project may use: as a plan has them, in words, and what they mean (openai-facts 3.4)."""


def preset(name: Preset) -> PresetRow:
    """The preset of that name. Raises ``KeyError``."""
    return {row.name: row for row in PRESETS}[name]


def plan_for(name: Preset) -> SetupPlan:
    """The whole plan that a preset stands for. Raises ``KeyError``."""
    row = preset(name)
    return SetupPlan(
        permissions=Permissions(row.name, row.models, row.hosted_tools, row.service_tiers),
        key=KeyPlan(scopes=row.scopes, expires_days=row.expires_days),
        default_model=row.default_model,
    )
