"""The README says what is so: its commands and files exist, and its figures can be put in."""

from __future__ import annotations

import re
from pathlib import Path

from keytui.cli import COMMANDS
from keytui.cli.app import PANES
from keytui.cli.completion import VERBS
from keytui.cli.usage import overview
from keytui.domain.settings import Settings
from keytui.tui.screens.main import PANE_NAMES
from tests.benchmarks.__main__ import BEGIN, END, with_figures

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text("utf-8")


def test_every_command_and_verb_is_named_and_no_other() -> None:
    named = set(re.findall(r"`keytui ([a-z][a-z-]+)", TEXT))
    assert named - {"keys"} == set(COMMANDS) - {"keys"}
    assert re.findall(r"`keytui keys ([a-z|\\]+)`", TEXT)[0].split("\\|") == list(VERBS)


def test_every_file_and_link_is_there() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert (ROOT / target).is_file(), target
    for path in re.findall(r"`((?:domain|adapters|servers|tui|cli)/[a-z_/*]+\.(?:py|json))`", TEXT):
        assert list((ROOT / "keytui").glob(path)), path


def test_the_map_shows_every_package() -> None:
    drawn = TEXT.partition("```\nkeytui/\n")[2].partition("```")[0]
    folders = [path.parent.relative_to(ROOT / "keytui") for path in (ROOT / "keytui").glob("*/*/__init__.py")]
    assert {f"{folder.name}/" for folder in folders} <= set(re.findall(r"[a-z]+/", drawn))


def test_panes_and_variables_of_the_environment_are_those_of_the_code() -> None:
    assert PANES == PANE_NAMES
    assert "|".join(PANES) in overview()
    for name in re.findall(r"`KEYTUI_([A-Z_]+)`", TEXT):
        assert name in ("HOME", "PROXY") or hasattr(Settings(), name.lower()), name


def test_figures_take_the_place_of_the_older_ones() -> None:
    assert with_figures(f"a\n{BEGIN}old\n{END}z", "new\n") == f"a\n{BEGIN}new\n{END}z"
    assert TEXT.count(BEGIN) == TEXT.count(END) == 1
