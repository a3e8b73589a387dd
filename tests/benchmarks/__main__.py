"""Run benchmarks and print one table; exit status 1 when a goal is missed, 2 when there is no such benchmark.

With ``--readme`` the table also takes the place of the one in README.md.
"""

from __future__ import annotations

import sys
import time
import traceback
from importlib import import_module
from pathlib import Path

from tests.benchmarks import Row

README = Path(__file__).resolve().parents[2] / "README.md"
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"


def main(arguments: list[str]) -> int:
    names, wanted = _names(), [word for word in arguments if word != "--readme"]
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
    missed = sum(not row.met for _, row in rows)
    text = f"{table(rows)}\n\n{len(rows)} figures, {missed} goals missed, {time.strftime('%Y-%m-%d')}\n"
    print(text, end="")
    if "--readme" in arguments:
        README.write_text(with_figures(README.read_text("utf-8"), text), "utf-8")
    if broken:
        print(f"Did not come to an end: {', '.join(broken)}")
    return 1 if missed or broken else 0


def with_figures(readme: str, text: str) -> str:
    """The README with these figures in place of those between its markers."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{text}{END}{after}"


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
