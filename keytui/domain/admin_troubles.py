"""Why an organisation cannot be managed with a key: told by the key's shape, and by what the platform answered."""

from __future__ import annotations

import re
from dataclasses import replace

from keytui.domain.addresses import is_openai
from keytui.domain.keys import KeyKind
from keytui.domain.paste import clean
from keytui.domain.plan import SetupPlan
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Exit, Signal, Trouble, explain, recognise
from keytui.domain.troubles.pages import address

GONE = "not-there"
"""The id of the trouble that ``gone`` gives."""

ASK_AN_OWNER = frozenset({"cannot-create", "service-account-keys-only", "not-an-admin-key", "forbidden"})
"""Troubles that only an owner of the organisation can do something about; ``letter_to_owner`` asks for it."""

_NO_PAGE = re.compile(r"invalid url|unknown request url|^not found$|<html|<!doctype", re.IGNORECASE)
_WORKSPACE = (
    "The admin keys of a ChatGPT workspace (made in the ChatGPT Admin Console) are another product and do not open the "
    "API platform"
)


def wrong_admin_key(secret: Secret, base_url: str) -> Trouble | None:
    """What is wrong with a key that is to manage an organisation, as far as it can be told without asking."""
    pasted = clean(secret.reveal(), base_url=base_url)
    unusable = explain("not-an-admin-key")
    if pasted.problem:
        return replace(unusable, title=pasted.problem)
    if not is_openai(base_url) and pasted.kind is KeyKind.OTHER:
        return None
    if pasted.kind is KeyKind.ADMIN:
        return None
    if pasted.kind is KeyKind.OTHER:
        return replace(
            unusable,
            title="Admin keys of the API platform begin with sk-admin-, and this one does not.",
            remedy=f"{_WORKSPACE}: an owner of the organisation makes one there. {unusable.remedy}",
        )
    return replace(unusable, title=f"Managing the organisation needs an admin key, and this is {pasted.name}.")


def explain_admin(signal: Signal) -> Trouble:
    """The diagnosis of a refused call of the Admin API."""
    trouble = recognise(signal)
    if _is_gone(signal):
        return gone(trouble.detail)
    if trouble.id == "invalid-key":
        return replace(
            trouble,
            title="The platform does not know this admin key.",
            remedy=f"Copy it again in whole, or make a new one. {_WORKSPACE}.",
            page=address("admin-keys") if trouble.page else None,
        )
    return trouble


def _is_gone(signal: Signal) -> bool:
    """Whether a 404 is about what was named, rather than about the page."""
    if signal.status != 404 or not signal.message or signal.code in ("unknown_url", "model_not_found"):
        return False
    return "html" not in signal.content_type and not _NO_PAGE.search(signal.message)


def gone(detail: str = "") -> Trouble:
    """What a call was about is not there (any more)."""
    return Trouble(
        GONE,
        "What this step works on is not there any more.",
        "Somebody may have archived or deleted it, or the admin key belongs to another organisation: look at the "
        "projects page, then try again or undo.",
        page=address("projects"),
        detail=detail,
    )


def unkept(sentence: str, *, revoked: bool) -> Trouble:
    """The key was made, but its characters could not be stored."""
    done = (
        "The key that was just made is revoked again, so nothing is left behind"
        if revoked
        else "The key that was just made could not be revoked either; keytui does that first when the plan is taken up"
    )
    return Trouble(
        "not-stored", sentence, f"{done}. Choose another place or mend this one, then try again.", Exit.VAULT
    )


def letter_to_owner(plan: SetupPlan) -> str:
    """A message to an owner of the organisation, ready to be sent, for somebody who may not make keys there."""
    limit = "" if plan.spend_limit is None else f", a spend limit of ${plan.spend_limit:.2f} a month"
    return (
        f"Could you make a project “{plan.project.name}” on the API platform for me{limit}, with a service account "
        f"“{plan.key.service_account}” and a key for it? An admin key lets keytui do all of it: {address('admin-keys')}"
    )
