"""Where the step of the key stands, on each way; the words are what enter does then."""

from __future__ import annotations

from enum import Enum

from keytui.domain.setup_words import ADMIN_KEY, AUTOMATIC


class Automatic(Enum):
    """With an admin key."""

    PLAN = "To the admin key"
    HALF_MADE = "Finish it"
    ADMIN = "Look first"
    LOOKING = "Looking"
    AGREE = "Make it"
    DOING = "At work"
    STUCK = "Try again"
    UNDONE = "To the plan"
    MADE = "Continue"


AUTOMATIC_WHY = {
    Automatic.PLAN: AUTOMATIC.why,
    Automatic.ADMIN: ADMIN_KEY,
    Automatic.LOOKING: "Looking at what is there. Nothing is made or changed.",
}
"""Why, by phase; the others have what they do in front of the user."""


class ByHand(Enum):
    """With a key that is pasted, and made on the platform's pages first if need be."""

    LIST = "To the key"
    PASTE = "Check it"
    CHECKING = "Checking"
    TROUBLE = "Try again"
    KEEP = "Keep it"
    KEPT = "Continue"
    PROVING = "Asking"
