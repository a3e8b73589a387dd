"""The draft in the user's own editor, in a real terminal: it takes the screen, and keytui takes it back."""

from __future__ import annotations

from pathlib import Path

from tests.terminal.test_life import Start, started

EDITOR = """#!/bin/sh
printf '\\033[2J\\033[H'
cat "$1"
printf '\\r\\nTHE EDITOR IS HERE\\r\\n'
read -r line
printf ' and %s' "$line" >> "$1"
"""


def test_the_editor_takes_the_screen_and_gives_it_back(terminal: Start, tmp_path: Path) -> None:
    script = tmp_path / "an editor"
    script.write_text(EDITOR)
    script.chmod(0o700)
    session = started(terminal("--practice", environment={"EDITOR": f"'{script}'", "VISUAL": None}))
    session.send("half a thought")
    session.wait_for("half a thought")
    session.press("f5")
    session.wait_for(lambda screen: "THE EDITOR IS HERE" in screen and "half a thought" in screen)
    assert "Playground" not in session.text
    session.send("a whole one\r")
    session.wait_for(lambda screen: "half a thought and a whole one" in screen and "Playground" in screen)
    assert "THE EDITOR" not in session.text
    session.send(".")
    session.wait_for("a whole one.")
