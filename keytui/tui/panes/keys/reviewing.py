"""The review of all keys, with their characters compared to what lies about, and the platform asked where it can be."""

from __future__ import annotations

import asyncio

from keytui.domain.chat import Refused
from keytui.domain.keys import FileState, KeyKind, KeyRecord, Place, VaultTrouble
from keytui.domain.platform_keys import Standing, learnt, standings
from keytui.domain.real_use import real_use
from keytui.domain.review.finding import Finding
from keytui.domain.review.reviewing import readable, review
from keytui.domain.secrets import Secret
from keytui.tui.background import in_background
from keytui.tui.panes.admin_key import kept_admin_key
from keytui.tui.panes.pane import Pane


async def look_over(pane: Pane, *, files: bool) -> tuple[Finding, ...]:
    """What should be changed about any key, the weightiest first. Raises ``StoreUnreadable`` and ``VaultTrouble``.

    Keys that cannot be read without asking are not compared. ``files``: look into other programs' and the shell's too.
    """
    services = pane.services
    records, active = services.keys.records(), services.keys.active()
    secrets, unread = await readable(services.keys, records)
    found = (await services.look_around(programs=files, shell_files=files)).keys
    platform, refusal = await _asked(pane, records)
    for record in records:
        if record.id in platform and (better := learnt(record, platform[record.id])) != record:
            await services.keys.replace(better)
    records = services.keys.records()
    capped = services.settings.load().monthly_cap is not None
    now = services.now()
    ledger = await services.ledger()
    use = {record.id: await in_background(real_use, ledger, record, now) for record in records}
    result = review(
        records, now, secrets=secrets, found=found, active=active, capped=capped, platform=platform, use=use
    )
    services.agenda.reviewed(result.next)
    said = _said(len(result.findings), unread, files=files, asked=bool(platform), following=f"{result.next:%d %b}")
    pane.notify(f"{said} {refusal}".strip(), markup=False)
    return result.findings


async def _asked(pane: Pane, records: tuple[KeyRecord, ...]) -> tuple[dict[str, Standing], str]:
    """What the platform tells where an admin key is at hand without asking anybody; and why it does not tell more."""
    services, told, unsought = pane.services, dict[str, Standing](), tuple[str, ...]()
    if services.offline:
        return told, ""
    for base_url in sorted({one.base_url for one in records if one.kind is not KeyKind.ADMIN}):
        try:
            secret = await _at_hand(pane, base_url)
            if secret is None:
                continue
            admin = await services.admin(secret, base_url)
            try:
                seen = await standings(admin, records, together=asyncio.gather, sleep=asyncio.sleep)
                told |= seen.standings
                unsought += seen.unsought
            finally:
                await admin.close()
        except Refused as refused:
            return told, f"The platform was asked as well, but: {refused.trouble.title}"
        except VaultTrouble as trouble:
            return told, str(trouble)
    if unsought:
        return told, (
            f"The platform has too many projects to look for {', '.join(unsought)} now: write the project into the "
            "entry (e), or run “keytui keys review --platform”, which looks through them all."
        )
    return told, ""


async def _at_hand(pane: Pane, base_url: str) -> Secret | None:
    """An admin key for an address that can be read without asking: a kept one, or that of practice."""
    services = pane.services
    kept = kept_admin_key(pane, base_url)
    if kept is not None:
        locked = kept.place is Place.FILE and services.keys.file_state is not FileState.OPEN
        return None if locked or kept.place is Place.COMMAND else await services.keys.secret(kept)
    if services.practice:
        handed = await services.practice_keys()
        return Secret(handed.admin_key) if handed.base_url == base_url else None
    return None


def _said(count: int, unread: tuple[str, ...], *, files: bool, asked: bool, following: str) -> str:
    words = [
        f"{count} finding{'' if count == 1 else 's'}, beside the key each is about." if count else "Nothing to do."
    ]
    if unread:
        words.append(f"Not compared, because locked: {', '.join(unread)}.")
    if asked:
        words.append("The platform was asked, too.")
    if not files:
        words.append("shift+w looks into other programs' and the shell's files as well.")
    return " ".join([*words, f"Next review: {following}."])
