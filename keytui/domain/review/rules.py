"""The rules of the review: each looks at a key, or at all of them, and gives what it found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from keytui.domain.found import Found, FoundKey
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, KeyState, Place
from keytui.domain.platform_keys import Standing
from keytui.domain.review.finding import Finding, Weight
from keytui.domain.secrets import Secret

OLD = timedelta(days=90)
UNUSED = timedelta(days=30)
SOON = timedelta(days=14)


def validity(record: KeyRecord, now: datetime) -> Iterator[Finding]:
    """Whether a key still works, and until when."""
    name, expires = record.name, record.expires
    if record.state is KeyState.REFUSED:
        yield finding_of(
            record,
            "refused",
            "act",
            f"“{name}” was refused when it was last checked.",
            "It was revoked, has expired, or lost its owner; programs that use it fail.",
            f"Verify it again (keytui keys verify {name}), then replace or remove it.",
        )
    if expires is not None and expires <= now:
        yield finding_of(
            record,
            "expired",
            "act",
            f"“{name}” expired on {expires:%Y-%m-%d}.",
            "It no longer opens anything.",
            "Make a new key, then remove this one.",
        )
    elif expires is not None and expires - now <= SOON:
        yield finding_of(
            record,
            "expires-soon",
            "look",
            f"“{name}” expires on {expires:%Y-%m-%d}.",
            "Programs that use it will stop on that day.",
            "Make its successor now, while both work.",
        )
    elif expires is None and record.base_url == OPENAI_BASE_URL and record.kind is not KeyKind.LEGACY:
        yield finding_of(
            record,
            "no-expiry",
            "know",
            f"No expiry is known for “{name}”.",
            "A key without an end stays valid wherever it was copied to.",
            "Let the next key expire by itself, when you make it.",
        )


def age_of(record: KeyRecord, now: datetime) -> Iterator[Finding]:
    """How long a key has been kept, and when it was last needed."""
    name, age = record.name, now - record.created
    if age >= OLD:
        yield finding_of(
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
        yield finding_of(
            record,
            "unused" if record.last_used else "never-used",
            "look",
            f"“{name}” {last}, as far as is known here.",
            "A key that nobody needs can still be stolen.",
            "Revoke it on the platform if nothing else uses it, then remove it here.",
        )


def reach(record: KeyRecord) -> Iterator[Finding]:
    """Whether a key can do more than it should."""
    at_openai = record.base_url == OPENAI_BASE_URL
    if record.kind is KeyKind.ADMIN and record.place is not Place.SESSION:
        yield finding_of(
            record,
            "admin-kept",
            "look",
            f"“{record.name}” is an admin key that is kept on this machine.",
            "Who has it can make keys, change limits and see every project of the organisation.",
            "Remove it when set-up is done, and give it anew when it is needed.",
        )
    if record.kind is KeyKind.LEGACY:
        yield finding_of(
            record,
            "legacy",
            "look",
            f"“{record.name}” is a legacy key, bound to a user and to no project.",
            "It can do everything its owner can, in every project.",
            "Make a project key that can do only what you need, then revoke this one.",
        )
    elif record.scopes == ():
        yield finding_of(
            record,
            "all-permissions",
            "look",
            f"“{record.name}” may do everything that its owner may.",
            "Who gets hold of it can read files, change assistants and more, though you only chat.",
            "Let its successor have only the permissions it needs.",
        )
    elif record.scopes is None and record.kind in (KeyKind.PROJECT, KeyKind.SERVICE_ACCOUNT) and at_openai:
        yield finding_of(
            record,
            "permissions-unknown",
            "know",
            f"Nothing is known of what “{record.name}” may do.",
            "Keys made on the platform's page may do everything unless that was restricted there.",
            "Write down what it may do, or let its successor have only what it needs.",
        )


def spend(record: KeyRecord, capped: bool) -> Iterator[Finding]:
    """Whether anything ends what a key can spend."""
    if record.monthly_cap is None and not capped and record.kind is not KeyKind.ADMIN:
        yield finding_of(
            record,
            "no-cap",
            "know",
            f"No cap is set for “{record.name}”.",
            "A program that runs wild spends until the credit is gone, or what the platform's own limit allows.",
            "Set a monthly cap (e in the Keys pane), and a spend limit on the platform.",
        )


def on_the_platform(record: KeyRecord, standing: Standing) -> Iterator[Finding]:
    """What only an admin key sees."""
    owner = standing.key.owner or "its owner"
    if not standing.key.owner_active:
        yield finding_of(
            record,
            "owner-inactive",
            "act",
            f"“{record.name}” belongs to {owner}, who has no access to the project any more.",
            "It can end at any moment, and nobody answers for what it does.",
            f"Let a service account own its successor: keytui keys rotate {record.name} --automatic",
        )
    if not standing.limited:
        yield finding_of(
            record,
            "no-limit",
            "look",
            f"The project of “{record.name}” ({standing.project.name}) has no spend limit.",
            "Whoever holds the key can spend until the credit is gone; a cap in keytui only holds what keytui sends.",
            "Set a spend limit for the project, in the organisation.",
        )


def finding_of(record: KeyRecord, rule: str, weight: Weight, what: str, why: str, action: str) -> Finding:
    """A finding of a rule, about a key."""
    return Finding(rule, weight, record.id, record.name, what, why, action)


def kept_twice(records: Sequence[KeyRecord], secrets: Mapping[str, Secret]) -> list[Finding]:
    """The same characters under two names."""
    findings, first = [], dict[Secret, KeyRecord]()
    for record in records:
        secret = secrets.get(record.id)
        if secret is None:
            continue
        other = first.setdefault(secret, record)
        if other is not record:
            findings.append(
                finding_of(
                    record,
                    "same-key",
                    "look",
                    f"“{record.name}” is the same key as “{other.name}”.",
                    "Spend is booked under two names, and revoking one ends both.",
                    f"Remove one of the two (keytui keys remove {record.name}).",
                )
            )
    return findings


def lying_about(
    records: Sequence[KeyRecord], secrets: Mapping[str, Secret], found: Sequence[FoundKey]
) -> Iterator[Finding]:
    """Kept keys that also lie somewhere in clear."""
    for lying in found:
        for record in records:
            if lying.in_clear and not record.place.read_only and secrets.get(record.id) == lying.secret:
                yield finding_of(
                    record,
                    "in-clear",
                    "act",
                    f"“{record.name}” is also in clear: {lying.where}.",
                    "Every program of yours, every backup and a careless commit can take it from there.",
                    "Delete it there, use keytui exec instead, and replace the key if others could read the file.",
                )


def shadowed(active: KeyRecord, secret: Secret, found: Sequence[FoundKey]) -> Iterator[Finding]:
    """Other keys that programs take instead of the active one."""
    for lying in Found(tuple(found)).shadowing(secret):
        yield finding_of(
            active,
            "shadowed",
            "look",
            f"Another key ({lying.where}, …{lying.last4}) stands in the way of “{active.name}”.",
            "Programs that are started without keytui exec use that one, and its bill.",
            f"Take it out of there, or start programs with: keytui exec -k {active.name} -- PROGRAM",
        )
