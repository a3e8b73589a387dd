"""One thing that a review found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Weight = Literal["act", "look", "know"]
"""``act``: something is exposed or broken; ``look``: should be decided; ``know``: good to know."""

_KEYS = {
    "refused": "v",
    "expired": "r",
    "expires-soon": "r",
    "no-expiry": "e",
    "no-cap": "e",
    "old": "r",
    "unused": "d",
    "never-used": "d",
    "admin-kept": "d",
    "legacy": "r",
    "same-key": "d",
    "in-clear": "r",
    "owner-inactive": "r",
    "no-limit": "o",
    "all-permissions": "r",
    "permissions-unknown": "e",
    "needs-less": "e",
    "needs-more": "e",
    "limit-hit": "o",
}
"""By rule, the key of the Keys pane that leads to the remedy."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the review found."""

    id: str
    """Stable name of the rule, such as ``in-clear``."""
    weight: Weight
    key_id: str
    key_name: str
    what: str
    """One sentence, with the key's name in it."""
    why: str
    action: str
    """The one thing to do; begins with a verb."""

    @property
    def key(self) -> str:
        """The key to press in the Keys pane for what is to be done; empty when it is not done there."""
        return _KEYS.get(self.id, "")

    @property
    def by_looking(self) -> bool:
        """Whether characters, the platform or the ledger told it, so that the list alone cannot tell it again."""
        return self.id in (
            *("same-key", "in-clear", "shadowed", "owner-inactive", "no-limit"),
            *("needs-less", "needs-more", "limit-hit"),
        )
