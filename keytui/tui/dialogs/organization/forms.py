"""The forms in which changes to the organisation are written. Each answers the new value; nothing is changed here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from keytui.domain.organization import writing
from keytui.domain.organization.held import tools_words, usd
from keytui.domain.organization.parts import (
    ModelLimit,
    ModelPermissions,
    ProjectKey,
    ServiceAccount,
    ServiceTiers,
    SpendAlert,
)
from keytui.tui.dialogs.form import FormDialog, FormField

T = TypeVar("T")
Values = dict[str, str]


class WrittenDialog(FormDialog[T]):
    """A form whose answer is made by a function of what was written, which raises ``NotFitting``."""

    CSS_PATH = "../dialogs.tcss"

    def __init__(
        self,
        title: str,
        fields: Sequence[FormField],
        read: Callable[[Values], T],
        *,
        note: str = "",
        yes: str = "Go on",
    ) -> None:
        super().__init__(title, fields, note=note, yes=yes)
        self._reading = read

    def accept(self, values: Values) -> T:
        """The value; raises ``NotFitting``."""
        return self._reading(values)


SHOWN = "Nothing is changed before you have seen it once more."


def spend_limit(place: str, cents: int | None) -> WrittenDialog[tuple[int | None]]:
    """Answers cents in a tuple of one; None in it for no limit."""
    value = "" if cents is None else str(usd(cents))
    field = FormField("limit", "USD a month", value, "none")
    return WrittenDialog(f"Spend limit of {place}", (field,), lambda v: (writing.cents(v["limit"], "limit"),))


def alert(place: str, now: SpendAlert | None) -> WrittenDialog[tuple[SpendAlert | None]]:
    """Answers the alert in a tuple of one; None in it to delete it."""
    fields = (
        FormField("amount", "At, USD a month", "" if now is None else str(usd(now.cents)), "no alert"),
        FormField("emails", "Mail to", "" if now is None else ", ".join(now.emails), "addresses, commas between them"),
    )
    title = f"New spend alert of {place}" if now is None else f"Spend alert of {place}"
    note = SHOWN if now is None else "Without an amount the alert is deleted."
    return WrittenDialog(title, fields, lambda v: (writing.spend_alert(v["amount"], v["emails"]),), note=note)


def models(
    place: str, now: ModelPermissions | None, known: Sequence[str]
) -> WrittenDialog[tuple[ModelPermissions | None]]:
    """Answers the permissions in a tuple of one; None in it for every model."""
    listed = {} if now is None else {now.mode: ", ".join(now.models)}
    fields = (
        FormField("only", "Only these", listed.get("allow_list", ""), "every model"),
        FormField("but", "All but these", listed.get("deny_list", ""), "none"),
    )
    note = f"Here: {', '.join(known)}." if known else SHOWN
    return WrittenDialog(f"Models of {place}", fields, lambda v: (writing.permissions(v["only"], v["but"]),), note=note)


def rates(place: str, now: ModelLimit) -> WrittenDialog[ModelLimit]:
    """Answers the rate limits of one model: the figures that the platform has for it."""
    always = ("requests_per_minute", "tokens_per_minute")
    fields = [
        FormField(field, label, "" if figure is None else str(figure), "as it is")
        for field, label in writing.FIGURES
        if (figure := getattr(now, field)) is not None or field in always
    ]
    note = "At most the organisation's own. An empty field stays as it is."
    return WrittenDialog(f"{now.model} in {place}", fields, lambda v: writing.rate_limit(now, v), note=note)


def tools(place: str, now: dict[str, bool]) -> WrittenDialog[dict[str, bool]]:
    """Answers which hosted tools are on."""
    value = tools_words(now)
    field = FormField("on", "On", "" if value == "none" else value, "none")
    note = f"There is: {', '.join(sorted(now))}; “all” means every one."
    return WrittenDialog(f"Hosted tools of {place}", (field,), lambda v: dict(writing.tools(now, v["on"])), note=note)


def tiers(place: str, now: ServiceTiers) -> WrittenDialog[ServiceTiers]:
    """Answers the service tiers."""
    fields = (
        FormField("enabled", "Beside Standard", "all" if now.enabled is None else ", ".join(now.enabled), "none"),
        FormField("default", "Unless asked", now.default, "standard"),
    )
    note = "There is flex, fast and ultrafast; “all” also means those to come."
    return WrittenDialog(
        f"Service tiers of {place}", fields, lambda v: writing.tiers(v["default"], v["enabled"]), note=note
    )


def name(title: str, now: str = "") -> WrittenDialog[str]:
    """Answers a name."""
    return WrittenDialog(title, (FormField("name", "Name", now),), lambda v: writing.name(v["name"]), note=SHOWN)


def project() -> WrittenDialog[tuple[str, str | None]]:
    """Answers the name of a new project, and where its data is kept."""
    fields = (FormField("name", "Name"), FormField("residency", "Data in", "", "anywhere; or such as EU_STORAGE"))
    note = "Residency can be chosen only now. A project cannot be deleted later, only archived."
    return WrittenDialog(
        "A new project",
        fields,
        lambda v: (writing.name(v["name"]), v["residency"].strip().upper() or None),
        note=note,
    )


def account(now: ServiceAccount) -> WrittenDialog[tuple[str, str]]:
    """Answers name and role of a service account."""
    fields = (FormField("name", "Name", now.name), FormField("role", "Role", now.role, "member or owner"))
    return WrittenDialog(
        f"Service account {now.name}", fields, lambda v: (writing.name(v["name"]), writing.role(v["role"])), note=SHOWN
    )


def scopes(key: ProjectKey) -> WrittenDialog[tuple[str, ...]]:
    """Answers what a key may do."""
    field = FormField("scopes", "May do", "", "all that its owner may")
    note = (
        "The platform does not tell what it may do now. For chat: api.model.read, api.model.request, "
        "api.responses.write. To read only: api.all.read."
    )
    title = f"What {key.name or key.redacted} may do"
    return WrittenDialog(title, (field,), lambda v: writing.scopes(v["scopes"]), note=note)


def life(key: ProjectKey, now: datetime) -> WrittenDialog[datetime]:
    """Answers the end of a key."""
    proposed = key.expires or now + timedelta(days=90)
    field = FormField("expires", "Ends after", f"{proposed.astimezone():%Y-%m-%d}", "a date like 2027-03-31")
    note = "At most a year from now. An end can be moved, but not taken away."
    return WrittenDialog(
        f"End of {key.name or key.redacted}", (field,), lambda v: writing.end(v["expires"], now), note=note
    )
