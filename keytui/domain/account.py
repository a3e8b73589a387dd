"""What somebody should know about the platform account before paying for anything, with its date and source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

AS_OF = date(2026, 11, 23)
"""When these facts were last compared with OpenAI's own pages. They may change; the pages are right."""

SOURCE = "OpenAI's help centre"

LEAST_PURCHASE = 5
"""USD; the smallest amount of credit that can be bought (source: OpenAI help centre 8264644)."""

PREFILLED_PURCHASE = 10
"""USD; what the form suggests (same source)."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to know: a few words to find it by, and the sentence."""

    name: str
    sentence: str


FACTS = (
    Fact(
        "Paid in advance",
        f"from ${LEAST_PURCHASE} at a time; the form suggests ${PREFILLED_PURCHASE}",
    ),
    Fact("Auto-reload", "is on in the form: switch it off there, unless you want it"),
    Fact("Expiry", "credit ends a year after it was bought; there is no refund"),
    Fact("Limits", "grow by themselves with what you have paid (usage tiers)"),
)

PAGES = (
    ("Sign up", "signup"),
    ("Credit", "billing"),
    ("Limits", "limits"),
    ("Regions", "countries"),
)
"""The pages of this step: the name shown, and the name in ``keytui.domain.troubles.pages``."""
