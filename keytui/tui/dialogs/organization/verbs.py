"""What can be done with a row of the organisation: the choices, and the form behind each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from textual.app import App
from textual.widgets import Static

from keytui.domain.organization import changes
from keytui.domain.organization.changes import Change
from keytui.domain.organization.held import (
    Held,
    alert_words,
    in_words,
    models_words,
    rate_words,
    tiers_words,
    tools_words,
)
from keytui.domain.organization.parts import ModelLimit, Project, ProjectKey, ServiceAccount, SpendAlert
from keytui.domain.organization.rows import OrganizationRow, Section
from keytui.tui.dialogs.choose import Choice, ChooseDialog
from keytui.tui.dialogs.organization import forms

SHORT = 40
"""Characters of how something stands, beside its name."""


@dataclass(frozen=True, slots=True)
class About:
    """What a verb works on: the row, what is in its project, what holds there, and the time."""

    row: OrganizationRow
    section: Section | None
    held: Held
    cost: Decimal | None
    now: datetime

    @property
    def project(self) -> Project:
        """The row's project; only for rows that have one."""
        assert self.row.project is not None
        return self.row.project

    @property
    def account(self) -> ServiceAccount:
        """The row's service account; only for rows that have one."""
        assert self.row.account is not None
        return self.row.account

    @property
    def key(self) -> ProjectKey:
        """The row's key; only for rows that have one."""
        assert self.row.key is not None
        return self.row.key

    @property
    def place(self) -> str:
        """The project's name, or that it is the whole organisation."""
        return "the organisation" if self.row.project is None else self.row.project.name


Verb = Callable[[App[Any], About], Awaitable[Change | None]]
"""Asks for what is needed; the change to be confirmed, or None when the user leaves things as they are."""


class RowDialog(ChooseDialog[str]):
    """What can be done with the row under the cursor; beside each how things stand."""

    CSS_PATH = "../dialogs.tcss"

    def __init__(self, title: str, choices: Sequence[Choice[str]], note: str = "") -> None:
        super().__init__(choices)
        self._words, self._note = title, note

    def on_mount(self) -> None:
        """Say what it is about."""
        super().on_mount()
        self.query_one("#title", Static).update(self._words)


def title(row: OrganizationRow) -> str:
    """What the choices are about."""
    if row.project is None:
        return "The whole organisation"
    if row.key is not None:
        return f"{row.key.name or 'Unnamed key'} ({row.key.redacted})"
    return row.project.name if row.account is None else f"{row.account.name}, a service account of {row.project.name}"


def choices(about: About) -> list[Choice[str]]:
    """What can be done with a row."""
    row, held = about.row, about.held
    if row.key is not None:
        ends = f"{row.key.expires.astimezone():%d %b %Y}" if row.key.expires else "never"
        return [
            Choice("revoke", "Revoke it", "for good"),
            Choice("life", "Change its end", ends),
            Choice("scopes", "Change what it may do", "not told by the platform"),
        ]
    if row.account is not None:
        return [
            Choice("make key", "Make a key for it", "kept here at once"),
            Choice("account", "Change name and role", row.account.role),
            Choice("delete account", "Delete it", "with its keys"),
        ]
    spend = [
        Choice("spend limit", "Spend limit", in_words(held.spend_cents, about.cost)),
        Choice("alerts", "Spend alerts", _count(len(held.alerts))),
    ]
    if row.project is None:
        return [Choice("make project", "Make a project"), *spend]
    settings = [
        Choice("models", "Models", _short(models_words(held.permissions))),
        Choice("rates", "Rate limits", f"{len(held.rates)} models"),
        *([Choice("tools", "Hosted tools", _short(tools_words(held.tools)))] if held.tools else []),
        *([Choice("tiers", "Service tiers", _short(tiers_words(held.tiers)))] if held.tiers else []),
    ]
    return [
        *spend,
        *settings,
        Choice("make account", "Make a service account", "then a key for it"),
        Choice("rename", "Rename", row.project.name),
        Choice("archive", "Archive", "for good, with its keys"),
    ]


def _short(words: str) -> str:
    """Words that leave room for the name of what they are about."""
    return words if len(words) <= SHORT else f"{words[: SHORT - 1]}…"


def _count(number: int) -> str:
    return "none" if number == 0 else f"{number:,}"


async def _spend_limit(app: App[Any], about: About) -> Change | None:
    now = about.held.spend_cents
    answer = await app.push_screen_wait(forms.spend_limit(about.place, now))
    if answer is None or answer[0] == now:
        return None
    return changes.spend_limit(about.row.project, now, answer[0])


async def _alerts(app: App[Any], about: About) -> Change | None:
    known = {alert.id: alert for alert in about.held.alerts}
    rows = [Choice(alert.id, alert_words(alert, about.cost)) for alert in known.values()]
    now: SpendAlert | None = None
    if rows:
        new = Choice("", "A new alert")
        chosen = await app.push_screen_wait(RowDialog(f"Spend alerts of {about.place}", [*rows, new]))
        if chosen is None:
            return None
        now = known.get(chosen)
    answer = await app.push_screen_wait(forms.alert(about.place, now))
    if answer is None or (answer[0] is None and now is None):
        return None
    return changes.alert(about.row.project, now, answer[0])


async def _models(app: App[Any], about: About) -> Change | None:
    now = about.held.permissions
    answer = await app.push_screen_wait(forms.models(about.place, now, [rate.model for rate in about.held.rates]))
    return None if answer is None or answer[0] == now else changes.models(about.project, now, answer[0])


async def _rates(app: App[Any], about: About) -> Change | None:
    known: dict[str, ModelLimit] = {rate.id: rate for rate in about.held.rates}
    rows = [Choice(rate.id, rate.model, rate_words(rate)) for rate in known.values()]
    chosen = await app.push_screen_wait(RowDialog(f"Rate limits of {about.place}", rows))
    if chosen is None:
        return None
    now = known[chosen]
    answer = await app.push_screen_wait(forms.rates(about.place, now))
    return None if answer is None or answer == now else changes.rates(about.project, now, answer)


async def _tools(app: App[Any], about: About) -> Change | None:
    now = dict(about.held.tools)
    answer = await app.push_screen_wait(forms.tools(about.place, now))
    return None if answer is None or answer == now else changes.tools(about.project, now, answer)


async def _tiers(app: App[Any], about: About) -> Change | None:
    assert about.held.tiers is not None
    answer = await app.push_screen_wait(forms.tiers(about.place, about.held.tiers))
    if answer is None or answer == about.held.tiers:
        return None
    return changes.tiers(about.project, about.held.tiers, answer)


async def _make_project(app: App[Any], about: About) -> Change | None:
    answer = await app.push_screen_wait(forms.project())
    return None if answer is None else changes.project_made(*answer)


async def _rename(app: App[Any], about: About) -> Change | None:
    answer = await app.push_screen_wait(forms.name(f"Rename {about.place}", about.place))
    return None if answer is None or answer == about.place else changes.project_renamed(about.project, answer)


async def _archive(app: App[Any], about: About) -> Change | None:
    return changes.project_archived(about.project, about.section.keys if about.section else ())


async def _make_account(app: App[Any], about: About) -> Change | None:
    answer = await app.push_screen_wait(forms.name(f"A new service account in {about.place}"))
    return None if answer is None else changes.account_made(about.project, answer)


async def _account(app: App[Any], about: About) -> Change | None:
    project, account = about.project, about.account
    answer = await app.push_screen_wait(forms.account(account))
    if answer is None or answer == (account.name, account.role):
        return None
    return changes.account_changed(project, account, *answer)


async def _delete_account(app: App[Any], about: About) -> Change | None:
    project, account = about.project, about.account
    keys = about.section.keys if about.section else ()
    return changes.account_deleted(project, account, [key for key in keys if key.account_id == account.id])


async def _revoke(app: App[Any], about: About) -> Change | None:
    return changes.key_revoked(about.project, about.key)


async def _life(app: App[Any], about: About) -> Change | None:
    project, key = about.project, about.key
    answer = await app.push_screen_wait(forms.life(key, about.now))
    return None if answer is None else changes.key_life(project, key, answer, about.now)


async def _scopes(app: App[Any], about: About) -> Change | None:
    project, key = about.project, about.key
    answer = await app.push_screen_wait(forms.scopes(key))
    return None if answer is None else changes.key_scopes(project, key, answer)


VERBS: dict[str, Verb] = {
    "spend limit": _spend_limit,
    "alerts": _alerts,
    "models": _models,
    "rates": _rates,
    "tools": _tools,
    "tiers": _tiers,
    "make project": _make_project,
    "rename": _rename,
    "archive": _archive,
    "make account": _make_account,
    "account": _account,
    "delete account": _delete_account,
    "revoke": _revoke,
    "life": _life,
    "scopes": _scopes,
}
"""The verbs by the values of the choices; making a key is the dialog's own, since the key is also kept."""
