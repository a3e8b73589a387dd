"""Ways in and out of the playground, as they are used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keytui.tui.panes.playground import interop
from keytui.tui.panes.playground.files import Unreadable, as_draft, edited, read_file
from tests.support.stage import Stage, on_stage
from tests.tui.test_conversations import ask, pane


async def answer_line(stage: Stage, title: str, text: str) -> None:
    """Answer the dialog that asks for a line."""
    await stage.until(title)
    stage.app.screen.query_one("Input").value = text  # type: ignore[attr-defined]
    await stage.press("enter")


@pytest.mark.parametrize("ending", ["md", "json", "jsonl"])
async def test_a_conversation_is_exported_for_its_owner_alone(ending: str, tmp_path: Path) -> None:
    async with on_stage() as stage:
        await stage.ready()
        await ask(stage, "What is a token?")
        target = tmp_path / f"talk.{ending}"
        pane(stage).run_worker(interop.export(pane(stage), ending))
        await answer_line(stage, "what-is-a-token." + ending, str(target))
        await stage.when(target.exists)
        assert "What is a token?" in target.read_text()
        assert target.stat().st_mode & 0o777 == 0o600


async def test_chatgpts_conversations_are_imported_and_found(tmp_path: Path) -> None:
    export = tmp_path / "conversations.json"
    mapping = {
        "a": {
            "id": "a",
            "parent": None,
            "message": {"author": {"role": "user"}, "create_time": 1.7e9, "content": {"parts": ["an old question"]}},
        }
    }
    export.write_text(json.dumps([{"title": "Old times", "id": "1", "mapping": mapping, "current_node": "a"}]))
    async with on_stage() as stage:
        await stage.ready()
        for _ in range(2):
            pane(stage).run_worker(interop.import_chatgpt(pane(stage)))
            await answer_line(stage, "Import from ChatGPT", str(export))
        store = await stage.services.conversations()
        await stage.when(lambda: store.conversations(search="old question"), "the import")
        await stage.press("ctrl+o")
        text = await stage.until("Old times", "1 messages")
        assert text.count("Old times") == 1


async def test_the_request_is_seen_as_python_curl_and_node() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await stage.type("What is a token?")
        interop.run(pane(stage), interop.show_as)
        text = await stage.until("client.chat.completions.create(", "'content': 'What is a token?'")
        assert "keytui exec -k practice -- python request.py" in text
        await stage.press("tab")
        text = await stage.until("Bearer $OPENAI_API_KEY")
        secret = (await stage.services.practice_keys()).api_key
        assert secret not in text
        await stage.press("tab")
        await stage.until('import OpenAI from "openai"')


async def test_a_file_named_in_the_draft_becomes_its_text(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("all my\nnotes\n")
    async with on_stage() as stage:
        await stage.ready()
        composer = stage.app.screen.query_one("Composer")
        composer.load_text(f"/file {tmp_path}/notes.md")  # type: ignore[attr-defined]
        await stage.press("enter")
        await stage.when(lambda: pane(stage).draft == "notes.md:\n```\nall my\nnotes\n```\n", "the file's text")
        assert pane(stage).thread.untouched


def test_a_fence_holds_whatever_the_file_has_in_it() -> None:
    assert as_draft("/a/b.md", "x\n```\ny") == "b.md:\n````\nx\n```\ny\n````\n"


def test_what_is_no_text_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(b"\x89PNG\0")
    for name, why in (("picture", "is no text"), ("none", "cannot be read: No such file"), (".", "is a folder")):
        with pytest.raises(Unreadable, match=why):
            read_file(str(tmp_path / name))


def test_an_editor_changes_the_draft_and_leaves_no_file(tmp_path: Path) -> None:
    script = f'printf %s "$1" > {tmp_path}/name; printf "new text\\n" >> "$1"'
    assert edited("old text\n", ["sh", "-c", script, "editor"]) == "old text\nnew text\n"
    assert not Path((tmp_path / "name").read_text()).parent.exists()
    assert edited("no line end", ["sh", "-c", 'printf "\\n" >> "$1"', "editor"]) == "no line end"


def test_an_editor_that_fails_leaves_the_draft() -> None:
    with pytest.raises(Unreadable, match="status 3"):
        edited("text", ["sh", "-c", "exit 3"])
    with pytest.raises(Unreadable, match="Set EDITOR"):
        edited("text", ["no-such-editor-anywhere"])
