"""Conversations as files, and back from ChatGPT's."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.chatgpt_export import NotAnExport, read_export
from keytui.domain.conversations import Conversation, StoredMessage
from keytui.domain.export import exported, file_name
from keytui.domain.thread import Thread
from keytui.domain.usage import Mark, Usage

NOW = datetime(2026, 11, 23, tzinfo=UTC)
THREAD = Thread(
    Conversation("c", "Tokens, and what they cost?", NOW, NOW, instructions="Be brief."),
    (
        StoredMessage("1", "user", "What is a token?", NOW),
        StoredMessage(
            "2", "assistant", "A piece of a word ✋.", NOW, "gpt-6-luna", Usage(12, 6, mark=Mark.BILLED), "0.0000042"
        ),
        StoredMessage("3", "user", "And a key?", NOW),
        StoredMessage("4", "assistant", "A pass", NOW, "gpt-6-luna", outcome="stopped"),
    ),
)


def test_markdown_is_to_be_read() -> None:
    text = exported(THREAD, "md")
    assert text.startswith(
        "# Tokens, and what they cost?\n\n> Be brief.\n\n## You\n\nWhat is a token?\n\n## gpt-6-luna"
    )
    assert "*12 in, 6 out, $0.0000042, billed*" in text


@pytest.mark.parametrize(
    ("cost", "words"),
    [("1.5E-7", "$0.00000015"), ("0E-12", "$0"), ("0.0120", "$0.012"), (None, "price not known")],
)
def test_a_cost_is_written_to_be_read(cost: str | None, words: str) -> None:
    answer = replace(THREAD.messages[1], cost=cost)
    assert f"*12 in, 6 out, {words}, billed*" in exported(Thread(THREAD.head, (answer,)), "md")


def test_json_has_the_messages_as_the_api_takes_them() -> None:
    whole = json.loads(exported(THREAD, "json"))
    assert whole["model"] == "gpt-6-luna"
    assert whole["messages"][:2] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is a token?"},
    ]
    assert len(whole["messages"]) == 5


def test_json_lines_have_one_for_each_whole_answer() -> None:
    [line] = exported(THREAD, "jsonl").splitlines()
    assert [message["role"] for message in json.loads(line)["messages"]] == ["system", "user", "assistant"]
    assert "✋" in line


def test_the_file_is_named_after_the_conversation() -> None:
    assert file_name(THREAD, "md") == "tokens-and-what-they-cost.md"
    assert file_name(Thread.new("x", NOW), "json") == "conversation.json"
    assert file_name(Thread(Conversation("x", "../../etc/passwd", NOW, NOW)), "md") == "etc-passwd.md"


def node(name: str, parent: str | None, role: str, *parts: object, **metadata: object) -> dict[str, object]:
    message = {
        "author": {"role": role},
        "create_time": 1_760_000_000.5,
        "content": {"content_type": "text", "parts": list(parts)},
        "metadata": metadata,
    }
    return {"id": name, "parent": parent, "children": [], "message": message}


def test_an_export_of_chatgpt_is_read_along_the_branch_that_was_last_in_use() -> None:
    nodes = [
        {"id": "root", "parent": None, "children": ["a"], "message": None},
        node("a", "root", "system", ""),
        node("b", "a", "user", "What is a token?", {"asset_pointer": "file-1"}),
        node("old", "b", "assistant", "An old answer."),
        node("c", "b", "assistant", "A piece of a word.", model_slug="gpt-6"),
    ]
    text = json.dumps(
        [
            {
                "title": "Tokens",
                "conversation_id": "u-1",
                "create_time": 1_760_000_000,
                "update_time": 1_760_000_100,
                "current_node": "c",
                "mapping": {one["id"]: one for one in nodes},
            },
            {"title": "empty", "mapping": {}, "current_node": None},
        ]
    )
    [thread] = read_export(text)
    assert (thread.head.id, thread.head.title, thread.head.messages) == ("chatgpt-u-1", "Tokens", 2)
    assert [(message.role, message.text) for message in thread.messages] == [
        ("user", "What is a token?"),
        ("assistant", "A piece of a word."),
    ]
    assert thread.messages[1].model == "gpt-6"


@pytest.mark.parametrize("text", ["", "{}", "[1]", "not json", '[{"title": "x"}]'])
def test_anything_else_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(NotAnExport, match=r"conversations\.json"):
        list(read_export(text))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON, JSON)
def test_a_damaged_export_breaks_nothing(mapping: object, at: object, inner: object) -> None:
    whole = {"mapping": mapping, "current_node": at, "create_time": inner}
    nested = {"mapping": {"a": {"message": {"author": inner, "content": mapping}, "parent": "a"}}, "current_node": "a"}
    for thread in read_export(json.dumps([whole, nested])):
        assert thread.messages
