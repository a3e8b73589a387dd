"""The review of all keys, with their characters compared to what lies about."""

from __future__ import annotations

from keytui.domain.review import Finding, readable, review
from keytui.tui.panes.pane import Pane


async def look_over(pane: Pane, *, files: bool) -> tuple[Finding, ...]:
    """What should be changed about any key, the weightiest first. Raises ``StoreUnreadable``.

    Keys that cannot be read without asking are not compared. ``files``: look into other programs' and the shell's too.
    """
    services = pane.services
    records, active = services.keys.records(), services.keys.active()
    secrets, unread = await readable(services.keys, records)
    found = (await services.look_around(programs=files, shell_files=files)).keys
    capped = services.settings.load().monthly_cap is not None
    now = services.now()
    result = review(records, now, secrets=secrets, found=found, active=active, capped=capped)
    services.agenda.reviewed(result.next)
    pane.notify(_said(len(result.findings), unread, files=files, following=f"{result.next:%d %b}"), markup=False)
    return result.findings


def _said(count: int, unread: tuple[str, ...], *, files: bool, following: str) -> str:
    words = [
        f"{count} finding{'' if count == 1 else 's'}, beside the key each is about." if count else "Nothing to do."
    ]
    if unread:
        words.append(f"Not compared, because locked: {', '.join(unread)}.")
    if not files:
        words.append("shift+w looks into other programs' and the shell's files as well.")
    return " ".join([*words, f"Next review: {following}."])
