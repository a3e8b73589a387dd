"""What a keytui that was killed had sent is booked at the next start, once, with what is known of the answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.conversations import Conversation, StoredMessage
from keytui.domain.ledger import Entry, Outcome
from keytui.domain.left_behind import KILLED, book_left_behind
from keytui.domain.pricing import ZERO, Cost
from keytui.domain.usage import Mark, Usage

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def cost(usd: str, note: str = "") -> Cost:
    return Cost(Decimal(usd), ZERO, ZERO, ZERO, "standard", date(2026, 11, 1), "test", note)


NOTED = Entry(
    *("e1", NOW, "k1", "work", None, "playground", "c1", "chat", "https://here/v1", "gpt-6-luna", None, "flex"),
    usage=Usage(input=50),
    cost=cost("0.5"),
    outcome=Outcome.CUT,
    seconds=0.0,
    error="killed",
)
ASKED = StoredMessage("q", "user", "four words of question", NOW)
CUT = StoredMessage("a", "assistant", "three more words", NOW, "gpt-6-luna", outcome="cut", thinking="hm ")


class Prices:
    """A dollar for a token of input, ten for one of output."""

    def cost(self, model: str, usage: Usage, *, tier: str | None, **asked: Any) -> Cost | None:
        if model == "odd":
            return None
        assert (tier, asked) == ("flex", {"at": NOW, "base_url": "https://here/v1"})
        return cost(str(usage.input + 10 * usage.output))


@dataclass
class Ledger:
    noted: list[Entry]
    booked: list[Entry] = field(default_factory=list)

    def left_behind(self) -> list[Entry]:
        return self.noted

    def book(self, entry: Entry) -> None:
        self.booked.append(entry)


@dataclass
class Conversations:
    kept: list[StoredMessage] = field(default_factory=list)
    appended: list[tuple[str, StoredMessage]] = field(default_factory=list)

    def head(self, conversation_id: str) -> Conversation | None:
        return Conversation(conversation_id, "", NOW, NOW) if conversation_id == "c1" else None

    def messages(self, conversation_id: str) -> list[StoredMessage]:
        assert conversation_id == "c1"
        return self.kept

    def append(self, conversation_id: str, message: StoredMessage) -> None:
        self.appended.append((conversation_id, message))


def words(text: str) -> int | None:
    return len(text.split())


def left(noted: list[Entry], kept: list[StoredMessage], count: Any = words) -> tuple[Ledger, Conversations]:
    ledger, conversations = Ledger(noted), Conversations(kept)
    prices: Any = Prices()
    assert book_left_behind(ledger, conversations, prices, {NOTED.model: count, "odd": count}.__getitem__) == tuple(
        ledger.booked
    )  # type: ignore[arg-type]
    return ledger, conversations


@pytest.mark.parametrize(
    ("noted", "kept"),
    [
        (NOTED, []),
        (replace(NOTED, conversation=None), [ASKED, CUT]),
        (replace(NOTED, conversation="gone"), [ASKED, CUT]),
        (NOTED, [ASKED, replace(CUT, outcome="finished")]),
        (NOTED, [ASKED, replace(CUT, usage=Usage(output=3, mark=Mark.BILLED))]),
        (NOTED, [ASKED, replace(CUT, model="gpt-6-sol")]),
        (NOTED, [ASKED, replace(CUT, at=NOW + timedelta(seconds=1.1))]),
    ],
)
def test_of_an_answer_that_was_not_kept_only_what_was_sent_is_booked(noted: Entry, kept: list[StoredMessage]) -> None:
    ledger, conversations = left([noted], kept)
    assert ledger.booked == [replace(noted, cost=cost("0.5", KILLED))]
    assert conversations.appended == []


def test_an_answer_that_was_kept_is_counted_and_takes_its_cost() -> None:
    answer = replace(CUT, at=NOW + timedelta(seconds=1))
    ledger, conversations = left([NOTED], [ASKED, answer])
    # Four words and seven tokens of format went out; three words and one of thinking came.
    usage = Usage(input=11, output=4)
    assert ledger.booked == [replace(NOTED, usage=usage, cost=cost("51", KILLED))]
    assert conversations.appended == [("c1", replace(answer, usage=usage, cost="51"))]


def test_an_answer_that_had_not_begun_took_no_output() -> None:
    ledger, _ = left([NOTED], [ASKED, replace(CUT, text="", thinking="")])
    assert ledger.booked[0].usage == Usage(input=11)
    ledger, _ = left([NOTED], [ASKED, replace(CUT, text="", thinking="")], lambda text: 1)
    assert ledger.booked[0].usage == Usage(input=8)


def test_two_requests_of_one_conversation_take_an_answer_each() -> None:
    earlier = replace(CUT, id="b", at=NOW - timedelta(minutes=1))
    later = replace(NOTED, id="e2")
    ledger, conversations = left([NOTED, later], [ASKED, earlier, CUT])
    assert [message.id for _, message in conversations.appended] == ["a", "b"]
    # The later answer was asked with the earlier one before it: three words and a message more.
    assert [entry.usage.input for entry in ledger.booked] == [11 + 3 + 4, 11]


def test_what_has_no_price_gets_none_and_without_an_encoder_it_is_counted_roughly() -> None:
    odd = replace(NOTED, model="odd", cost=None)
    ledger, conversations = left([odd], [ASKED, replace(CUT, model="odd", text="x" * 37)], lambda text: None)
    assert (ledger.booked[0].cost, ledger.booked[0].usage.output) == (None, 10)
    assert conversations.appended[0][1].cost is None
