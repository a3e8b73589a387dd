"""Changing what is known of a key."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from keytui.domain.key_edit import LONGEST_NAME, LONGEST_NOTE, NotFitting, edited, fitting_name
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, KeyState, Place

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = KeyRecord(
    *("1", "work", KeyKind.PROJECT, OPENAI_BASE_URL, Place.KEYRING, "0123", NOW),
    project="proj_1",
    project_name="shop",
    monthly_cap=Decimal(20),
    state=KeyState.WORKS,
    verified=NOW,
    scopes=("api.all",),
)
SECRET = "sk-proj-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4"


def test_what_is_not_written_stays() -> None:
    assert edited(KEY, {}) == KEY


@pytest.mark.parametrize(
    ("fields", "changes"),
    [
        ({"name": " docs "}, {"name": "docs"}),
        ({"default_model": "gpt-6-sol", "organization": ""}, {"default_model": "gpt-6-sol", "organization": None}),
        ({"project": "proj_1"}, {}),
        ({"project": "proj_2"}, {"project": "proj_2", "project_name": None}),
        ({"base_url": OPENAI_BASE_URL}, {}),
        (
            {"base_url": "http://localhost:8080/v1"},
            {"base_url": "http://localhost:8080/v1", "state": KeyState.UNCHECKED, "verified": None},
        ),
        ({"monthly_cap": ""}, {"monthly_cap": None}),
        ({"monthly_cap": "$1,000"}, {"monthly_cap": Decimal(1000)}),
        ({"scopes": "all"}, {"scopes": ()}),
        ({"scopes": " "}, {"scopes": None}),
        ({"scopes": "api.model.read, api.model.read"}, {"scopes": ("api.model.read",)}),
        ({"expires": ""}, {"expires": None}),
        ({"note": " two\nlines "}, {"note": "twolines"}),
        ({"note": "n" * (LONGEST_NOTE + 1)}, {"note": "n" * LONGEST_NOTE}),
    ],
)
def test_what_is_written_is_taken(fields: dict[str, str], changes: dict[str, object]) -> None:
    assert edited(KEY, fields) == replace(KEY, **changes)  # type: ignore[arg-type]


def test_a_day_of_expiry_ends_where_the_user_is() -> None:
    expires = edited(KEY, {"expires": " 2027-03-31 "}).expires
    assert expires is not None
    assert expires.tzinfo is UTC
    assert f"{expires.astimezone():%Y-%m-%d %H:%M}" == "2027-03-31 23:59"


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("name", "", "1 to 60 printable characters"),
        ("name", "-k", "does not begin with"),
        ("name", "n" * (LONGEST_NAME + 1), "1 to 60"),
        ("name", "sk-" + "a" * 17, "must not be a key"),
        ("note", f"mine: {SECRET}", "the vault only"),
        ("project", "proj 1", "no spaces"),
        ("base_url", " ", "bound to one address"),
        ("base_url", "ftp://localhost", "begins with http"),
        ("monthly_cap", "2,50", "such as 10 or 2.50"),
        ("monthly_cap", "-1", "such as 10 or 2.50"),
        ("expires", "31.03.2027", "written like 2027-03-31"),
        ("expires", "2027-02-30", "written like 2027-03-31"),
        ("scopes", "API.Read!", "commas between them; or all"),
    ],
)
def test_what_does_not_fit_is_told_by_its_field_and_never_echoed(field: str, text: str, says: str) -> None:
    with pytest.raises(NotFitting, match=says) as refusal:
        edited(KEY, {field: text})
    assert refusal.value.field == field
    assert SECRET not in str(refusal.value)


def test_a_name_may_be_as_long_as_that() -> None:
    assert fitting_name("n" * LONGEST_NAME) == "n" * LONGEST_NAME
