"""Why an organisation cannot be managed with a key."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from keytui.domain.admin_troubles import GONE, explain_admin, letter_to_owner, wrong_admin_key
from keytui.domain.keys import OPENAI_BASE_URL
from keytui.domain.plan import SetupPlan
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Signal

BODY = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4"
GATEWAY = "https://gateway.example/v1"


@pytest.mark.parametrize(
    ("key", "base_url", "title"),
    [
        (f"sk-admin-{BODY}", OPENAI_BASE_URL, None),
        (f"sk-proj-{BODY}", OPENAI_BASE_URL, "needs an admin key, and this is an OpenAI project key"),
        (f"sk-proj-{BODY}", GATEWAY, "needs an admin key, and this is an OpenAI project key"),
        (f"master-{BODY}", GATEWAY, None),
        (f"key-{BODY}", OPENAI_BASE_URL, "begin with sk-admin-, and this one does not"),
        ("", OPENAI_BASE_URL, ""),
    ],
)
def test_a_key_that_manages_nothing_is_told_by_its_shape(key: str, base_url: str, title: str | None) -> None:
    trouble = wrong_admin_key(Secret(key), base_url)
    assert (trouble is None) == (title is None)
    if trouble is not None:
        assert (title or "") in trouble.title
        assert not key or key not in f"{trouble.title} {trouble.remedy}"


@pytest.mark.parametrize(
    ("signal", "gone"),
    [
        (Signal(status=404, message="No project proj_1 was found."), True),
        (Signal(status=404), False),
        (Signal(status=404, message="Invalid URL (GET /v1/x)"), False),
        (Signal(status=404, message="Not Found"), False),
        (Signal(status=404, message="No such page", content_type="text/html"), False),
        (Signal(status=404, message="No such page", code="unknown_url"), False),
        (Signal(status=403, message="No project proj_1 was found."), False),
    ],
)
def test_what_is_not_there_is_no_missing_page(signal: Signal, gone: bool) -> None:
    assert (explain_admin(signal).id == GONE) is gone


def test_a_refused_admin_key_is_not_told_to_be_a_wrong_project_key() -> None:
    trouble = explain_admin(Signal(status=401, code="invalid_api_key", host="api.openai.com"))
    assert (trouble.id, trouble.title) == ("invalid-key", "The platform does not know this admin key.")


@pytest.mark.parametrize(
    ("limit", "words"), [(Decimal(10), "for me, a spend limit of $10.00 a month, with"), (None, "for me, with")]
)
def test_a_letter_asks_an_owner_for_the_whole_plan(limit: Decimal | None, words: str) -> None:
    letter = letter_to_owner(replace(SetupPlan(), spend_limit=limit))
    assert words in letter
    assert SetupPlan().key.service_account in letter
