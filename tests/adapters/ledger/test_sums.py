"""Sums by any group and any stretch of days, in time zones of every kind, against adding up by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keytui.adapters.ledger import SqliteLedger
from keytui.adapters.ledger.days import FOREVER, HOUR, MOMENTS, day_start, pieces, stretch
from keytui.domain.ledger import By, Entry, Spend
from tests.adapters.ledger.making import NOW, cost, entries, entry, ledger

ZONES = [
    UTC,
    *map(ZoneInfo, ("America/New_York", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "Asia/Kolkata")),
]
"""Whole hours, halves and quarters; changes of clock; a day ahead."""


def group_of(zone: tzinfo) -> dict[By, Callable[[Entry], str]]:
    return {
        "day": lambda e: e.at.astimezone(zone).date().isoformat(),
        "month": lambda e: e.at.astimezone(zone).date().isoformat()[:7],
        "model": lambda e: e.model,
        "key": lambda e: e.key_id,
        "project": lambda e: e.project or "",
        "app": lambda e: e.app,
        "conversation": lambda e: e.conversation or "",
        "tier": lambda e: e.cost.tier if e.cost else e.tier or "",
    }


days = st.none() | st.dates(date(2026, 9, 18), date(2026, 11, 25))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    booked=st.lists(entries, max_size=30, unique_by=lambda e: e.id),
    zone=st.sampled_from(ZONES),
    since=days,
    until=days,
    key_id=st.sampled_from([None, "k1"]),
)
def test_every_sum_is_the_sum_of_its_entries(
    booked: list[Entry], zone: tzinfo, since: date | None, until: date | None, key_id: str | None
) -> None:
    with TemporaryDirectory() as folder:
        book = ledger(Path(folder), zone=zone)
        for one in booked:
            book.book(one)
        mine = [
            e
            for e in booked
            if (since is None or since <= e.at.astimezone(zone).date())
            and (until is None or e.at.astimezone(zone).date() <= until)
            and key_id in (None, e.key_id)
        ]
        whole = Spend("")
        for one in mine:
            whole = whole.plus(one)
        assert book.total(since=since, until=until, key_id=key_id) == whole
        for group, name_of in group_of(zone).items():
            expected: dict[str, Spend] = {}
            for one in mine:
                name = name_of(one)
                expected[name] = expected.get(name, Spend(name)).plus(one)
            found = book.by(group, since=since, until=until, key_id=key_id)
            named = {spend.id or spend.label: replace(spend, label=spend.id or spend.label, id="") for spend in found}
            assert named == expected
        book.close()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(booked=st.lists(entries, max_size=20, unique_by=lambda e: e.id), since=days, until=days)
def test_entries_come_back_as_they_were_booked(booked: list[Entry], since: date | None, until: date | None) -> None:
    with TemporaryDirectory() as folder:
        book = ledger(Path(folder), zone=UTC)
        for one in booked:
            book.book(one)
        within = [e for e in booked if (since or date.min) <= e.at.date() <= (until or date.max)]
        listed = list(book.entries(since=since, until=until))
        assert sorted(listed, key=lambda e: e.id) == sorted(within, key=lambda e: e.id)
        assert [e.at for e in listed] == sorted(e.at for e in within)
        assert [e.at for e in book.latest(5)] == sorted((e.at for e in booked), reverse=True)[:5]
        costs = sorted((e.cost.total for e in within if e.cost and e.cost.total), reverse=True)
        assert [e.cost and e.cost.total for e in book.dearest(5, since=since, until=until)] == costs[:5]
        book.close()


def test_days_and_months_come_in_order_and_the_rest_dearest_first(tmp_path: Path) -> None:
    book = ledger(tmp_path, zone=UTC)
    book.book(entry("1", NOW, "0.1", model="cheap"))
    book.book(entry("2", NOW - timedelta(days=40), "0.5", model="dear"))
    book.book(entry("3", NOW - timedelta(days=80), None, model="odd"))
    assert [spend.label for spend in book.by("day")] == ["2026-09-04", "2026-10-14", "2026-11-23"]
    assert [spend.label for spend in book.by("month")] == ["2026-09", "2026-10", "2026-11"]
    assert [spend.label for spend in book.by("model")] == ["dear", "cheap", "odd"]


def test_a_key_is_named_by_its_newest_name_and_told_apart_by_its_id(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    book.book(entry("1", key_id="k1", key_name="old name"))
    book.book(entry("2", key_id="k1", key_name="new name"))
    book.book(entry("3", key_id="k2", key_name="new name"))
    assert {(spend.id, spend.label, spend.requests) for spend in book.by("key")} == {
        ("k1", "new name", 2),
        ("k2", "new name", 1),
    }


def test_a_request_without_tokens_is_neither_an_estimate_nor_unpriced(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    book.book(replace(entry("1", usd=None), usage=type(entry("x").usage)()))
    spend = book.total()
    assert (spend.requests, spend.estimated, spend.unpriced, spend.at_least) == (1, 0, 0, False)


def test_large_sums_stay_exact(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    for n in range(12):
        book.book(replace(entry(str(n), NOW - timedelta(days=n)), cost=cost("999999.999999999999", saved="-9.5")))
    assert str(book.total().cost) == "11999999.999999999988"
    assert str(book.total().saved) == "-114"


def test_a_local_day_of_the_system_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        book = ledger(tmp_path)
        book.book(entry("1", datetime(2026, 11, 22, 18, 14, tzinfo=UTC)))
        book.book(entry("2", datetime(2026, 11, 22, 18, 15, tzinfo=UTC)))
        assert [(spend.label, spend.requests) for spend in book.by("day")] == [("2026-11-22", 1), ("2026-11-23", 1)]
    finally:
        monkeypatch.undo()
        time.tzset()


def test_whole_hours_need_no_single_entries() -> None:
    for zone in (UTC, ZoneInfo("America/New_York")):
        start, end = stretch(date(2026, 10, 1), date(2026, 11, 30), zone)
        assert MOMENTS not in [piece[1] for piece in pieces("", start, end)]
    start, end = stretch(date(2026, 10, 1), date(2026, 11, 30), ZoneInfo("Asia/Kolkata"))
    loose = [piece for piece in pieces("", start, end) if piece[1] == MOMENTS]
    assert all(last - first < HOUR for _, _, first, last in loose)
    assert len(loose) == 2


@given(st.integers(-FOREVER, FOREVER), st.integers(-FOREVER, FOREVER))
def test_pieces_cover_a_stretch_once(start: int, end: int) -> None:
    lengths = (HOUR, 24 * HOUR, 1)
    spans = sorted((first * lengths[kind], last * lengths[kind]) for _, kind, first, last in pieces("", start, end))
    if start >= end:
        assert spans == []
    else:
        assert spans[0][0] == start
        assert spans[-1][1] == end
        assert all(before[1] == after[0] for before, after in pairwise(spans))


def test_a_day_without_a_midnight_begins_where_the_clock_goes_on() -> None:
    # Beirut went from Saturday 24:00 straight to Sunday 01:00 on 2026-03-29.
    zone = ZoneInfo("Asia/Beirut")
    assert day_start(date(2026, 3, 29), zone) - day_start(date(2026, 3, 28), zone) in (23 * HOUR, 24 * HOUR)


def test_asking_creates_nothing_when_it_may_only_read(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    book = SqliteLedger(folder / "keytui.db", journal=folder / "j", now=lambda: NOW, read_only=True)
    assert book.total() == Spend("")
    assert list(book.by("day")) == list(book.latest()) == list(book.entries()) == []
    assert not folder.exists()


def test_how_often_a_key_was_refused_and_why(tmp_path: Path) -> None:
    book = ledger(tmp_path, zone=UTC)
    for number, (key_id, day, error) in enumerate(
        [
            ("k1", 0, "rate-limited"),
            ("k1", 1, "rate-limited"),
            ("k1", 1, "no-credit"),
            ("k1", 1, None),
            ("k2", 0, "rate-limited"),
            ("k1", 40, "rate-limited"),
        ]
    ):
        book.book(entry(str(number), at=NOW - timedelta(days=day), key_id=key_id, error=error))
    since = NOW.date() - timedelta(days=29)
    assert dict(book.refusals("k1", since=since)) == {"rate-limited": 2, "no-credit": 1}
    assert dict(book.refusals("k3")) == {}
