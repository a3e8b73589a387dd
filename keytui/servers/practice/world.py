"""The state of the service: one organisation, what it holds, what it spent. Touched from the server's loop alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from keytui.domain.keys import KeyKind
from keytui.domain.secrets import Secret
from keytui.servers.practice import identity
from keytui.servers.practice.cache import PrefixCache
from keytui.servers.practice.catalog import Model, catalog
from keytui.servers.practice.ledger import Book, Served
from keytui.servers.practice.limits import Bucket, Standing
from keytui.servers.practice.organization import Key, Project, RateLimit, ServiceAccount, SpendAlert, User
from keytui.servers.practice.shelf import Shelf
from keytui.servers.practice.situations import Situation, situations


@dataclass(slots=True)
class World:
    """Everything that the service knows. Times come from ``clock``, in Unix seconds."""

    clock: Callable[[], float] = time.time
    credit: Decimal = Decimal(5)
    """What is left, in USD. The last answer may take it a little below zero, as on the platform."""
    situation: Situation | None = None
    """The situation that every key is in; keys may have their own."""
    id: str = field(default_factory=lambda: identity.identifier("org-"))
    users: dict[str, User] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    accounts: dict[str, ServiceAccount] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    spend_cents: int | None = None
    alerts: dict[str, SpendAlert] = field(default_factory=dict)
    book: Book = field(default_factory=Book)
    cache: PrefixCache = field(default_factory=PrefixCache)
    shelf: Shelf = field(default_factory=Shelf)
    handed_out: dict[str, Secret] = field(default_factory=dict)
    """The practice keys that the service itself offers, by situation; a real platform keeps no such thing."""
    _by_digest: dict[str, str] = field(default_factory=dict)
    _standings: dict[tuple[str, str, str], Standing] = field(default_factory=dict)

    @property
    def now(self) -> float:
        """The time."""
        return self.clock()

    def found(self, api_key: Secret, admin_key: Secret) -> None:
        """Set the organisation up: its owner, the Default project, the two first keys, and a key per situation."""
        now = int(self.now)
        owner = User(identity.identifier("user-"), "Practice Owner", "owner@practice.invalid", "owner", now)
        project = Project(identity.identifier("proj_"), "Default project", now, default=True)
        self.users[owner.id] = owner
        self.projects[project.id] = project
        self.add_key(api_key, KeyKind.PROJECT, "Practice key", project_id=project.id)
        self.add_key(admin_key, KeyKind.ADMIN, "Practice admin key")
        for name in situations():
            secret = identity.new_secret(KeyKind.PROJECT)
            self.handed_out[name] = secret
            self.add_key(secret, KeyKind.PROJECT, f"Situation: {name}", project_id=project.id, situation=name)

    @property
    def owner(self) -> User:
        """The person who owns the organisation and the keys that no service account owns."""
        return next(iter(self.users.values()))

    def add_key(
        self,
        secret: Secret,
        kind: KeyKind,
        name: str,
        *,
        project_id: str | None = None,
        account_id: str | None = None,
        scopes: tuple[str, ...] = (),
        expires_in: int | None = None,
        situation: str | None = None,
    ) -> Key:
        """Make a key known."""
        now = int(self.now)
        key = Key(
            id=identity.identifier("key_"),
            kind=kind,
            name=name,
            digest=identity.digest(secret.reveal()),
            redacted=identity.redacted(secret),
            created_at=now,
            project_id=project_id,
            account_id=account_id,
            scopes=scopes,
            expires_at=None if expires_in is None else now + expires_in,
            situation=situation,
        )
        self.keys[key.id] = key
        self._by_digest[key.digest] = key.id
        return key

    def find_key(self, characters: str) -> Key | None:
        """The key with these characters, expired or not; None for a wrong or a deleted one."""
        key_id = self._by_digest.get(identity.digest(characters))
        return None if key_id is None else self.keys[key_id]

    def delete_key(self, key_id: str) -> None:
        """Revoke a key."""
        key = self.keys.pop(key_id)
        del self._by_digest[key.digest]

    def used(self, key: Key) -> None:
        """Note that a key was used now."""
        self.keys[key.id] = replace(key, last_used_at=int(self.now))

    def situation_of(self, key: Key | None) -> Situation | None:
        """The situation a request with this key is in. A key's own comes first; admin keys know none but the line's."""
        if key is not None and key.situation is not None:
            return situations()[key.situation]
        current = self.situation
        if current is not None and key is not None and key.kind is KeyKind.ADMIN:
            line = current.html or current.refusal in ("unsupported_country", "address_not_allowed")
            return current if line else None
        return current

    def limits_of(self, project: Project, model: Model) -> RateLimit:
        """The limits per minute of a project for a model: its own, or the organisation's."""
        return project.rates.get(model.id) or RateLimit(model.requests_per_minute, model.tokens_per_minute)

    def standing(self, project: Project, model: Model, situation: Situation | None) -> Standing:
        """How the rate limits of a project and a model stand now, those of a situation apart."""
        limits = self.limits_of(project, model)
        tokens = limits.tokens_per_minute
        pace = None
        name = ""
        if situation is not None and (situation.seconds_per_request or situation.tokens_per_minute):
            name = situation.name
            pace = situation.seconds_per_request
            tokens = situation.tokens_per_minute or tokens
        at = (project.id, model.id, name)
        standing = self._standings.get(at)
        if standing is None:
            requests = Bucket(limits.requests_per_minute)
            if pace is not None:
                requests = Bucket(round(60 / pace), burst=1.0, level=0.0, at=self.now)
            standing = self._standings[at] = Standing(requests, Bucket(tokens))
        if pace is None:
            standing.requests.resize(limits.requests_per_minute)
            standing.tokens.resize(tokens)
        return standing

    def serve(self, served: Served) -> None:
        """Book an answered request and take its cost from the credit."""
        self.book.add(served)
        self.credit -= served.cost.total

    def models(self) -> tuple[Model, ...]:
        """All models that the organisation has, before any project's permissions. Retired ones are gone."""
        today = time.strftime("%Y-%m-%d", time.gmtime(self.now))
        return tuple(m for m in catalog().models.values() if m.shutdown_date is None or m.shutdown_date > today)
