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
from keytui.adapters.paths import find
from keytui.cli import main
from keytui.domain.keys import KeyKind, KeyRecord, Place
from keytui.domain.ledger import Entry
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


def test_without_a_right_admin_key_it_says_what_is_needed(
    theirs: Practice, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_ADMIN_KEY")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(theirs.api_key.encode())))
    status, out, err = run(capsys, "--bill", "--admin-key-stdin", "--base-url", theirs.base_url)
    assert (status, out) == (3, "")
    assert "admin key" in err
    assert theirs.api_key not in err


@pytest.mark.parametrize("arguments", [["--bill", "--by", "day"], ["--take-over"], ["--admin-key-stdin"]])
def test_what_does_not_go_together_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["cost", *arguments])
    assert ended.value.code == 2
