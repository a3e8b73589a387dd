from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.caps import SETTINGS, Cap, CapRefusal, Granted, Intent, Scope, Standing, caps_of, covering, judge
from keytui.domain.keys import KeyKind, KeyRecord, Place
from keytui.domain.settings import Settings
from keytui.domain.troubles import Exit

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = KeyRecord("k1", "work", KeyKind.PROJECT, "https://api.openai.com/v1", Place.SESSION, "", NOW)


def intent(worst: Decimal | None) -> Intent:
    return Intent("i", NOW, "k1", "p1", "c1", worst)


amounts = st.decimals(0, 100, places=6)


@given(amount=amounts, spent=amounts, reserved=amounts, worst=amounts)
def test_what_is_granted_stays_within_a_hard_cap(
    amount: Decimal, spent: Decimal, reserved: Decimal, worst: Decimal
) -> None:
    decision = judge([Standing(Cap(Scope.MONTH, amount), spent, reserved)], intent(worst))
    # A request that can cost nothing passes also where the cap is used up.
    assert isinstance(decision, Granted) == (worst == 0 or spent + reserved + worst <= amount)


@given(amount=amounts, spent=amounts, worst=amounts)
def test_a_soft_cap_never_refuses(amount: Decimal, spent: Decimal, worst: Decimal) -> None:
    standing = Standing(Cap(Scope.MONTH, amount, hard=False), spent)
    decision = judge([standing], intent(worst))
    assert isinstance(decision, Granted)
    assert (standing in decision.warnings) == (worst > standing.left)


def test_the_tightest_of_several_caps_decides() -> None:
    wide = Standing(Cap(Scope.MONTH, Decimal(100)), Decimal(0))
    tight = Standing(Cap(Scope.DAY, Decimal(1)), Decimal("0.5"))
    wanted = intent(Decimal("0.6"))
    assert judge([wide, tight], wanted) == CapRefusal(tight.cap, wanted, tight)


@pytest.mark.parametrize(
    ("scope", "today", "first", "last"),
    [
        (Scope.DAY, date(2026, 11, 23), date(2026, 11, 23), date(2026, 11, 23)),
        (Scope.MONTH, date(2026, 11, 23), date(2026, 11, 1), date(2026, 11, 30)),
        (Scope.MONTH, date(2028, 2, 1), date(2028, 2, 1), date(2028, 2, 29)),
        (Scope.KEY, date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        (Scope.CONVERSATION, date(2026, 12, 31), None, None),
    ],
)
def test_periods(scope: Scope, today: date, first: date | None, last: date | None) -> None:
    assert Cap(scope, Decimal(1), subject="x").period(today) == (first, last)


def test_only_caps_that_cover_a_request_count() -> None:
    mine = [
        Cap(Scope.DAY, Decimal(1)),
        Cap(Scope.MONTH, Decimal(1)),
        Cap(Scope.KEY, Decimal(1), subject="k1"),
        Cap(Scope.PROJECT, Decimal(1), subject="p1"),
        Cap(Scope.CONVERSATION, Decimal(1), subject="c1"),
    ]
    others = [Cap(cap.scope, cap.amount, subject="another") for cap in mine[2:]]
    assert covering([*mine, *others], intent(None)) == tuple(mine)


def test_the_caps_of_settings_and_key() -> None:
    assert caps_of(Settings(), KEY) == ()
    caps = caps_of(Settings(monthly_cap=Decimal(10)), replace(KEY, monthly_cap=Decimal(2)))
    assert [(cap.scope, cap.amount, cap.subject, cap.hard) for cap in caps] == [
        (Scope.MONTH, 10, None, True),
        (Scope.KEY, 2, "k1", True),
    ]


def test_every_scope_has_a_cap_and_a_warning_in_the_settings() -> None:
    names = [name for pair in SETTINGS.values() for name in pair] + ["key_warning"]
    settings = Settings(**{name: Decimal(number + 1) for number, name in enumerate(names)})
    caps = caps_of(settings, replace(KEY, monthly_cap=Decimal(99), project="p1", project_name="Site"))
    assert {cap.setting: cap.amount for cap in caps} == {None: 99} | {
        name: number + 1 for number, name in enumerate(names)
    }
    assert [cap.hard for cap in caps] == [True] * 5 + [False] * 5
    named = {Scope.PROJECT: ("p1", "Site"), Scope.KEY: ("k1", "work")}
    assert all((cap.subject, cap.name) == named.get(cap.scope, (None, "")) for cap in caps)
    unnamed = caps_of(settings, replace(KEY, project="p1"))
    assert {(cap.subject, cap.name) for cap in unnamed if cap.scope is Scope.PROJECT} == {("p1", "")}
    # A key without a project has all the other caps.
    without = caps_of(settings, KEY)
    assert {cap.scope for cap in without} == set(Scope) - {Scope.PROJECT}


def test_a_cap_for_each_conversation_holds_for_that_of_the_request() -> None:
    each = Cap(Scope.CONVERSATION, Decimal(1))
    [mine] = covering([each], intent(Decimal(1)))
    assert (mine.subject, mine.amount) == ("c1", 1)
    assert covering([each], replace(intent(Decimal(1)), conversation=None)) == ()


def test_a_refusal_names_the_setting_to_change() -> None:
    for scope, (name, _) in SETTINGS.items():
        cap = Cap(scope, Decimal(1), subject="c1" if scope in (Scope.PROJECT, Scope.CONVERSATION) else None)
        decision = judge([Standing(cap, Decimal(1))], intent(Decimal(1)))
        assert isinstance(decision, CapRefusal)
        assert cap.words in decision.trouble.title
        assert f"{name} in the settings file" in decision.trouble.remedy
        assert "Costs pane" in decision.trouble.remedy


def test_a_refusal_by_a_keys_own_cap_leads_to_the_key_alone() -> None:
    cap = Cap(Scope.KEY, Decimal(2), subject="k1", name="work")
    decision = judge([Standing(cap, Decimal(2))], intent(Decimal(1)))
    assert isinstance(decision, CapRefusal)
    assert decision.trouble.remedy.endswith(f"or raise or remove {cap.words} (Costs pane, key c).")


@pytest.mark.parametrize(
    ("cap", "words"),
    [
        (Cap(Scope.DAY, Decimal("0.5")), "the daily cap of $0.50"),
        (Cap(Scope.MONTH, Decimal(10)), "the monthly cap of $10.00"),
        (Cap(Scope.KEY, Decimal(2), subject="k1", name="work"), "the monthly cap of $2.00 for the key “work”"),
        (Cap(Scope.PROJECT, Decimal(2), subject="proj_1"), "the monthly cap of $2.00 for the project “proj_1”"),
        (Cap(Scope.CONVERSATION, Decimal(1), subject="c1"), "this conversation's cap of $1.00"),
        (Cap(Scope.CONVERSATION, Decimal(1)), "each conversation's cap of $1.00"),
        (Cap(Scope.DAY, Decimal(1), hard=False), "the daily warning at $1.00"),
    ],
)
def test_a_cap_is_named_in_the_users_words(cap: Cap, words: str) -> None:
    assert cap.words == words


def test_what_is_left_is_never_negative() -> None:
    assert Standing(Cap(Scope.DAY, Decimal(1)), Decimal(3)).left == 0


@pytest.mark.parametrize(
    ("cap", "told_apart"),
    [
        (Cap(Scope.DAY, Decimal("0.5")), "day::hard:0.5"),
        (Cap(Scope.DAY, Decimal("0.6"), hard=False), "day::soft:0.6"),
        (Cap(Scope.KEY, Decimal(2), subject="k1", name="work"), "key:k1:hard:2"),
    ],
)
def test_a_cap_with_another_amount_is_another_cap(cap: Cap, told_apart: str) -> None:
    assert cap.id == told_apart


@pytest.mark.parametrize(
    ("problem", "remedy"),
    [
        ("Give the disk more room.", "Give the disk more room."),
        ("", "Repair the ledger, or raise or remove the daily cap of $1.00 (Costs pane, key c, or daily_cap in the "
             "settings file)."),
    ],
)  # fmt: skip
def test_a_cap_is_not_passed_because_the_spend_cannot_be_read(problem: str, remedy: str) -> None:
    trouble = CapRefusal(Cap(Scope.DAY, Decimal(1)), intent(Decimal(1)), problem=problem).trouble
    assert trouble.title == "Not sent: what was spent cannot be read, so the daily cap of $1.00 cannot be kept."
    assert (trouble.id, trouble.remedy, trouble.exit) == ("cap-unreadable", remedy, Exit.CREDIT)


def test_a_model_without_a_price_is_not_asked_under_a_cap() -> None:
    asked = replace(intent(None), model="odd")
    decision = judge([Standing(Cap(Scope.DAY, Decimal(1)), Decimal(0))], asked)
    assert isinstance(decision, CapRefusal)
    assert decision.trouble.title.startswith("Not sent: the price of odd is not known")
    assert '[prices."odd"]' in decision.trouble.remedy
