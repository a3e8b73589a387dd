"""What is handed out: the wheel holds all that the program reads, the source archive all that its tests need."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from hatchling.builders.plugin.interface import BuilderInterface
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parents[1]


def files_below(*folders: str) -> set[str]:
    """Every file there, as a path from the root; byte code and pytest's own left out."""
    return {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.parametrize(
    ("builder", "folders"),
    [(WheelBuilder, ("keytui",)), (SdistBuilder, ("keytui", "tests", "screenshots", ".ci"))],
    ids=["wheel", "source archive"],
)
def test_nothing_is_left_out(builder: type[BuilderInterface], folders: tuple[str, ...]) -> None:
    wanted = files_below(*folders)
    assert {Path(name).suffix for name in wanted} >= {".py", ".json", ".tcss", ".typed"}
    built = {Path(file.relative_path).as_posix() for file in builder(str(ROOT)).recurse_included_files()}
    assert wanted - built == set()


def test_the_version_is_that_of_the_package() -> None:
    said = subprocess.run([sys.executable, "-m", "keytui", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout == f"keytui {version('keytui')}\n"
