from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from keytui.adapters.ledger import SqliteLedger
from keytui.domain.caps import Cap, CapRefusal, Granted, Intent, Scope
from keytui.domain.troubles import Exit
from tests.adapters.ledger.making import NOW, entry, ledger


@pytest.fixture
def book(tmp_path: Path) -> SqliteLedger:
    return ledger(tmp_path)


def intent(name: str, worst: str | None = "1", **more: str | None) -> Intent:
    plain = Intent(name, NOW, "k1", "p1", "c1", None if worst is None else Decimal(worst), "gpt-6-luna")
    return replace(plain, **more)  # type: ignore[arg-type]


MONTH = Cap(Scope.MONTH, Decimal(3))


def test_what_is_on_its_way_counts_until_it_is_booked(book: SqliteLedger) -> None:
    assert isinstance(book.reserve(intent("a"), [MONTH]), Granted)
    assert isinstance(book.reserve(intent("b"), [MONTH]), Granted)
    assert isinstance(book.reserve(intent("c"), [MONTH]), Granted)
    assert isinstance(book.reserve(intent("d"), [MONTH]), CapRefusal)
    book.book(entry("a", usd="0.25"))
    standing = book.standing(MONTH)
    assert (standing.spent, standing.reserved, standing.left) == (Decimal("0.25"), 2, Decimal("0.75"))
    assert isinstance(book.reserve(intent("d", "0.75"), [MONTH]), Granted)


def test_a_released_reservation_is_free_again(book: SqliteLedger) -> None:
    book.reserve(intent("a", "3"), [MONTH])
    book.release("a")
    assert isinstance(book.reserve(intent("b", "3"), [MONTH]), Granted)


def test_reserving_again_under_the_same_id_counts_once(book: SqliteLedger) -> None:
    book.reserve(intent("a"), [MONTH])
    book.reserve(intent("a"), [MONTH])
    assert book.standing(MONTH).reserved == 1


@pytest.mark.parametrize(
    ("cap", "other"),
    [
        (Cap(Scope.KEY, Decimal(1), subject="k1", name="work"), {"key_id": "k2"}),
        (Cap(Scope.PROJECT, Decimal(1), subject="p1"), {"project": "p2"}),
        (Cap(Scope.PROJECT, Decimal(1), subject="p1"), {"project": None}),
        (Cap(Scope.CONVERSATION, Decimal(1), subject="c1"), {"conversation": "c2"}),
    ],
)
def test_a_cap_of_one_thing_does_not_touch_others(book: SqliteLedger, cap: Cap, other: dict[str, str | None]) -> None:
    book.book(entry("spent", usd="0.6"))
    assert isinstance(book.reserve(intent("a"), [cap]), CapRefusal)
    assert isinstance(book.reserve(intent("b", "100", **other), [cap]), Granted)


def test_a_daily_cap_is_free_again_the_next_day_and_a_conversations_never(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    book.book(entry("spent", usd="0.9"))
    tomorrow = ledger(tmp_path, now=lambda: NOW + timedelta(days=1))
    day, talk = Cap(Scope.DAY, Decimal(1)), Cap(Scope.CONVERSATION, Decimal(1), subject="c1")
    assert isinstance(book.reserve(intent("a"), [day]), CapRefusal)
    assert isinstance(tomorrow.reserve(intent("b"), [day]), Granted)
    tomorrow.release("b")
    assert isinstance(tomorrow.reserve(intent("c"), [talk]), CapRefusal)


def test_the_refusal_names_the_cap_the_figures_and_the_way_out(book: SqliteLedger) -> None:
    book.book(entry("spent", usd="2.5"))
    refusal = book.reserve(intent("a"), [Cap(Scope.KEY, Decimal(3), subject="k1", name="work")])
    assert isinstance(refusal, CapRefusal)
    trouble = refusal.trouble
    for words in ("$1.00", "monthly cap of $3.00", "“work”", "$0.50 left", "$2.50 spent"):
        assert words in trouble.title
    assert "raise or remove" in trouble.remedy
    assert (trouble.exit, trouble.retry) == (Exit.CREDIT, False)


def test_with_an_unknown_price_no_hard_cap_can_be_kept(book: SqliteLedger) -> None:
    refusal = book.reserve(intent("a", None), [MONTH])
    assert isinstance(refusal, CapRefusal)
    assert "price of gpt-6-luna is not known" in refusal.trouble.title
    assert '[prices."gpt-6-luna"]' in refusal.trouble.remedy
    assert isinstance(book.reserve(intent("a", None), [replace(MONTH, hard=False)]), Granted)


def test_a_soft_cap_warns_once_a_month_and_never_refuses(tmp_path: Path) -> None:
    book, soft = ledger(tmp_path), replace(MONTH, hard=False)
    book.book(entry("spent", usd="2.5"))
    decisions = [book.reserve(intent(name), [soft]) for name in "abc"]
    assert [len(d.warnings) for d in decisions if isinstance(d, Granted)] == [1, 0, 0]
    next_month = ledger(tmp_path, now=lambda: NOW + timedelta(days=10))
    next_month.book(entry("more", NOW + timedelta(days=10), "5"))
    later = next_month.reserve(intent("d"), [soft])
    assert isinstance(later, Granted)
    assert len(later.warnings) == 1


def test_a_cap_for_each_conversation_counts_each_by_itself(book: SqliteLedger) -> None:
    each = Cap(Scope.CONVERSATION, Decimal(1))
    book.book(entry("spent", usd="0.9"))
    refusal = book.reserve(intent("a"), [each])
    assert isinstance(refusal, CapRefusal)
    assert "this conversation's cap of $1.00" in refusal.trouble.title
    assert isinstance(book.reserve(intent("b", conversation="c2"), [each]), Granted)
    assert isinstance(book.reserve(intent("c", conversation=None), [each]), Granted)
    assert book.standing(each).spent == 0


def test_a_ledger_that_cannot_be_read_keeps_a_hard_cap_by_refusing(tmp_path: Path) -> None:
    (tmp_path / "keytui.db").write_bytes(b"not a database" * 1000)
    book = ledger(tmp_path)
    refusal = book.reserve(intent("a"), [MONTH])
    assert isinstance(refusal, CapRefusal)
    assert "cannot be read" in refusal.trouble.title
    assert "keytui.db" in refusal.trouble.remedy
    assert isinstance(book.reserve(intent("a"), [replace(MONTH, hard=False)]), Granted)
    assert isinstance(book.reserve(intent("a"), []), Granted)
    book.release("a")


HOLD = """
import sys
from pathlib import Path
from tests.adapters.ledger.test_caps import MONTH, intent
from tests.adapters.ledger.making import ledger
print(type(ledger(Path(sys.argv[1])).reserve(intent("held", "3"), [MONTH])).__name__)
"""


def test_what_an_ended_process_held_is_free_again(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", HOLD, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "Granted"
    assert isinstance(ledger(tmp_path).reserve(intent("mine", "3"), [MONTH]), Granted)


def test_what_a_running_process_holds_is_not(tmp_path: Path) -> None:
    waiting = HOLD + "sys.stdout.flush(); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", waiting, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "Granted"
        assert isinstance(ledger(tmp_path).reserve(intent("mine", "3"), [MONTH]), CapRefusal)
        other.communicate("")


def test_a_reservation_of_yesterday_is_given_up(tmp_path: Path) -> None:
    ledger(tmp_path).reserve(replace(intent("old", "3"), at=NOW - timedelta(hours=25)), [MONTH])
    assert isinstance(ledger(tmp_path).reserve(intent("new", "3"), [MONTH]), Granted)


SPEND = """
import random, sys
from decimal import Decimal
from pathlib import Path
from keytui.domain.caps import Granted
from tests.adapters.ledger.test_caps import SHARED, intent
from tests.adapters.ledger.making import entry, ledger

book, name = ledger(Path(sys.argv[1])), sys.argv[2]
sent = refused = 0
while refused < 3:
    request = f"{name}-{sent}-{refused}"
    worst = Decimal(random.randrange(1, 300)) / 100
    if isinstance(book.reserve(intent(request, str(worst)), [SHARED]), Granted):
        sent += 1
        assert book.standing(SHARED).spent + book.standing(SHARED).reserved <= SHARED.amount
        book.book(entry(request, usd=str(worst * random.randrange(0, 101) / 100)))
    else:
        refused += 1
print(sent)
"""
SHARED = Cap(Scope.MONTH, Decimal(60))


def test_eight_processes_at_once_never_pass_a_hard_cap(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(lambda name: int(_run(SPEND, str(tmp_path), str(name))), range(8)))
    book = ledger(tmp_path)
    standing = book.standing(SHARED)
    assert book.total().requests == sum(sent) > 8
    # Each stopped because three of its requests could have passed the cap, so the cap is nearly used.
    assert SHARED.amount - 3 < standing.spent <= SHARED.amount
    assert standing.reserved == 0
    assert book.problem is None


def _run(program: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
