"""What is told after the first frame: what an earlier run left undone, and what is due. Each is told once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keytui.domain.agenda import due
from keytui.domain.keys import StoreUnreadable
from keytui.tui.half_made import half_made_plan

if TYPE_CHECKING:
    from keytui.tui.screens.main import MainScreen


async def heal_keys(screen: MainScreen) -> None:
    """Finish what an earlier run was interrupted at while it kept or forgot a key, and say so."""
    try:
        said = await screen.services.keys.heal()
    except StoreUnreadable:
        # It was told when the keys were read.
        return
    for sentence in said:
        screen.notify(sentence, markup=False, timeout=15)


async def book_left_behind(screen: MainScreen) -> None:
    """Book answers that were coming when keytui was killed, and say so."""
    try:
        booked = await screen.services.book_left_behind()
    except StoreUnreadable as trouble:
        screen.notify(str(trouble), severity="warning", markup=False, timeout=20)
        return
    if booked:
        what, so = ("An answer was", "It is") if booked == 1 else (f"{booked} answers were", "They are")
        screen.notify(f"{what} cut off when keytui was killed. {so} booked as an estimate.", timeout=15)


async def half_made(screen: MainScreen) -> str:
    """Say that an earlier keytui left a plan half made; what was said, empty when there is none."""
    try:
        left = await half_made_plan(screen.services)
    except StoreUnreadable as trouble:
        screen.notify(str(trouble), severity="warning", markup=False, timeout=20)
        return ""
    if left is None:
        return ""
    how = "half taken back" if left.undoing else "half made"
    said = f"The plan for “{left.plan.project.name}” was left {how}. f2 finishes it or takes it back."
    screen.notify(said, severity="warning", markup=False, timeout=20)
    return said


def remind(screen: MainScreen) -> None:
    """Say what is due with keys."""
    try:
        found = due(screen.services.agenda, screen.services.keys.records(), screen.services.now())
    except StoreUnreadable as trouble:
        screen.notify(str(trouble), severity="warning", markup=False, timeout=15)
        return
    for one in found:
        screen.notify(one.what, markup=False, timeout=10)
