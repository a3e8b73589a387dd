from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keytui.adapters import paths
from keytui.cli import main
from keytui.cli.status import folders, simple_settings
from tests.adapters.ledger.making import entry, ledger

EVERYTHING = "{key}|{last4}|{model}|{today}|{month}|{cap}|{left}|{percent}|{bar}|{mode}"

KEYS = '{"id": "a", "name": "other"}, {"id": "b", "name": "work", "last4": "7Qf4"}'
INDEX = f'{{"version": 1, "active": "b", "keys": [{KEYS}]}}'


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def spend(*amounts: str | None, practice: bool = False) -> None:
    book = ledger(paths.find(practice=practice).data)
    now = datetime.now(UTC)
    for n, amount in enumerate(amounts):
        book.book(entry(f"e{n}", now, amount))
    book.book(entry("long ago", now - timedelta(days=70), "500"))
    book.close()


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["status", *arguments])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_everything_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    write(paths.find().keys_file, INDEX)
    write(paths.find().settings_file, 'monthly_cap = "10.00"\ndefault_model = "gpt-6-sol"\n')
    spend("2.3", "0.1")
    status, out, err = run(capsys, "--format", EVERYTHING)
    assert (status, err) == (0, "")
    assert out == "work|7Qf4|gpt-6-sol|$2.40|$2.40| of $10.00|$7.60|24 %|▓▓░░░░░░░░|\n"


def test_without_anything_it_is_one_line_and_creates_nothing(sealed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys) == (0, "no key $0.00\n", "")
    assert run(capsys, "--format", EVERYTHING) == (0, "no key||gpt-6-luna|$0.00|$0.00|||||\n", "")
    assert list(sealed.iterdir()) == []


def test_asking_leaves_no_new_file_beside_a_closed_ledger(capsys: pytest.CaptureFixture[str]) -> None:
    spend("1")
    before = sorted(os.listdir(paths.find().data))
    run(capsys)
    assert sorted(os.listdir(paths.find().data)) == before


def test_what_another_keytui_just_booked_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    book = ledger(paths.find().data)
    book.book(entry("now", datetime.now(UTC), "0.5"))
    assert run(capsys, "--format", "{today}")[1] == "$0.50\n"
    book.close()


def test_an_unknown_price_makes_it_a_lower_bound(capsys: pytest.CaptureFixture[str]) -> None:
    spend("1", None)
    assert run(capsys, "--format", "{month}")[1] == "≥ $1.00\n"


def test_entries_that_still_wait_make_it_a_lower_bound(capsys: pytest.CaptureFixture[str]) -> None:
    spend("1")
    write(paths.find().journal, "an entry\n")
    assert run(capsys, "--format", "{month}")[1] == "≥ $1.00\n"


def test_a_full_cap_fills_the_bar_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spend("12")
    monkeypatch.setenv("KEYTUI_MONTHLY_CAP", "10")
    assert run(capsys, "--format", "{bar}|{left}|{percent}")[1] == "▓▓▓▓▓▓▓▓▓▓|$0.00|120 %\n"


def test_practice_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    spend("3", practice=True)
    assert run(capsys, "--practice", "--format={month} {mode}")[1] == "$3.00 practice\n"


@pytest.mark.parametrize("text", ["{nothing}", "{key", "{0}", "{key.name}", "{}"])
def test_a_format_with_something_unknown_ends_with_2(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "--format", text)
    assert (status, out) == (2, "")
    assert "--help" in err


def test_the_files_it_reads_are_those_of_everybody_else() -> None:
    data, config = (Path(folder) for folder in folders(False))
    found = paths.find()
    expected = [found.database, found.journal, found.keys_file, found.settings_file]
    assert expected == [data / "keytui.db", data / "ledger.journal", data / "keys.json", config / "config.toml"]


def test_an_argument_that_is_not_understood_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--colour")[0] == 2
    assert run(capsys, "--format")[0] == 2


def test_help_names_every_placeholder(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "--help")
    for name in EVERYTHING.replace("}", "").replace("{", "").split("|"):
        assert f"{{{name}}}" in out


@pytest.mark.parametrize(
    ("name", "contents", "shown"),
    [
        ("database", b"no database at all" * 100, "$?"),
        ("keys_file", b'{"keys": ', "$0.00"),
        ("settings_file", b"monthly_cap = \n", "$0.00"),
        ("settings_file", b'monthly_cap = "much"\n', "$0.00"),
    ],
)
def test_what_cannot_be_read_is_told_and_the_rest_is_shown(
    name: str, contents: bytes, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path: Path = getattr(paths.find(), name)
    path.parent.mkdir(parents=True)
    path.write_bytes(contents)
    status, out, err = run(capsys)
    assert status == 1
    assert shown in out
    assert err.startswith("keytui status: ")
    assert path.read_bytes() == contents


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ('monthly_cap = "10.00"\n# a remark\n\ntheme = "x"\n', {"monthly_cap": "10.00", "theme": "x"}),
        ("monthly_cap = 2.50\n", {"monthly_cap": "2.50"}),
        ('[prices."llama"]\ninput = "1"\n', None),
        ('theme = "a \\" b"\n', None),
        ('theme = "a" # remark\n', None),
        ('theme = """\n', None),
        ("theme = 'x'\n", None),
    ],
)
def test_only_plain_settings_are_read_without_the_library(text: str, settings: dict[str, str] | None) -> None:
    assert simple_settings(text) == settings


def test_settings_that_are_not_plain_are_read_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    write(paths.find().settings_file, "monthly_cap = 10.50 # mine\n[prices.llama]\ninput = '1'\n")
    assert run(capsys, "--format", "{cap}") == (0, "of $10.50\n", "")


@pytest.mark.parametrize("practice", [False, True])
@pytest.mark.parametrize(
    "variables",
    [{}, {"KEYTUI_HOME": "~/here"}, {"XDG_DATA_HOME": "/tmp/d", "XDG_CONFIG_HOME": "/tmp/c"}, {"XDG_DATA_HOME": " "}],
)
def test_folders_are_those_of_everybody_else(
    variables: dict[str, str], practice: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KEYTUI_HOME")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = paths.find(practice=practice)
    assert folders(practice) == (str(found.data), str(found.config))


def test_it_imports_next_to_nothing() -> None:
    spend("1")
    write(paths.find().keys_file, INDEX)
    write(paths.find().settings_file, 'monthly_cap = "10.00"\n')
    program = "import sys; from keytui.cli import main; main(['status']); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], capture_output=True, text=True, check=False, env=_path()
    )
    line, loaded = done.stdout.splitlines()
    assert line == "work $1.00 of $10.00 ▓░░░░░░░░░"
    slow = {"dataclasses", "typing", "inspect", "pathlib", "argparse", "tomllib", "platformdirs", "textual", "openai"}
    assert slow.isdisjoint(loaded.split())


def test_a_terminal_without_unicode_gets_plain_characters() -> None:
    spend("1", None)
    write(paths.find().settings_file, 'monthly_cap = "10.00"\n')
    done = subprocess.run(
        [sys.executable, "-m", "keytui", "status"],
        capture_output=True,
        check=True,
        env=_path() | {"PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout == b"no key >= $1.00 of $10.00 #.........\n"


def _path() -> dict[str, str]:
    """This environment, with keytui found also without the site's packages."""
    return dict(os.environ) | {"PYTHONPATH": str(Path(paths.__file__).parents[2])}
