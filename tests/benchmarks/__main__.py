"""Run benchmarks and print one table; exit status 1 when a goal is missed, 2 when there is no such benchmark."""

from __future__ import annotations

import sys
import time
import traceback
from importlib import import_module
from pathlib import Path

from tests.benchmarks import Row


def main(wanted: list[str]) -> int:
    names = _names()
    if unknown := [name for name in wanted if name not in names]:
        print(f"There is no benchmark {', '.join(unknown)}; there are: {', '.join(names)}", file=sys.stderr)
        return 2
    rows: list[tuple[str, Row]] = []
    broken = []
    for name in wanted or names:
        started = time.monotonic()
        print(f"measuring {name} …", end="", file=sys.stderr, flush=True)
        try:
            rows += [(name, row) for row in import_module(f"tests.benchmarks.{name}").measure()]
        except Exception:  # one that breaks must not cost the figures of the others
            broken.append(name)
            print("", file=sys.stderr)
            traceback.print_exc()
        print(f" {time.monotonic() - started:.0f} s", file=sys.stderr)
    print(table(rows))
    missed = sum(not row.met for _, row in rows)
    print(f"\n{len(rows)} figures, {missed} goals missed, {time.strftime('%Y-%m-%d')}")
    if broken:
        print(f"Did not come to an end: {', '.join(broken)}")
    return 1 if missed or broken else 0


def table(rows: list[tuple[str, Row]]) -> str:
    """The rows as a Markdown table."""
    lines = ["| benchmark | figure | measured | goal | | note |", "|---|---|--:|--:|---|---|"]
    for name, row in rows:
        goal = "" if row.goal is None else f"{'at least' if row.at_least else 'at most'} {_figure(row.goal, row.unit)}"
        verdict = "" if row.goal is None else "met" if row.met else "MISSED"
        lines.append(f"| {name} | {row.name} | {_figure(row.value, row.unit)} | {goal} | {verdict} | {row.note} |")
    return "\n".join(lines)


def _figure(value: float, unit: str) -> str:
    digits = 0 if abs(value) >= 100 or (value == int(value) and unit != "x") else 2
    return f"{value:,.{digits}f} {unit}"


def _names() -> list[str]:
    """Modules of this package that measure something."""
    folder = Path(__file__).parent
    return sorted(file.stem for file in folder.glob("*.py") if "\ndef measure(" in file.read_text("utf-8"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
