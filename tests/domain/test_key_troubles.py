"""What the record of a key tells beyond a refusal, and what is given of it to others."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from keytui.domain.key_export import metadata
from keytui.domain.key_troubles import explain_known
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, KeyState, Place
from keytui.domain.troubles import Trouble, explain

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = KeyRecord("id-1", "work", KeyKind.PROJECT, OPENAI_BASE_URL, Place.COMMAND, "1vW4", NOW)
REFUSED = explain("invalid-key")


@pytest.mark.parametrize(
    ("record", "title"),
    [
        (KEY, REFUSED.title),
        (replace(KEY, expires=NOW), "“work” expired on 2026-11-23."),
        (replace(KEY, expires=NOW + timedelta(seconds=1)), REFUSED.title),
        (replace(KEY, state=KeyState.WORKS), REFUSED.title),
        (replace(KEY, state=KeyState.LIMITED, verified=NOW), REFUSED.title),
        (replace(KEY, state=KeyState.WORKS, verified=NOW), "“work” (…1vW4) worked on 2026-11-23 and is refused now."),
        (replace(KEY, state=KeyState.WORKS, verified=NOW, expires=NOW), "“work” expired on 2026-11-23."),
    ],
)
def test_a_refused_key_is_explained_by_what_is_known_of_it(record: KeyRecord, title: str) -> None:
    explained = explain_known(REFUSED, record, NOW)
    assert (explained.id, explained.exit, explained.title) == (REFUSED.id, REFUSED.exit, title)
    assert (explained.remedy == REFUSED.remedy) == (title == REFUSED.title)


def test_any_other_trouble_is_what_the_server_says() -> None:
    busy: Trouble = explain("rate-limited")
    assert explain_known(busy, replace(KEY, expires=NOW), NOW) is busy


def test_an_export_holds_everything_but_the_way_to_the_characters() -> None:
    secret = "sk-proj-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4"
    record = replace(
        KEY,
        monthly_cap=Decimal("7.50"),
        expires=NOW,
        note=f"was {secret}",
        locator="pass show work",
        vault_entry="entry-7",
        scopes=("api.all",),
    )
    written = metadata([record], NOW)
    data = json.loads(written)
    (key,) = data["keys"]
    assert data["exported"] == NOW.isoformat()
    assert set(key) == {field.name for field in fields(KeyRecord)} - {"id", "vault_entry", "locator"}
    assert (key["kind"], key["monthly_cap"], key["expires"], key["scopes"], key["organization"]) == (
        "project key",
        "7.50",
        NOW.isoformat(),
        ["api.all"],
        None,
    )
    assert not [word for word in (secret, "pass show", "entry-7", "id-1") if word in written]
    assert key["note"].startswith("was ")
