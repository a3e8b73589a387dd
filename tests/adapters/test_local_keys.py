"""Local keys of programs: shown once, kept as hashes, opened by nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from keytui.adapters.local_keys import LocalKeys
from keytui.domain.keys import StoreUnreadable
from keytui.domain.metering import name_of_command, program_name

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_key_is_known_by_its_hash_alone(tmp_path: Path) -> None:
    file = tmp_path / "data" / "programs.json"
    keys = LocalKeys(file)
    assert keys.program_of("sk-keytui-x") is None
    assert keys.programs() == []
    first, second = keys.add("llm", NOW), keys.add("my-tool", NOW)
    assert first != second
    assert (keys.program_of(first.reveal()), keys.program_of(second.reveal())) == ("llm", "my-tool")
    assert keys.program_of(first.reveal() + "x") is None
    assert file.stat().st_mode & 0o777 == 0o600
    assert first.reveal() not in file.read_text()
    assert first.reveal()[-20:] not in file.read_text()
    assert [program.name for program in keys.programs()] == ["llm", "my-tool"]


def test_another_process_changes_it_at_once(tmp_path: Path) -> None:
    here, there = LocalKeys(tmp_path / "programs.json"), LocalKeys(tmp_path / "programs.json")
    key = there.add("llm", NOW).reveal()
    assert here.program_of(key) == "llm"
    assert there.remove("llm")
    assert not there.remove("llm")
    assert here.program_of(key) is None


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    keys = LocalKeys(tmp_path / "programs.json")
    keys.add("llm", NOW)
    with pytest.raises(ValueError, match="already"):
        keys.add("llm", NOW)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"version": 2, "salt": "00", "programs": []}', '{"version": 1}'])
def test_a_damaged_file_is_named_and_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "programs.json"
    file.write_text(text)
    file.chmod(0o600)
    keys = LocalKeys(file)
    for use in (keys.programs, lambda: keys.add("x", NOW), lambda: keys.program_of("sk-keytui-x")):
        with pytest.raises(StoreUnreadable, match=r"programs\.json"):
            use()
    assert file.read_text() == text


def test_a_file_that_others_can_open_is_refused(tmp_path: Path) -> None:
    keys = LocalKeys(tmp_path / "programs.json")
    key = keys.add("llm", NOW)
    (tmp_path / "programs.json").chmod(0o644)
    with pytest.raises(StoreUnreadable, match="chmod"):
        LocalKeys(tmp_path / "programs.json").program_of(key.reveal())
    assert json.loads((tmp_path / "programs.json").read_text())["programs"]


@pytest.mark.parametrize("name", ["", " ", "a b", "x" * 41, "a\n", "a/b", "a\x1b[31m"])
def test_names_are_plain_words(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        program_name(name if name != "a\n" else "a\nb")


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("/usr/bin/python3", "python3"),
        ("llm", "llm"),
        ("C:\\x\\tool.exe", "tool"),
        ("./a b.sh", "a-b.sh"),
        ("/", "proxy"),
    ],
)
def test_a_command_has_a_name(command: str, name: str) -> None:
    assert program_name(name_of_command(command)) == name
