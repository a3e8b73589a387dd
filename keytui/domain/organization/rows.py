"""The organisation as rows that can be filtered: itself, its projects, and under each its accounts and keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from keytui.domain.organization.parts import Project, ProjectKey, ServiceAccount


@dataclass(frozen=True, slots=True)
class OrganizationRow:
    """The whole organisation (without ``project``), a project, one of its service accounts, or one of its keys."""

    project: Project | None = None
    account: ServiceAccount | None = None
    """For a key: the account that owns it, if one does."""
    key: ProjectKey | None = None
    cost: Decimal | None = None
    """USD this month, as the platform has it; None while that is not known."""
    text: str = field(init=False, default="")
    """What a filter looks in, in small letters."""
    id: str = field(init=False, default="")
    """What tells it from the other rows."""

    def __post_init__(self) -> None:
        parts = ["organisation"] if self.project is None else [self.project.name, self.project.id]
        if self.account is not None:
            parts += [self.account.name, self.account.id]
        if self.key is not None:
            parts += [self.key.name, self.key.owner, self.key.redacted, self.key.id]
        things = (self.project, self.account, self.key)
        # Made once: a filter goes over thousands of rows with every key that is pressed.
        object.__setattr__(self, "text", " ".join(parts).casefold())
        object.__setattr__(self, "id", " ".join("-" if thing is None else thing.id for thing in things))

    @property
    def depth(self) -> int:
        """How far it stands inside another one: a project 0, an account 1, its keys 2."""
        return (self.account is not None) + (self.key is not None)


@dataclass(frozen=True, slots=True)
class Section:
    """A project with everything below it."""

    project: Project
    accounts: tuple[ServiceAccount, ...]
    keys: tuple[ProjectKey, ...]
    rows: tuple[OrganizationRow, ...]
    """The project, then each account with its keys, then the keys of people."""


def section(
    project: Project,
    accounts: tuple[ServiceAccount, ...],
    keys: tuple[ProjectKey, ...],
    costs: Mapping[str, Decimal] | None,
) -> Section:
    """A project with its accounts and keys, ``costs`` by the ids of projects and keys."""

    def cost(subject: str) -> Decimal | None:
        return None if costs is None else costs.get(subject, Decimal(0))

    rows = [OrganizationRow(project, cost=cost(project.id))]
    for account in accounts:
        mine = [OrganizationRow(project, account, key, cost(key.id)) for key in keys if key.account_id == account.id]
        total = None if costs is None else sum((row.cost or Decimal(0) for row in mine), Decimal(0))
        rows += [OrganizationRow(project, account, cost=total), *mine]
    known = {account.id for account in accounts}
    rows += [OrganizationRow(project, key=key, cost=cost(key.id)) for key in keys if key.account_id not in known]
    return Section(project, accounts, keys, tuple(rows))


def matching(rows: Sequence[OrganizationRow], wanted: str) -> Sequence[OrganizationRow]:
    """The rows that hold every word of a filter; all of them when it is empty."""
    words = wanted.casefold().split()
    return [row for row in rows if all(word in row.text for word in words)] if words else rows
