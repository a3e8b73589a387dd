"""Answers made to measure: ``[[tokens=5000 rate=max style=markdown wait=0.5]]`` in the question asks for one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, islice

from keytui.domain.tokens import Tokenizer
from keytui.servers.practice.pieces import Pieces, cut

END = "ENDOFANSWER"
"""The last word of every answer that was made to measure."""
MOST = 200_000
"""The longest answer that is made, in tokens."""
_WORDS: list[str] = re.findall(
    r"[a-z]+",
    "the quick brown fox jumps over a lazy dog while seven wizards quietly judge my vow of boxing quartz and pack five "
    "dozen liquor jugs near grumpy harbour lanterns",
)
_LINE = re.compile(r"\[\[([^\[\]]*)\]\]")


@dataclass(frozen=True, slots=True)
class Script:
    """What a question asked for. None leaves what the service does anyway."""

    tokens: int | None = None
    """Tokens of the visible answer, each a chunk of its own."""
    rate: float | None = None
    """Tokens a second; 0 means as fast as possible."""
    style: str = "words"
    wait: float = 0.0
    """Seconds before the first chunk."""
    reasoning: int = 0
    """Tokens of reasoning before the answer."""


def read(question: str) -> Script | None:
    """The script in a question; the last one counts. None when there is none, or none that can be understood."""
    found = _LINE.findall(question)
    if not found:
        return None
    given = dict(pair.split("=", 1) for pair in found[-1].split() if "=" in pair)
    try:
        rate = given.get("rate")
        style = given.get("style", "words")
        script = Script(
            tokens=min(MOST, int(given["tokens"])) if "tokens" in given else None,
            rate=None if rate is None else 0.0 if rate == "max" else max(0.0, float(rate)),
            style=style if style in STYLES else "words",
            wait=min(60.0, max(0.0, float(given.get("wait", 0)))),
            reasoning=min(MOST, max(0, int(given.get("reasoning", 0)))),
        )
    except ValueError:
        return None
    return script if given else None


def _word(number: int) -> str:
    return _WORDS[number * 7 % len(_WORDS)]


def _words() -> Iterator[str]:
    for number in count():
        yield ("\n\n" if number % 60 == 59 else " ") + _word(number)


def _code() -> Iterator[str]:
    yield "```python\n"
    for number in count():
        yield f"def step_{number}(values: list[int]) -> int:\n"
        yield f"    # {_word(number)} {_word(number + 1)}\n    total = sum(values)\n"
        yield f"    return total * {number % 9 + 1}\n\n\n"


def _table() -> Iterator[str]:
    yield "| name | value | note |\n|---|---|---|\n"
    for number in count():
        yield f"| row {number} | {_word(number)} | {_word(number + 3)} {_word(number + 5)} |\n"


def _markdown() -> Iterator[str]:
    for section in count(1):
        yield f"## Section {section}\n\n"
        yield "A " + " ".join(_word(section + i) for i in range(40)) + " **bold words** and `code`.\n\n"
        for item in range(4):
            yield f"- item {item} " + " ".join(_word(item + i) for i in range(6)) + "\n"
        yield "\n```python\n"
        for line in range(6):
            yield f'def function_{section}_{line}(value: int) -> str:\n    return f"{{value}} of {line}"\n\n'
        yield "```\n\n| name | value |\n|---|---|\n"
        for row in range(3):
            yield f"| row {row} | {_word(row + section)} |\n"
        yield "\n"


STYLES: dict[str, Callable[[], Iterator[str]]] = {
    "words": _words,
    "code": _code,
    "table": _table,
    "markdown": _markdown,
}


@lru_cache(maxsize=8)
def measured(tokens: int, style: str, tokenizer: Tokenizer) -> Pieces:
    """An answer of exactly ``tokens`` tokens, ending with ``ENDOFANSWER``; at least as long as that word itself.

    The style's text comes first; a code block that it leaves open is closed. Words of one token each make up the rest.
    """
    head = ""
    if (room := tokens - 32) > 0:
        stock = STYLES[style]()
        while (made := cut(head, tokenizer)).total < room:
            head += "".join(islice(stock, 256))
        head = made.first(room).text.rstrip()
        head += "\n```\n\n" if head.count("```") % 2 else "\n\n"
    missing = tokens - tokenizer.count(f"{head}the {END}")
    if missing < 0:
        return cut(END, tokenizer)
    return cut(f"{head}the{' the' * missing} {END}", tokenizer)
