"""What the code may know of itself, and what may be loaded when."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "keytui"
HEAVY = {
    "openai", "genai_prices", "keyring", "starlette", "uvicorn", "tiktoken", "httpx2", "cryptography", "pydantic",
    "segno",
}  # fmt: skip
AFTER_THE_FIRST_FRAME = HEAVY | {
    "hashlib", "json", "markdown_it", "pygments", "sqlite3", "keytui.adapters.vault.encrypted_file",
    "keytui.adapters.vault.session", "keytui.adapters.vault.system_keyring", "keytui.domain.agenda",
    "keytui.domain.counting", "keytui.domain.own_route", "keytui.domain.progress", "keytui.domain.rotation",
    "keytui.domain.shapes", "keytui.domain.troubles.trouble", "keytui.tui.private.clipboard", "keytui.tui.services",
    "keytui.tui.widgets.transcript.markdown",
}  # fmt: skip
MODULES = sorted(PACKAGE.rglob("*.py"))


def loaded_after(program: str, folder: Path, *arguments: str) -> set[str]:
    """The modules that a fresh Python holds after running this program."""
    file = folder / "program.py"  # Textual wants an app's code to be in a file
    file.write_text(program + "\nimport sys; sys.stderr.write('LOADED ' + ' '.join(sys.modules))")
    done = subprocess.run([sys.executable, file, *arguments], capture_output=True, text=True, timeout=120)
    assert "LOADED " in done.stderr, done.stderr
    return set(done.stderr.rpartition("LOADED ")[2].split())


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_version_and_help_load_nothing_heavy(argument: str, tmp_path: Path) -> None:
    loaded = loaded_after(f"from keytui.cli import main; main([{argument!r}])", tmp_path)
    assert not loaded & (HEAVY | {"textual", "rich", "asyncio", "sqlite3", "platformdirs"})


def test_nothing_heavy_is_loaded_at_the_first_frame(tmp_path: Path) -> None:
    loaded = loaded_after(
        """
import os, sys
from keytui.cli.backstage import Backstage
from keytui.tui.app import KeytuiApp

# Not a class of its own: Textual would look for the stylesheets beside it.
displayed = KeytuiApp._display

def ended(self, screen, renderable):
    displayed(self, screen, renderable)
    if renderable is not None:
        os.write(2, f"LOADED {' '.join(sys.modules)}".encode())
        os._exit(0)

KeytuiApp._display = ended
KeytuiApp(Backstage(practice=True, offline=False)).run(headless=True)
""",
        tmp_path,
    )
    assert "keytui.tui.panes.playground.pane" in loaded  # what is in front at first
    assert not loaded & AFTER_THE_FIRST_FRAME


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_gives(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree)


@pytest.mark.parametrize("layer", ["domain", "adapters", "servers"])
def test_a_layer_can_be_used_without_the_interface(layer: str, tmp_path: Path) -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in MODULES
        if path.is_relative_to(PACKAGE / layer)
    ]
    loaded = loaded_after(
        "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)", tmp_path, *names
    )
    assert "textual" not in loaded


def test_the_readme_has_one_line_to_run_and_one_to_test() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for name in ("run", "test"):
        part = readme.split(f"<!-- {name}: begin -->")[1].split(f"<!-- {name}: end -->")[0]
        lines = [line for line in part.splitlines() if line and not line.startswith("```")]
        assert len(lines) == 1
        assert lines[0].startswith("python3 -m venv .venv && ")
