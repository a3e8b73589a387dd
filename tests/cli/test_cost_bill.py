"""The bill, from a practice service's real Admin API: what keytui sent, what others sent, and what is said of it."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from keytui.adapters.keystore import open_keys
from keytui.adapters.network.http import HttpClients
from keytui.adapters.openai.admin import OpenAIAdmin
from keytui.adapters.paths import find
from keytui.cli import main
from keytui.domain.keys import KeyKind, KeyRecord, Place
from keytui.domain.ledger import Entry
from keytui.domain.money import dollars
from keytui.domain.secrets import Secret
from keytui.domain.usage import Mark, Usage
from tests.adapters.ledger.making import entry, ledger
from tests.support.practice import Practice


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["cost", *arguments])
    said = capsys.readouterr()
    return status, said.out, said.err


def asked(service: Practice, path: str, body: object | None = None) -> Any:
    """A request of another program, or a look at the service's own accounts."""
    request = urllib.request.Request(
        service.base_url.removesuffix("/v1") + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {service.api_key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as reply:
        return json.loads(reply.read())


@pytest.fixture
def theirs(practice_fresh: Practice, monkeypatch: pytest.MonkeyPatch) -> Practice:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", practice_fresh.admin_key)
    return practice_fresh


def kept(service: Practice) -> KeyRecord:
    """The service's key, as keytui knows it: it stands in the environment."""
    secret = Secret(service.api_key)
    record = KeyRecord(
        *("k1", "work", KeyKind.PROJECT, service.base_url, Place.ENVIRONMENT, secret.last4, datetime.now(UTC)),
        locator="OPENAI_API_KEY",
    )
    return asyncio.run(open_keys(find(), environ={"OPENAI_API_KEY": service.api_key}).add(record, secret))


def booked_here(row: dict[str, Any], key: KeyRecord) -> Entry:
    """What keytui would have booked of a request that the service answered."""
    usage = Usage(row["input_tokens"], row["output_tokens"], row["cached_tokens"], row["cache_write_tokens"])
    at = datetime.fromtimestamp(row["at"], UTC)
    made = entry(row["id"], at, row["cost"], key_id=key.id, key_name=key.name, model=row["model"])
    return replace(made, usage=replace(usage, mark=Mark.BILLED))


def test_the_bill_is_accounted_for_to_the_last_digit(theirs: Practice, capsys: pytest.CaptureFixture[str]) -> None:
    key = kept(theirs)
    for question in ("What is a token?", "How does prompt caching work?", "What is a rate limit?"):
        message = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": question}]}
        asked(theirs, "/v1/chat/completions", message)
    accounts = asked(theirs, "/practice/ledger")
    *ours, other = accounts["entries"]
    book = ledger(find().data)
    for row in ours:
        book.book(booked_here(row, key))
    book.close()
    status, out, err = run(capsys, "--bill", "--json", "--base-url", theirs.base_url)
    assert status == 0, err
    document = json.loads(out)
    assert Decimal(document["charged"]) == Decimal(accounts["total"])
    assert Decimal(document["booked"]) == sum(Decimal(row["cost"]) for row in ours)
    assert document["parts"] == {"other_apps": other["cost"].rstrip("0")}
    assert document["to_take_over"] == 0  # the day is not settled yet
    status, out, err = run(capsys, "--bill", "--base-url", theirs.base_url, "--take-over")
    assert "by other programs with keytui's keys" in out
    assert "charged by the platform" in out
    assert "0 booked" in err
    assert theirs.admin_key not in out + err


def test_a_key_that_keytui_does_not_know(theirs: Practice, capsys: pytest.CaptureFixture[str]) -> None:
    asked(theirs, "/v1/chat/completions", {"model": "gpt-6-luna", "messages": [{"role": "user", "content": "Hello"}]})
    document = json.loads(run(capsys, "--bill", "--json", "--base-url", theirs.base_url)[1])
    assert document["parts"] == {"other_keys": document["charged"]}


def test_it_is_told_by_day_project_and_key(theirs: Practice, capsys: pytest.CaptureFixture[str]) -> None:
    kept(theirs)
    asked(theirs, "/v1/chat/completions", {"model": "gpt-6-luna", "messages": [{"role": "user", "content": "Hello"}]})
    total = dollars(Decimal(asked(theirs, "/practice/ledger")["total"]))
    for by, name in (("day", f"{datetime.now(UTC):%Y-%m-%d}"), ("project", "Default project"), ("key", "work")):
        out = run(capsys, "--bill", "--by", by, "--base-url", theirs.base_url)[1]
        row = next(line for line in out.splitlines() if line.startswith(name))
        assert row.split(name)[1].split()[:2] == [total, "$0.00"]
        assert row.endswith("by other programs with keytui's keys")


def test_what_went_through_another_address_is_on_no_bill_of_this_one(
    theirs: Practice, capsys: pytest.CaptureFixture[str]
) -> None:
    key = kept(theirs)
    book = ledger(find().data)
    book.book(entry("mine", datetime.now(UTC), "0.5", key_id=key.id))
    book.book(entry("gateway", datetime.now(UTC), "2", key_id="k2"))
    book.close()
    document = json.loads(run(capsys, "--bill", "--json", "--base-url", theirs.base_url)[1])
    assert (document["charged"], document["booked"]) == ("0", "0.5")
    assert document["parts"] == {"lag": "-0.5"}


def test_the_platforms_spend_limits_stand_beside_the_caps(theirs: Practice, capsys: pytest.CaptureFixture[str]) -> None:
    kept(theirs)
    asked(theirs, "/v1/chat/completions", {"model": "gpt-6-luna", "messages": [{"role": "user", "content": "Hello"}]})
    total = asked(theirs, "/practice/ledger")["total"]
    asyncio.run(limited(theirs, 250))
    settings = find().settings_file
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text("monthly_cap = 10\n")
    status, out, err = run(capsys, "--caps", "--platform", "--base-url", theirs.base_url)
    assert status == 0, err
    ours, there = out.split("\n\n")
    assert "the monthly cap of $10.00" in ours
    assert f"{dollars(Decimal(total))} counted this month (0 %), limit $2.50, $2.50 left" in there
    assert "the organisation" in there.splitlines()[2]
    assert there.splitlines()[2].endswith("no limit")
    document = json.loads(run(capsys, "--caps", "--platform", "--json", "--base-url", theirs.base_url)[1])
    assert [(one["scope"], one["amount"]) for one in document["platform"]] == [
        ("project", "2.5"),
        ("organization", None),
    ]
    assert Decimal(document["platform"][0]["spent"]) == Decimal(total)
    assert document["caps"][0]["setting"] == "monthly_cap"


async def limited(service: Practice, cents: int) -> None:
    """Set the spend limit of the service's first project, as its owner would."""
    admin = OpenAIAdmin(Secret(service.admin_key), service.base_url, HttpClients())
    project, *_ = await admin.projects()
    await admin.set_spend_limit(project.id, cents)
    await admin.close()


def test_an_admin_key_that_keytui_keeps_is_used(
    theirs: Practice, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_ADMIN_KEY")
    monkeypatch.setenv("OWNER_KEY", theirs.admin_key)
    secret = Secret(theirs.admin_key)
    record = KeyRecord(
        *("k9", "owner", KeyKind.ADMIN, theirs.base_url, Place.ENVIRONMENT, secret.last4, datetime.now(UTC)),
        locator="OWNER_KEY",
    )
    asyncio.run(open_keys(find()).add(record, secret))
    status, _, err = run(capsys, "--caps", "--platform", "--json", "--base-url", theirs.base_url)
    assert status == 0, err


def test_without_a_right_admin_key_it_says_what_is_needed(
    theirs: Practice, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_ADMIN_KEY")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(theirs.api_key.encode())))
    status, out, err = run(capsys, "--bill", "--admin-key-stdin", "--base-url", theirs.base_url)
    assert (status, out) == (3, "")
    assert "admin key" in err
    assert theirs.api_key not in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--bill", "--by", "model"],
        ["--bill", "--csv"],
        ["--take-over"],
        ["--admin-key-stdin"],
        ["--platform"],
        ["--since", "2026-11-02", "--until", "2026-11-01"],
    ],
)
def test_what_does_not_go_together_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["cost", *arguments])
    assert ended.value.code == 2
