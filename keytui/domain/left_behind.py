"""Requests of a keytui that was killed: booked at the next start, with what the conversation has kept of the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from keytui.domain.booking import Count, priced
from keytui.domain.branches import path
from keytui.domain.conversations import ConversationStore, StoredMessage
from keytui.domain.ledger import Entry, Ledger
from keytui.domain.overhead import estimate
from keytui.domain.pricing import PriceBook
from keytui.domain.thread import Thread
from keytui.domain.tokens import rough_count
from keytui.domain.usage import Usage

KILLED = "keytui was killed before this was over: what is not known of it is estimated."


def book_left_behind(
    ledger: Ledger, conversations: ConversationStore, prices: PriceBook, counter: Callable[[str], Count]
) -> tuple[Entry, ...]:
    """Book every request that a process which is gone had sent and not booked, as an estimate; gives the entries.

    An answer that the conversation has kept is counted, and takes its cost; of any other only what was sent is known.
    ``counter`` gives the count of a model. Blocking. Raises ``StoreUnreadable``; what was booked until then stays.
    """
    booked: list[Entry] = []
    taken: set[str] = set()
    for entry in ledger.left_behind():
        found = None if entry.conversation is None else _kept(conversations, entry, taken)
        if found is not None:
            thread, answer = found
            taken.add(answer.id)
            entry = _counted(entry, thread, answer, prices, counter(entry.model))
        if entry.cost is not None:
            entry = replace(entry, cost=replace(entry.cost, note=f"{entry.cost.note} {KILLED}".strip()))
        ledger.book(entry)
        booked.append(entry)
        if found is not None and entry.conversation is not None:
            cost = None if entry.cost is None else str(entry.cost.total)
            conversations.append(entry.conversation, replace(found[1], usage=entry.usage, cost=cost))
    return tuple(booked)


def _kept(conversations: ConversationStore, entry: Entry, taken: set[str]) -> tuple[Thread, StoredMessage] | None:
    """The answer that belongs to an entry, and the conversation up to its question."""
    assert entry.conversation is not None
    head = conversations.head(entry.conversation)
    if head is None:
        return None
    stored = conversations.messages(entry.conversation)
    answers = [
        message
        for message in stored
        if message.role == "assistant"
        and (message.outcome, message.usage, message.model) == ("cut", None, entry.model)
        and message.id not in taken
        # The message is made right before the request goes out.
        and message.at <= entry.at + timedelta(seconds=1)
    ]
    if not answers:
        return None
    answer = answers[-1]
    return Thread(head, path(stored, answer.id)[:-1]), answer


def _counted(entry: Entry, thread: Thread, answer: StoredMessage, prices: PriceBook, count: Count) -> Entry:
    def sure(text: str) -> int:
        counted = count(text)
        return rough_count(text) if counted is None else counted

    said = answer.thinking + answer.text
    usage = Usage(input=estimate(thread.question(entry.model), sure).total, output=sure(said) if said else 0)
    cost = priced(prices, model=entry.model, usage=usage, tier=entry.tier, at=entry.at, base_url=entry.base_url)
    return replace(entry, usage=usage, cost=cost)
