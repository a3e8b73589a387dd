"""What ``--help`` says: every command and verb with an example, and no example that its own help does not cover."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest

from keytui.cli import COMMANDS, main
from keytui.cli.completion import VERBS

HELPS = [*((command,) for command in COMMANDS), *(("keys", verb) for verb in VERBS)]


@pytest.mark.parametrize("words", HELPS, ids=" ".join)
def test_every_help_has_an_example_of_what_it_explains(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with suppress(SystemExit):
        main([*words, "--help"])
    text = capsys.readouterr().out
    before, _, after = re.split(r"(example)", text, maxsplit=1)
    examples = re.findall(rf"keytui {' '.join(words)}\b[^\n]*", after)
    assert examples, text
    for option in re.findall(r"(?<= )--?[a-z][a-z-]*", "\n".join(line.partition(" -- ")[0] for line in examples)):
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", before), f"{option} is in an example only"
    assert max(map(len, text.splitlines())) <= 120
