"""Looking over all keys, by every rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from keytui.domain.found import FoundKey
from keytui.domain.keys import FileState, KeyRecord, KeyStore, Place, VaultTrouble
from keytui.domain.platform_keys import Standing
from keytui.domain.real_use import RealUse, advise
from keytui.domain.review.finding import Finding, Weight
from keytui.domain.review.rules import (
    age_of,
    finding_of,
    kept_twice,
    lying_about,
    on_the_platform,
    reach,
    shadowed,
    spend,
    validity,
)
from keytui.domain.secrets import Secret

EVERY = timedelta(days=30)
"""How often a review is proposed."""

_ORDER: tuple[Weight, ...] = ("act", "look", "know")


@dataclass(frozen=True, slots=True)
class Review:
    """All findings, the weightiest first."""

    at: datetime
    findings: tuple[Finding, ...]

    @property
    def next(self) -> datetime:
        """When the next review is due."""
        return self.at + EVERY


def review(
    records: Sequence[KeyRecord],
    now: datetime,
    *,
    secrets: Mapping[str, Secret] | None = None,
    found: Sequence[FoundKey] = (),
    active: KeyRecord | None = None,
    capped: bool = False,
    platform: Mapping[str, Standing] | None = None,
    use: Mapping[str, RealUse] | None = None,
) -> Review:
    """Review all keys.

    ``secrets`` are the characters of those keys (by id) that could be read without asking; they are compared with
    each other and with ``found`` in memory only. Keys that could not be read are simply not compared. ``active`` is the
    key in use, for what stands in its way. ``capped`` says whether a cap holds for all keys together. ``platform`` is
    what an admin key sees of these keys (by id), ``use`` what they really took (by id).
    """
    known, told = secrets or {}, platform or {}
    findings = [
        finding
        for record in records
        for finding in (*validity(record, now), *age_of(record, now), *reach(record), *spend(record, capped))
    ]
    findings += [
        finding for record in records if record.id in told for finding in on_the_platform(record, told[record.id])
    ]
    findings += [
        finding_of(record, each.id, "look" if each.id != "needs-less" else "know", each.what, each.why, each.action)
        for record in records
        if use is not None and record.id in use
        for each in advise(record, use[record.id])
    ]
    findings += kept_twice(records, known)
    findings += lying_about(records, known, found)
    if active is not None and active.id in known:
        findings += shadowed(active, known[active.id], found)
    findings.sort(key=lambda finding: (_ORDER.index(finding.weight), finding.key_name))
    return Review(now, tuple(findings))


async def readable(keys: KeyStore, records: Sequence[KeyRecord]) -> tuple[dict[str, Secret], tuple[str, ...]]:
    """The characters (by id) of the keys that can be read without asking, and the names of the others.

    A command that prints a key is not run for this: it may ask for a fingerprint.
    """
    secrets: dict[str, Secret] = {}
    unread = []
    for record in records:
        locked = record.place is Place.FILE and keys.file_state is not FileState.OPEN
        try:
            if record.place is Place.COMMAND or locked:
                unread.append(record.name)
            else:
                secrets[record.id] = await keys.secret(record)
        except VaultTrouble:
            unread.append(record.name)
    return secrets, tuple(unread)
