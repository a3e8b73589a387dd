"""What somebody should know about the platform account before paying for anything, with its date and source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

AS_OF = date(2026, 11, 23)
"""When these facts were last compared with OpenAI's own pages. They may change; the pages are right."""

SOURCE = "OpenAI's help centre, “prepaid billing”"

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
        f"From ${LEAST_PURCHASE} at a time; the form suggests ${PREFILLED_PURCHASE}. No credit, no answers.",
    ),
    Fact("Auto-reload", "Is switched on in the form: switch it off there if you do not want it."),
    Fact("Lapses", "Credit ends one year after it was bought, and is not refunded as a rule."),
    Fact("Limits", "How much you may ask grows by itself with what you have paid (tiers)."),
)

PAGES = (
    ("Sign up", "signup"),
    ("Credit", "billing"),
    ("Limits", "limits"),
    ("Regions", "countries"),
)
"""The pages of this step: the name shown, and the name in ``keytui.domain.troubles.pages``."""
