"""Conversations in the playground: found, renamed, pinned, deleted, gone back in, told how to be answered."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keytui.adapters.conversations import SqliteConversations
from keytui.adapters.database import DatabaseTrouble
from keytui.domain.conversations import Conversation, StoredMessage
from keytui.tui.dialogs.conversations import ConversationsDialog
from keytui.tui.panes.playground.pane import PlaygroundPane
from tests.support.stage import Stage, on_stage


def pane(stage: Stage) -> PlaygroundPane:
    return stage.app.screen_stack[0].query_one(PlaygroundPane)


async def ask(stage: Stage, text: str) -> None:
    before = len(pane(stage).thread.messages)
    await stage.type(text)
    await stage.press("enter")
    await stage.when(lambda: len(pane(stage).thread.messages) == before + 2 and not pane(stage).busy, "the answer")


async def test_kept_conversations_are_renamed_pinned_deleted_and_brought_back() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await ask(stage, "What is a token?")
        await stage.press("ctrl+n")
        await ask(stage, "What is a key?")
        await stage.press("ctrl+o")
        await stage.until("What is a key?", "What is a token?", "ctrl+r renames")
        await stage.press("down", "ctrl+t")
        text = await stage.until("Pinned: it stays at the top.", "pinned")
        [first, second] = [row for row in text.split("\n") if " messages  " in row]
        assert "What is a token?" in first
        assert "What is a key?" in second
        await stage.press("ctrl+r")
        await stage.until("Rename the conversation")
        await stage.press("end")
        await stage.type(" and why")
        await stage.press("enter")
        await stage.until("Renamed.", "What is a token? and why")
        await stage.press("ctrl+x")
        await stage.until("Deleted “What is a token?", "ctrl+z brings it back")
        await stage.press("ctrl+z")
        await stage.until("is back.", "What is a token? and why")
        await stage.press("enter")
        await stage.when(lambda: pane(stage).thread.messages[:1] and "token" in pane(stage).thread.messages[0].text)


async def test_keys_that_are_pressed_before_the_list_is_read_mean_the_list_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate, read = threading.Event(), SqliteConversations.conversations

    def conversations(self: SqliteConversations, **wanted: Any) -> list[Conversation]:
        assert gate.wait(20)
        return read(self, **wanted)

    async with on_stage() as stage:
        await stage.ready()
        await ask(stage, "What is a token?")
        await stage.press("ctrl+n")
        await ask(stage, "What is a key?")
        monkeypatch.setattr(SqliteConversations, "conversations", conversations)
        await stage.press("ctrl+o")
        await stage.until("Conversations")
        await stage.press("ctrl+t")  # the newest, once it is listed
        assert "Pinned" not in stage.text()
        gate.set()
        text = await stage.until("Pinned: it stays at the top.")
        assert "pinned" in next(row for row in text.splitlines() if "What is a key?" in row and "messages" in row)
        gate.clear()
        await stage.type("token")
        await stage.press("ctrl+x")  # not the first of the list that is still there
        gate.set()
        await stage.until("Deleted “What is a token?")
        await stage.press(*["backspace"] * 5)
        await stage.until("What is a key?")
        gate.clear()
        await stage.press("enter")
        gate.set()
        await stage.when(lambda: pane(stage).thread.messages[:1] and "key" in pane(stage).thread.messages[0].text)


async def test_the_open_conversation_keeps_its_new_name_and_is_left_when_it_is_deleted() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await ask(stage, "What is a token?")
        await stage.press("ctrl+o")
        await stage.until("2 messages")
        await stage.press("ctrl+r")
        await stage.until("Rename the conversation")
        await stage.press(*["backspace"] * 16)
        await stage.type("first")
        await stage.press("enter")
        await stage.until("Renamed.")
        await stage.press("escape")
        await ask(stage, "And a key?")
        [head] = (await stage.services.conversations()).conversations()
        assert (head.title, head.messages) == ("first", 4)
        await stage.press("ctrl+o")
        await stage.until("4 messages")
        await stage.press("ctrl+x")
        await stage.until("Deleted “first”")
        await stage.press("escape")
        await stage.until("Welcome to keytui")
        assert pane(stage).thread.head.id != head.id


async def test_an_earlier_message_is_written_anew_and_both_branches_stay() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await ask(stage, "What is a token?")
        await ask(stage, "And a key?")
        await stage.press("f8")
        await stage.until("Write a message anew", "And a key?")
        await stage.press("down", "enter")
        await stage.until("What is a token?")
        assert pane(stage).thread.untouched
        await stage.press("end")
        await stage.type(" Briefly.")
        await stage.press("enter")
        await stage.when(lambda: len(pane(stage).thread.messages) == 2 and not pane(stage).busy, "the new answer")
        stored = (await stage.services.conversations()).messages(pane(stage).thread.head.id)
        assert [message.text for message in stored if message.role == "user"] == [
            "What is a token?",
            "And a key?",
            "What is a token? Briefly.",
        ]
        await stage.press("ctrl+n", "ctrl+o")
        await stage.until("6 messages")
        await stage.press("enter")
        await stage.when(lambda: len(pane(stage).thread.messages) == 2, "the newest branch")
        pane(stage).action_branches()
        await stage.until("Branches", "last message of a branch")
        await stage.press("down", "enter")
        await stage.when(lambda: len(pane(stage).thread.messages) == 4, "the other branch")
        newest = (await stage.services.ledger()).latest(1)[0]
        assert newest.usage.input < 20


async def test_up_in_an_empty_draft_brings_back_what_was_sent() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await ask(stage, "What is a token?")
        await ask(stage, "And a key?")
        await stage.press("up")
        assert pane(stage).draft == "And a key?"
        await stage.press("up")
        assert pane(stage).draft == "What is a token?"
        await stage.press("down", "down")
        assert pane(stage).draft == ""
        await stage.press("up", "enter")
        await stage.when(lambda: len(pane(stage).thread.messages) == 6 and not pane(stage).busy, "the answer")
        await stage.press("up", "up")
        assert [pane(stage).draft, pane(stage).thread.messages[4].text] == ["And a key?", "And a key?"]


async def test_instructions_and_parameters_are_kept_and_sent() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await stage.press("f4")
        await stage.until("This conversation", "instructions", "longest answer")
        await stage.type("Be brief.")
        await stage.press("tab")
        await stage.type("huge")
        await stage.press("enter")
        await stage.until("The effort is one of none, minimal")
        await stage.press(*["backspace"] * 4)
        await stage.type("low")
        await stage.press("tab")
        await stage.type("40")
        await stage.press("enter")
        await stage.until("Write a message")
        await ask(stage, "How does prompt caching work?")
        entry = (await stage.services.ledger()).latest(1)[0]
        assert entry.usage.output <= 40
        [head] = (await stage.services.conversations()).conversations()
        assert (head.instructions, head.parameters.effort, head.parameters.max_output) == ("Be brief.", "low", 40)


async def test_a_long_conversation_shows_its_end_at_once_and_is_whole_before_anything_is_sent() -> None:
    async with on_stage() as stage:
        await stage.ready()
        store = await stage.services.conversations()
        begun = datetime.now(UTC) - timedelta(days=1)
        head = Conversation("long", "a long one", begun, begun)
        store.save(head)
        for number in range(250):
            role = "assistant" if number % 2 else "user"
            store.append("long", StoredMessage(f"m{number}", role, f"message {number}", begun))
        await stage.press("ctrl+o")
        await stage.until("250 messages")
        await stage.press("enter")
        await stage.until("message 249")
        await stage.when(lambda: len(pane(stage).thread.messages) == 250, "the whole conversation")
        assert pane(stage).thread.messages[0].text == "message 0"
        await stage.when(pane(stage).whole.is_set)


async def some_kept(stage: Stage, *titles: str) -> Any:
    """The store, with a conversation of each title; the first is the newest."""
    store = await stage.services.conversations()
    for number, title in enumerate(titles):
        at = datetime.now(UTC) - timedelta(days=1, minutes=number)
        store.save(Conversation(title, title, at, at))
        store.append(title, StoredMessage(f"{title} 1", "user", f"about {title}", at))
    return store


def held(store: Any, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let the list come only when this is set."""
    go, read = threading.Event(), store.conversations

    def slowly(**wanted: Any) -> Any:
        assert go.wait(20)
        return read(**wanted)

    monkeypatch.setattr(store, "conversations", slowly)
    return go


@pytest.mark.parametrize(
    ("keys", "seen"),
    [
        (("ctrl+r",), ("Rename the conversation", "first")),
        (("ctrl+t",), ("pinned", "Pinned: it stays at the top.")),
        (("down", "ctrl+x"), ("Deleted “second”",)),
        (("ctrl+x", "ctrl+x", "ctrl+z"), ("“second” is back.", "third")),
        (("t", "h", "i", "r", "ctrl+x"), ("Deleted “third”",)),
    ],
    ids=["rename", "pin", "the second", "two and one back", "what was searched for"],
)
async def test_keys_that_come_before_the_list_hold_for_what_it_shows(
    keys: tuple[str, ...], seen: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_stage() as stage:
        await stage.ready()
        go = held(await some_kept(stage, "first", "second", "third"), monkeypatch)
        await stage.press("ctrl+o")
        await stage.until("Reading the conversations …")
        await stage.press(*keys)
        assert isinstance(stage.app.screen, ConversationsDialog)
        go.set()
        await stage.until(*seen)


async def test_enter_before_the_list_is_there_opens_what_it_will_show_first(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage() as stage:
        await stage.ready()
        go = held(await some_kept(stage, "first", "second"), monkeypatch)
        await stage.press("ctrl+o", *"second", "enter")
        go.set()
        await stage.when(lambda: pane(stage).thread.head.id == "second", "the second")


async def test_escape_before_the_list_is_there_takes_back_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage() as stage:
        await stage.ready()
        store = await some_kept(stage, "first")
        go = held(store, monkeypatch)
        await stage.press("ctrl+o", "ctrl+x", "escape")
        go.set()
        await stage.until("Write a message")
        assert [head.id for head in store.conversations()] == ["first"]


async def test_what_was_found_in_messages_stays_listed_at_another_size() -> None:
    async with on_stage() as stage:
        await stage.ready()
        store = await some_kept(stage, "first", "second")
        store.append("second", StoredMessage("2", "user", "a walrus, too", datetime.now(UTC)))
        store.append("first", StoredMessage("3", "user", "one walrus", datetime.now(UTC)))
        await stage.press("ctrl+o", *"walrus")
        await stage.until("2 messages", "second", "first")
        await stage.press("down")
        await stage.pilot.resize_terminal(90, 30)
        await stage.until("second", "first", "ctrl+r renames")
        dialog = stage.app.screen
        assert isinstance(dialog, ConversationsDialog)
        assert dialog._here is not None
        assert dialog._here == dialog.listed[1].value


async def test_a_database_that_cannot_be_read_is_said_in_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage() as stage:
        await stage.ready()
        store = await some_kept(stage, "first")

        def locked(**_: object) -> None:
            raise DatabaseTrouble("busy", "The database is locked. Close the other keytui.")

        monkeypatch.setattr(store, "conversations", locked)
        await stage.press("ctrl+o", "ctrl+x")
        await stage.until("The database is locked.")
        await stage.press("escape")
        await stage.until("Write a message")
