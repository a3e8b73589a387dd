from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from keytui.adapters.paths import find
from keytui.cli import main
from keytui.domain.ledger import Entry
from keytui.domain.usage import Mark, Usage
from tests.adapters.ledger.making import cost, entry, ledger

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ENTRIES = [
    entry("1", NOON, "0.000000000001", model="gpt-6-luna"),
    entry("2", NOON - timedelta(days=1), "0.2", model="gpt-5.4", project=None, key_id="k2", key_name="play"),
    replace(entry("3", NOON - timedelta(days=40), None, model="llama"), usage=Usage(7, 3, mark=Mark.ESTIMATED)),
    replace(entry("4", NOON - timedelta(days=40), model="=cmd()"), cost=cost("1", saved="-0.5", tier="fast")),
]


def keep(entries: Sequence[Entry], *, practice: bool = False) -> Path:
    paths = find(practice=practice)
    book = ledger(paths.data)
    for one in entries:
        book.book(one)
    book.close()
    return paths.database


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local days are UTC days here."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def kept(sealed: Path) -> Path:
    return keep(ENTRIES)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["cost", *arguments])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_json_has_every_amount_to_its_last_digit(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--json", "--by", "model")
    document = json.loads(out)
    assert status == 0
    costs = {row["label"]: row["cost"] for row in document["rows"]}
    assert costs == {"gpt-6-luna": "0.000000000001", "gpt-5.4": "0.2", "llama": None, "=cmd()": "1"}
    assert document["total"]["cost"] == "1.200000000001"
    assert document["total"]["saved"] == "-0.5"
    assert (document["total"]["at_least"], document["total"]["unpriced"], document["total"]["estimated"]) == (
        True,
        1,
        1,
    )
    assert document["currency"] == "USD"


@pytest.mark.parametrize(
    ("group", "labels"),
    [
        ("day", ["2026-10-14", "2026-11-22", "2026-11-23"]),
        ("month", ["2026-10", "2026-11"]),
        ("key", ["work", "play"]),
        ("project", ["p1", ""]),
        ("app", ["playground"]),
        ("tier", ["fast", "standard", ""]),
    ],
)
def test_groups(kept: Path, capsys: pytest.CaptureFixture[str], group: str, labels: list[str]) -> None:
    _, out, _ = run(capsys, "--json", "--by", group)
    assert [row["label"] for row in json.loads(out)["rows"]] == labels


def test_days_are_included_at_both_ends(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "--json", "--since", "2026-11-22", "--until", "2026-11-23")
    document = json.loads(out)
    assert document["total"]["requests"] == 2
    assert (document["since"], document["until"]) == ("2026-11-22", "2026-11-23")
    _, out, _ = run(capsys, "--json", "--until", "2026-11-22")
    assert json.loads(out)["total"]["requests"] == 3


def test_the_table_is_for_reading(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, err = run(capsys, "--by", "model")
    lines = out.splitlines()
    assert lines[0].split() == ["model", "requests", "input", "cached", "output", "cost"]
    assert lines[-1].split()[0] == "total"
    assert "≥ $1.20" in lines[-1]
    assert "$?" in next(line for line in lines if line.startswith("llama"))
    assert "1 requests have no known price" in err
    assert "estimates" in err


def test_an_empty_ledger_is_no_error_and_nothing_is_created(sealed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys)
    assert (status, err) == (0, "")
    assert "Nothing was spent" in out
    assert json.loads(run(capsys, "--json")[1])["total"]["cost"] == "0"
    assert not find().data.exists()


def rows(text: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_has_a_line_for_each_request_in_focus_columns(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "--csv")
    table = rows(out)
    assert [row["x_RequestId"] for row in table] == ["3", "4", "2", "1"]
    newest = table[-1]
    assert newest["BilledCost"] == newest["EffectiveCost"] == "0.000000000001"
    assert newest["BillingCurrency"] == "USD"
    assert (newest["ChargePeriodStart"], newest["ChargePeriodEnd"]) == ("2026-11-23T12:00:00Z", "2026-11-23T12:00:01Z")
    assert (newest["ConsumedQuantity"], newest["ConsumedUnit"]) == ("15", "Tokens")
    assert (newest["ProviderName"], newest["SkuId"], newest["SubAccountId"]) == ("api.openai.com", "gpt-6-luna", "p1")
    assert table[0]["BilledCost"] == ""


def test_csv_by_group_has_a_line_for_each_group(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "--csv", "--by", "month")
    first, second = rows(out)
    assert (first["x_Label"], first["BilledCost"]) == ("2026-10", "1")
    assert (second["ChargePeriodStart"], second["ChargePeriodEnd"]) == ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")


def test_no_cell_is_a_formula(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--csv"], ["--csv", "--by", "model"]):
        for row in rows(run(capsys, *arguments)[1]):
            assert not any(value.startswith(("=", "+", "@")) for value in row.values())


def test_practice_has_a_ledger_of_its_own(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep([entry("p", NOON, "7")], practice=True)
    assert json.loads(run(capsys, "--json", "--practice")[1])["total"]["cost"] == "7"
    assert json.loads(run(capsys, "--json")[1])["total"]["requests"] == 4


def test_caps_are_listed_with_what_is_left(sealed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now = datetime.now(UTC)
    keep([entry("now", now, "1.5")])
    settings = find().settings_file
    settings.parent.mkdir(parents=True)
    settings.write_text("monthly_cap = 10\ndaily_warning = 1\nconversation_cap = 2\n")
    status, out, err = run(capsys, "--caps")
    lines = out.splitlines()
    assert status == 0
    assert [line.split("  ")[0] for line in lines] == [
        "the daily warning at $1.00",
        "the monthly cap of $10.00",
        "each conversation's cap of $2.00",
    ]
    assert "$1.50 spent (150 %), $0.00 left" in lines[0]
    assert "platform's spend limit is another thing" in err
    rows = json.loads(run(capsys, "--caps", "--json")[1])["caps"]
    assert [(row["setting"], row["hard"], row["amount"]) for row in rows] == [
        ("daily_warning", False, "1"),
        ("monthly_cap", True, "10"),
        ("conversation_cap", True, "2"),
    ]
    assert rows[0]["spent"] == "1.5"
    assert rows[2]["spent"] is None


def test_without_caps_it_says_how_to_set_them(sealed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--caps")
    assert status == 0
    assert "key c in the Costs pane" in out


def test_what_was_booked_stands_beside_todays_prices_and_stays(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = run(capsys, "--json")[1]
    status, out, err = run(capsys, "--reprice", "--json", "--since", "2026-11-23")
    assert status == 0
    # 10 in and 5 out on gpt-6-luna: 0.10 and 0.50 USD for a million tokens.
    assert json.loads(out)["rows"] == [{"model": "gpt-6-luna", "booked": "0.000000000001", "now": "0.0000035"}]
    _, out, err = run(capsys, "--reprice")
    assert "The ledger keeps what was booked" in err
    assert "2 requests are in neither sum" in err
    assert run(capsys, "--json")[1] == before


def test_newer_prices_are_fetched_by_the_users_way_and_only_when_asked(
    sealed: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    status, out, err = run(capsys, "--update-prices", "--practice")
    assert (status, out) == (6, "")
    assert "In practice nothing is fetched" in err
    status, out, err = run(capsys, "--update-prices")
    assert (status, out) == (6, "")
    assert "raw.githubusercontent.com cannot be reached" in err
    # Through a proxy that is not there: nothing goes around it.
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert run(capsys, "--update-prices")[0] == 6


def test_a_damaged_ledger_is_named_and_the_status_says_so(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept.write_bytes(b"no database" * 1000)
    status, out, err = run(capsys, "--json")
    assert status == 1
    assert str(kept) in err
    assert json.loads(out)["problem"] in err
    assert json.loads(out)["total"]["at_least"] is True


@pytest.mark.parametrize(
    "arguments",
    [
        ["--since", "yesterday"],
        ["--caps", "--by", "day"],
        ["--reprice", "--csv"],
        ["--by", "colour"],
        ["--json", "--csv"],
        ["more"],
    ],
)
def test_what_is_not_understood_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["cost", *arguments])
    assert ended.value.code == 2


def test_a_reader_that_has_seen_enough_is_no_error(kept: Path) -> None:
    book = ledger(find().data)
    for n in range(2_000):
        book.book(entry(f"many {n}", NOON))
    book.close()
    with subprocess.Popen(
        [sys.executable, "-m", "keytui", "cost", "--csv"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait() == 0
