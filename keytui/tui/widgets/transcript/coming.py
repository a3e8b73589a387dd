"""The open end of a text as it is shown while it comes: what is about to be drawn otherwise is not drawn twice."""

from __future__ import annotations

import re

_STARS = re.compile(r"\*+")
_CODE = re.compile(r"`[^`]*`")
_ITEM = re.compile(r"\s*(?:[*+-]|\d+[.)])\s")
_FLUSH = " \t([{\"'“‘—–:/|>"
"""What may stand right before emphasis begins."""

_UNDECIDED = 400
"""Characters that the first line of a table has at most; a longer one is shown before it is known to be one."""


def presentable(kind: str, source: str) -> str:
    """The source of the last block, so that what more text will most likely make of it is seen at once.

    Emphasis and code that have been opened are closed; a table has whole rows only, at least
    one, and is not seen as text before the line that makes it one. What is settled is never drawn from this.

    Args:
        kind: The block's, as ``Block.kind`` has it.
        source: All of it, to the end of what has come.
    """
    head, newline, last = source.rpartition("\n")
    if kind == "table":
        return head + newline if source.count("\n") > 2 else ""
    if kind == "paragraph" and source.startswith("|") and source.count("\n") < 2 and len(source) < _UNDECIDED:
        return ""
    if kind in ("paragraph", "heading", "bullet_list", "ordered_list", "blockquote") and ("*" in last or "`" in last):
        return head + newline + _closed(last)
    return source


def _closed(line: str) -> str:
    if line.count("`") % 2:
        return line[:-1] if line.endswith("`") else line + "`"
    start = match.end() if (match := _ITEM.match(line)) else 0
    # Code keeps its place but not its stars.
    bare = _CODE.sub(lambda code: "x" * len(code[0]), line)
    opened: list[str] = []
    for run in _STARS.finditer(bare, start):
        mark, after = run[0], bare[run.end() : run.end() + 1]
        if opened and opened[-1] == mark:
            opened.pop()
        elif not after:
            # About to open or to close something: nothing to be seen of yet.
            line = line[: run.start()]
        elif not after.isspace() and (run.start() == start or bare[run.start() - 1] in _FLUSH):
            opened.append(mark)
    return line.rstrip() + "".join(reversed(opened)) if opened else line
