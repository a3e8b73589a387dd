from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.adapters.plan_file import PlanUnreadable, from_toml, read, to_toml, write
from keytui.domain.plan import ALL, KeyPlan, Permissions, Preset, ProjectPlan, RateLimit, SetupPlan
from keytui.domain.plan_rules import HOSTED_TOOLS, OPTIONAL_TIERS, problems
from keytui.domain.presets import PRESETS, plan_for

CHARACTERS = st.characters(exclude_categories=["Cs"])
NAMES = st.text(st.characters(categories=["L", "N", "S"]), min_size=1, max_size=60)
MODELS = st.from_regex(r"[a-z0-9][a-z0-9.-]{0,20}", fullmatch=True)
AMOUNTS = st.decimals(min_value="0.01", max_value=10_000, places=2)


def several(names: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.just((ALL,)) | st.lists(st.sampled_from(names), unique=True).map(tuple)


@st.composite
def plans(draw: st.DrawFn) -> SetupPlan:
    models = tuple(draw(st.lists(MODELS, unique=True, max_size=4)))
    figures = st.integers(1, 10**9)
    limits = draw(st.lists(st.builds(RateLimit, MODELS, figures, st.none() | figures), unique_by=lambda r: r.model))
    limit = draw(st.none() | AMOUNTS)
    alerts = AMOUNTS if limit is None else st.decimals(min_value="0.01", max_value=limit, places=2)
    return SetupPlan(
        ProjectPlan(draw(NAMES), draw(st.text(CHARACTERS)), draw(st.text(CHARACTERS)), draw(st.none() | st.just("EU"))),
        Permissions(
            draw(st.sampled_from(get_args(Preset))), models, draw(several(HOSTED_TOOLS)), draw(several(OPTIONAL_TIERS))
        ),
        tuple(limits),
        limit,
        tuple(draw(st.lists(alerts, unique=True, max_size=3))),
        tuple(draw(st.lists(st.sampled_from(["a@b.example", "ü@b.example"]), max_size=2))),
        KeyPlan(draw(NAMES), draw(NAMES), ("api.model.read",), draw(st.none() | st.integers(1, 365))),
        draw(st.none() | st.decimals(min_value=0, max_value=10**7, allow_nan=False, places=6)),
        draw(st.sampled_from(models)) if models else draw(MODELS),
    )


@given(plans().filter(lambda plan: not problems(plan)))
def test_a_plan_is_read_as_it_was_written(plan: SetupPlan) -> None:
    assert from_toml(to_toml(plan)) == plan


@pytest.mark.parametrize("row", PRESETS, ids=lambda row: row.name)
def test_what_is_left_out_has_the_presets_value(row: object) -> None:
    name = getattr(row, "name")  # noqa: B009
    assert from_toml(f'[permissions]\npreset = "{name}"'.encode()) == plan_for(name)
    assert from_toml(b"") == plan_for("chat")


def test_a_plan_as_a_person_writes_it() -> None:
    plan = from_toml(
        b"""
spend_limit = 12.10
alerts = [10, "12.1"]
cap = "none"

[project]
name = "shop"

[key]
expires_days = "never"

[[rate_limits]]
model = "gpt-6-luna"
tokens_per_minute = 1_000
"""
    )
    assert plan == replace(
        plan_for("chat").with_project(name="shop"),
        spend_limit=Decimal("12.10"),
        alerts=(Decimal(10), Decimal("12.1")),
        cap=None,
        key=replace(plan_for("chat").key, expires_days=None),
        rate_limits=(RateLimit("gpt-6-luna", None, 1000),),
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("spend_limt = 1", "there is no field “spend_limt”. Did you mean “spend_limit”?"),
        ('[project]\nnam = "x"', "there is no field “project.nam”. Did you mean “project.name”?"),
        ("[kex]\nname = 1", "there is no field “kex”. Did you mean “key”?"),
        ("zzz = 1", "there is no field “zzz”. There are alert_emails, alerts,"),
        ("[project]\nname = 1", "project.name takes a text in quotes."),
        ("key = 3", "key is a table: write [key] on a line of its own."),
        ("[key]\nexpires_days = true", "key.expires_days takes a whole number of days, or “never”."),
        ("[key]\nexpires_days = 400", "key.expires_days takes a whole number of days from 1 to 365, or “never”."),
        ('[key]\nscopes = "x"', "key.scopes takes a list of texts in quotes."),
        ('spend_limit = "ten"', "spend_limit takes an amount of USD"),
        ("spend_limit = true", "spend_limit takes an amount of USD"),
        ("spend_limit = inf", "spend_limit takes an amount of USD"),
        ("alerts = 8", "alerts takes a list of amounts of USD"),
        ('[permissions]\npreset = "chatt"', "permissions.preset takes one of chat, embeddings, everything, ci."),
        ('rate_limits = "x"', "rate_limits is a list of tables: write [[rate_limits]] before each."),
        ("[[rate_limits]]\nrequests_per_minute = 1", "rate_limits.model is missing."),
        (
            '[[rate_limits]]\nmodel = "m"\nrequests_per_minute = 1.5',
            "rate_limits.requests_per_minute takes a whole number.",
        ),
        ("spend_limit =", "it is not TOML ("),
        ("[" * 5000, "it is not TOML ("),
        ('[project]\nname = "Default project"', "project.name takes another name"),
    ],
)
def test_what_is_wrong_is_named_in_one_sentence(written: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(written)
    with pytest.raises(PlanUnreadable) as caught:
        read(file)
    assert str(caught.value).startswith(f"{file}: {said}")
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path, written, said in (
        (tmp_path / "none.toml", None, "cannot be read"),
        (tmp_path, None, "cannot be read"),
        (tmp_path / "latin", 'default_model = "x"\n#é'.encode("latin-1"), "line 2 is not UTF-8 text"),
        (tmp_path / "long", b"#" * 200_000, "larger than any plan"),
    ):
        if written is not None:
            path.write_bytes(written)
        with pytest.raises(PlanUnreadable, match=said):
            read(path)


def test_a_plan_is_written_once(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    write(file, plan_for("ci"))
    assert read(file) == plan_for("ci")
    with pytest.raises(FileExistsError, match="there already"):
        write(file, plan_for("chat"))
    assert read(file) == plan_for("ci")
