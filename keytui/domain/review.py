"""The review of keys: what should be looked at, why it matters, and the one thing to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from keytui.domain.found import Found, FoundKey
from keytui.domain.keys import OPENAI_BASE_URL, FileState, KeyKind, KeyRecord, KeyState, KeyStore, Place, VaultTrouble
from keytui.domain.platform_keys import Standing
from keytui.domain.real_use import RealUse, advise
from keytui.domain.secrets import Secret

OLD = timedelta(days=90)
UNUSED = timedelta(days=30)
SOON = timedelta(days=14)
EVERY = timedelta(days=30)
"""How often a review is proposed."""

Weight = Literal["act", "look", "know"]
"""``act``: something is exposed or broken; ``look``: should be decided; ``know``: good to know."""

_ORDER: tuple[Weight, ...] = ("act", "look", "know")


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
        for finding in (*_validity(record, now), *_age(record, now), *_reach(record), *_spend(record, capped))
    ]
    findings += [finding for record in records if record.id in told for finding in _platform(record, told[record.id])]
    findings += [
        _finding(record, each.id, "look" if each.id != "needs-less" else "know", each.what, each.why, each.action)
        for record in records
        if use is not None and record.id in use
        for each in advise(record, use[record.id])
    ]
    findings += _twice(records, known)
    findings += _lying_about(records, known, found)
    if active is not None and active.id in known:
        findings += _shadowed(active, known[active.id], found)
    findings.sort(key=lambda finding: (_ORDER.index(finding.weight), finding.key_name))
    return Review(now, tuple(findings))


def _validity(record: KeyRecord, now: datetime) -> Iterator[Finding]:
    """Whether a key still works, and until when."""
    name, expires = record.name, record.expires
    if record.state is KeyState.REFUSED:
        yield _finding(
            record,
            "refused",
            "act",
            f"“{name}” was refused when it was last checked.",
            "It was revoked, has expired, or lost its owner; programs that use it fail.",
            f"Verify it again (keytui keys verify {name}), then replace or remove it.",
        )
    if expires is not None and expires <= now:
        yield _finding(
            record,
            "expired",
            "act",
            f"“{name}” expired on {expires:%Y-%m-%d}.",
            "It no longer opens anything.",
            "Make a new key, then remove this one.",
        )
    elif expires is not None and expires - now <= SOON:
        yield _finding(
            record,
            "expires-soon",
            "look",
            f"“{name}” expires on {expires:%Y-%m-%d}.",
            "Programs that use it will stop on that day.",
            "Make its successor now, while both work.",
        )
    elif expires is None and record.base_url == OPENAI_BASE_URL and record.kind is not KeyKind.LEGACY:
        yield _finding(
            record,
            "no-expiry",
            "know",
            f"No expiry is known for “{name}”.",
            "A key without an end stays valid wherever it was copied to.",
            "Let the next key expire by itself, when you make it.",
        )


def _age(record: KeyRecord, now: datetime) -> Iterator[Finding]:
    """How long a key has been kept, and when it was last needed."""
    name, age = record.name, now - record.created
    if age >= OLD:
        yield _finding(
            record,
            "old",
            "look",
            f"“{name}” has been kept for {age.days} days.",
            "The longer a key lives, the more places have seen it.",
            "Make a new one, change over, then revoke this one.",
        )
    since = now - record.last_used if record.last_used else age
    if since >= UNUSED:
        last = f"was last used on {record.last_used:%Y-%m-%d}" if record.last_used else "was never used"
        yield _finding(
            record,
            "unused" if record.last_used else "never-used",
            "look",
            f"“{name}” {last}, as far as is known here.",
            "A key that nobody needs can still be stolen.",
            "Revoke it on the platform if nothing else uses it, then remove it here.",
        )


def _reach(record: KeyRecord) -> Iterator[Finding]:
    """Whether a key can do more than it should."""
    at_openai = record.base_url == OPENAI_BASE_URL
    if record.kind is KeyKind.ADMIN and record.place is not Place.SESSION:
        yield _finding(
            record,
            "admin-kept",
            "look",
            f"“{record.name}” is an admin key that is kept on this machine.",
            "Who has it can make keys, change limits and see every project of the organisation.",
            "Remove it when set-up is done, and give it anew when it is needed.",
        )
    if record.kind is KeyKind.LEGACY:
        yield _finding(
            record,
            "legacy",
            "look",
            f"“{record.name}” is a legacy key, bound to a user and to no project.",
            "It can do everything its owner can, in every project.",
            "Make a project key that can do only what you need, then revoke this one.",
        )
    elif record.scopes == ():
        yield _finding(
            record,
            "all-permissions",
            "look",
            f"“{record.name}” may do everything that its owner may.",
            "Who gets hold of it can read files, change assistants and more, though you only chat.",
            "Let its successor have only the permissions it needs.",
        )
    elif record.scopes is None and record.kind in (KeyKind.PROJECT, KeyKind.SERVICE_ACCOUNT) and at_openai:
        yield _finding(
            record,
            "permissions-unknown",
            "know",
            f"Nothing is known of what “{record.name}” may do.",
            "Keys made on the platform's page may do everything unless that was restricted there.",
            "Write down what it may do, or let its successor have only what it needs.",
        )


def _spend(record: KeyRecord, capped: bool) -> Iterator[Finding]:
    """Whether anything ends what a key can spend."""
    if record.monthly_cap is None and not capped and record.kind is not KeyKind.ADMIN:
        yield _finding(
            record,
            "no-cap",
            "know",
            f"No cap is set for “{record.name}”.",
            "A program that runs wild spends until the credit is gone, or what the platform's own limit allows.",
            "Set a monthly cap (e in the Keys pane), and a spend limit on the platform.",
        )


def _platform(record: KeyRecord, standing: Standing) -> Iterator[Finding]:
    """What only an admin key sees."""
    owner = standing.key.owner or "its owner"
    if not standing.key.owner_active:
        yield _finding(
            record,
            "owner-inactive",
            "act",
            f"“{record.name}” belongs to {owner}, who has no access to the project any more.",
            "It can end at any moment, and nobody answers for what it does.",
            f"Let a service account own its successor: keytui keys rotate {record.name} --automatic",
        )
    if not standing.limited:
        yield _finding(
            record,
            "no-limit",
            "look",
            f"The project of “{record.name}” ({standing.project.name}) has no spend limit.",
            "Whoever holds the key can spend until the credit is gone; a cap in keytui only holds what keytui sends.",
            "Set a spend limit for the project, in the organisation.",
        )


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


def _finding(record: KeyRecord, rule: str, weight: Weight, what: str, why: str, action: str) -> Finding:
    return Finding(rule, weight, record.id, record.name, what, why, action)


def _twice(records: Sequence[KeyRecord], secrets: Mapping[str, Secret]) -> list[Finding]:
    """The same characters under two names."""
    findings, first = [], dict[Secret, KeyRecord]()
    for record in records:
        secret = secrets.get(record.id)
        if secret is None:
            continue
        other = first.setdefault(secret, record)
        if other is not record:
            findings.append(
                _finding(
                    record,
                    "same-key",
                    "look",
                    f"“{record.name}” is the same key as “{other.name}”.",
                    "Spend is booked under two names, and revoking one ends both.",
                    f"Remove one of the two (keytui keys remove {record.name}).",
                )
            )
    return findings


def _lying_about(
    records: Sequence[KeyRecord], secrets: Mapping[str, Secret], found: Sequence[FoundKey]
) -> Iterator[Finding]:
    """Kept keys that also lie somewhere in clear."""
    for lying in found:
        for record in records:
            if lying.in_clear and not record.place.read_only and secrets.get(record.id) == lying.secret:
                yield _finding(
                    record,
                    "in-clear",
                    "act",
                    f"“{record.name}” is also in clear: {lying.where}.",
                    "Every program of yours, every backup and a careless commit can take it from there.",
                    "Delete it there, use keytui exec instead, and replace the key if others could read the file.",
                )


def _shadowed(active: KeyRecord, secret: Secret, found: Sequence[FoundKey]) -> Iterator[Finding]:
    """Other keys that programs take instead of the active one."""
    for lying in Found(tuple(found)).shadowing(secret):
        yield _finding(
            active,
            "shadowed",
            "look",
            f"Another key ({lying.where}, …{lying.last4}) stands in the way of “{active.name}”.",
            "Programs that are started without keytui exec use that one, and its bill.",
            f"Take it out of there, or start programs with: keytui exec -k {active.name} -- PROGRAM",
        )
