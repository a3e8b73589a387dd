from __future__ import annotations

from pathlib import Path

from tests.cli.keytui import keytui


def test_every_path_is_told_and_none_is_made(sealed: Path) -> None:
    told = keytui("paths", "--json")
    assert told.status == 0
    by_name = {entry["name"]: entry for entry in told.data}
    assert by_name["keys"]["path"] == str(sealed / "keytui/data/keys.json")
    assert not any(entry["exists"] for entry in told.data)
    assert not (sealed / "keytui").exists()


def test_what_exists_is_marked_and_nothing_is_left_out(sealed: Path) -> None:
    key = "sk-proj-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"
    arguments = ["keys", "add", "work", "--stdin", "--no-verify", "--vault", "file"]
    assert keytui(*arguments, stdin=key, passphrase="words").status == 0
    told = {entry["path"] for entry in keytui("paths", "--json").data if entry["exists"]}
    there = {str(path) for path in (sealed / "keytui").rglob("*")}
    assert there == told
    shown = keytui("paths")
    assert f"✓ {sealed}/keytui/data/keys.json " in shown.out
    assert f"  {sealed}/keytui/data/keytui.db " in shown.out


def test_practice_has_folders_of_its_own(sealed: Path) -> None:
    real = {entry["name"]: entry["path"] for entry in keytui("paths", "--json").data}
    practice = {entry["name"]: entry["path"] for entry in keytui("paths", "--practice", "--json").data}
    assert practice["keys"] == str(sealed / "keytui/data/practice/data/keys.json")
    assert {name for name in real if real[name] == practice[name]} == {"cache", "vocabulary"}


def test_an_unknown_option_is_said() -> None:
    assert keytui("paths", "--jsn").status == 2
