"""Changes on the platform, each as one value: shown with before and after, confirmed, then made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from keytui.domain.admin import AdminPort
from keytui.domain.organization.held import (
    alert_words,
    models_words,
    rate_words,
    tiers_words,
    tools_words,
    usd,
)
from keytui.domain.organization.parts import (
    ModelLimit,
    ModelPermissions,
    Project,
    ProjectKey,
    ServiceAccount,
    ServiceTiers,
    SpendAlert,
)
from keytui.domain.plan_lines import listed, monthly

NONE = "none"
_AT_ONCE = "Whatever uses it stops at once, for good."


@dataclass(frozen=True, slots=True)
class Change:
    """One change that was asked for and is not made yet."""

    what: str
    """What is changed, with its name: "Spend limit of shop"."""
    before: str
    after: str
    consequence: str
    """What follows from it, in one or two sentences."""
    make: Callable[[AdminPort], Awaitable[object]]
    """Makes it. Raises ``Refused``."""
    yes: str = "Change it"
    """The words of agreement."""

    @property
    def words(self) -> str:
        """What is changed, from what to what."""
        return f"{self.what}: {self.before} -> {self.after}" if self.after else self.what


def _place(project: Project | None) -> str:
    return "the organisation" if project is None else project.name


def _id(project: Project | None) -> str | None:
    return None if project is None else project.id


def spend_limit(project: Project | None, now: int | None, cents: int | None) -> Change:
    """Another spend limit, or (None) none."""
    return Change(
        f"Spend limit of {_place(project)}",
        monthly(usd(now)),
        monthly(usd(cents)),
        "Requests over it are refused by the platform until the next month, with some delay."
        if cents is not None
        else "Nothing on the platform ends what it may spend then, but the credit.",
        lambda admin: admin.set_spend_limit(_id(project), cents),
    )


def alert(project: Project | None, now: SpendAlert | None, wanted: SpendAlert | None) -> Change:
    """A new alert, another one, or (``wanted`` None) one less."""
    before = NONE if now is None else alert_words(now)
    after = NONE if wanted is None else alert_words(wanted)

    async def make(admin: AdminPort) -> None:
        if wanted is None:
            assert now is not None
            await admin.delete_spend_alert(_id(project), now.id)
        elif now is None:
            await admin.make_spend_alert(_id(project), wanted.cents, wanted.emails)
        else:
            await admin.set_spend_alert(_id(project), replace(wanted, id=now.id))

    return Change(
        f"Spend alert of {_place(project)}",
        before,
        after,
        "The platform sends a mail; it stops nothing." if wanted is not None else "Nobody is mailed any more.",
        make,
        yes="Delete it" if wanted is None else "Change it",
    )


def models(project: Project, now: ModelPermissions | None, wanted: ModelPermissions | None) -> Change:
    """Other models that a project may use, or (None) every one."""
    return Change(
        f"Models of {project.name}",
        models_words(now),
        models_words(wanted),
        "Requests for any other model are refused as if it did not exist."
        if wanted is not None
        else "Every model can be used, the dearest ones as well.",
        lambda admin: admin.set_model_permissions(project.id, wanted),
    )


def rates(project: Project, now: ModelLimit, wanted: ModelLimit) -> Change:
    """Other rate limits of one model."""
    return Change(
        f"Rate limits of {now.model} in {project.name}",
        rate_words(now),
        rate_words(wanted),
        "Above them requests are refused for the rest of the minute or day. They cannot exceed the organisation's own.",
        lambda admin: admin.set_rate_limit(project.id, wanted),
    )


def tools(project: Project, now: Mapping[str, bool], wanted: Mapping[str, bool]) -> Change:
    """Other hosted tools."""
    return Change(
        f"Hosted tools of {project.name}",
        tools_words(now),
        tools_words(wanted),
        "What is off can neither run nor cost anything.",
        lambda admin: admin.set_hosted_tools(project.id, wanted),
    )


def tiers(project: Project, now: ServiceTiers, wanted: ServiceTiers) -> Change:
    """Other service tiers."""
    return Change(
        f"Service tiers of {project.name}",
        tiers_words(now),
        tiers_words(wanted),
        "Requests for any other tier are refused.",
        lambda admin: admin.set_service_tiers(project.id, wanted),
    )


def project_made(name: str, residency: str | None) -> Change:
    """A new project."""
    where = f", with its data in {residency}" if residency else ""
    return Change(
        f"Make the project “{name}”{where}",
        "",
        "",
        "It has no limits of its own at first. It can be archived later, but never deleted.",
        lambda admin: admin.make_project(name, residency=residency),
        yes="Make it",
    )


def project_renamed(project: Project, name: str) -> Change:
    """Another name for a project."""
    return Change(
        "Name of the project",
        project.name,
        name,
        "Its id, its keys and its limits stay.",
        lambda admin: admin.rename_project(project.id, name),
    )


def project_archived(project: Project, keys: Sequence[ProjectKey]) -> Change:
    """A project's end."""
    count = f"{len(keys):,} key{'' if len(keys) == 1 else 's'}"
    return Change(
        f"Archive {project.name}, with {count}?" if keys else f"Archive {project.name}?",
        "",
        "",
        f"It cannot be brought back.{_use(keys)} {'Whatever uses its keys stops at once.' if keys else ''}".rstrip(),
        lambda admin: admin.archive_project(project.id),
        yes="Archive it",
    )


def account_made(project: Project, name: str) -> Change:
    """A new service account, as a member: without a role its keys may do nothing."""

    async def make(admin: AdminPort) -> None:
        account = await admin.make_service_account(project.id, name)
        if account.role not in ("member", "owner"):
            await admin.set_account_role(project.id, account.id, "member")

    return Change(
        f"Make the service account “{name}” in {project.name}",
        "",
        "",
        "Its keys belong to no person, so they outlive nobody's account. It has none yet.",
        make,
        yes="Make it",
    )


def account_changed(project: Project, account: ServiceAccount, name: str, role: str) -> Change:
    """Another name or role for a service account."""

    async def make(admin: AdminPort) -> None:
        if name != account.name:
            await admin.rename_account(project.id, account.id, name)
        if role != account.role:
            await admin.set_account_role(project.id, account.id, "owner" if role == "owner" else "member")

    return Change(
        f"Service account of {project.name}",
        f"{account.name}, {account.role}",
        f"{name}, {role}",
        "An owner may also change the project's keys and people; a member only uses it.",
        make,
    )


def account_deleted(project: Project, account: ServiceAccount, keys: Sequence[ProjectKey]) -> Change:
    """A service account's end, and that of its keys."""
    count = f", with {len(keys):,} key{'' if len(keys) == 1 else 's'}" if keys else ""
    return Change(
        f"Delete the service account {account.name} of {project.name}{count}?",
        "",
        "",
        f"{'Whatever uses its keys stops at once, for good.' if keys else 'It has no keys.'}{_use(keys)}",
        lambda admin: admin.delete_service_account(project.id, account.id),
        yes="Delete it",
    )


def key_scopes(project: Project, key: ProjectKey, scopes: tuple[str, ...]) -> Change:
    """What a key may do."""
    return Change(
        f"What {key.name or 'the key'} ({key.redacted}) may do",
        "not told by the platform",
        listed(scopes, empty="all that its owner may"),
        "It takes some minutes to hold; requests that need more are refused then.",
        lambda admin: admin.set_key_scopes(project.id, key.id, scopes),
    )


def key_life(project: Project, key: ProjectKey, until: datetime, now: datetime) -> Change:
    """Another end for a key."""
    return Change(
        f"End of {key.name or 'the key'} ({key.redacted})",
        f"{key.expires.astimezone():%d %b %Y}" if key.expires else "never",
        f"{until.astimezone():%d %b %Y}",
        "From then on it opens nothing. It can be changed until it has expired, but not be taken away.",
        lambda admin: admin.set_key_life(project.id, key.id, max(1, int((until - now).total_seconds()))),
    )


def key_revoked(project: Project, key: ProjectKey) -> Change:
    """A key's end."""
    return Change(
        f"Revoke {key.name or 'this key'} ({key.redacted})?",
        "",
        "",
        f"{_AT_ONCE}{_use((key,))} Project: {project.name}.",
        lambda admin: admin.revoke_key(project.id, key.id),
        yes="Revoke it",
    )


def _use(keys: Sequence[ProjectKey]) -> str:
    """When keys were last used, as a sentence; empty without any."""
    if not keys:
        return ""
    last = max((key.last_used for key in keys if key.last_used), default=None)
    one = "It was" if len(keys) == 1 else "They were"
    return f" {one} last used on {last.astimezone():%d %b %Y}." if last else f" {one} never used."
