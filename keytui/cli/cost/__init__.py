"""``keytui cost``: what was spent, from the ledger."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from keytui.adapters.ledger import SqliteLedger
from keytui.adapters.paths import find
from keytui.cli.cost.focus import write_entries, write_spends
from keytui.cli.ending import ended
from keytui.domain.ledger import By, Spend
from keytui.domain.money import UNKNOWN, column, plain
from keytui.domain.troubles import Exit

GROUPS: tuple[By, ...] = ("day", "month", "model", "key", "project", "app", "conversation", "tier")
_EXAMPLES = """\
examples:
  keytui cost --by model --since 2026-11-01
  keytui cost --caps
  keytui cost --csv > requests.csv
"""


def run(arguments: list[str]) -> int:
    """Print what was spent. 0; 1 when the ledger could not be read in full; 2 when the command was not understood."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.caps and (options.csv or options.by or options.since or options.until):
        parser.error("--caps goes with --json alone: a cap has its own days")
    if options.bill and (options.csv or options.caps or options.reprice):
        parser.error("--bill goes with --by, --since, --until and --json alone")
    if options.bill and options.by not in (None, "day", "project", "key"):
        parser.error("the platform's figures are by day, project or key")
    if options.take_over and not options.bill:
        parser.error("--take-over goes with --bill")
    if options.platform and not options.caps:
        parser.error("--platform goes with --caps")
    if (options.admin_key_stdin or options.base_url or options.passphrase_fd is not None) and not (
        options.bill or options.platform
    ):
        parser.error("--admin-key-stdin, --base-url and --passphrase-fd go with --bill and with --caps --platform")
    if options.since and options.until and options.since > options.until:
        parser.error(f"--since {options.since} is after --until {options.until}")
    if options.reprice and (options.csv or options.by or options.caps):
        parser.error("--reprice goes with --since, --until and --json alone")
    paths = find(practice=options.practice)
    if options.update_prices:
        from keytui.cli.cost.prices import update

        return update(paths, practice=options.practice)
    if options.bill:
        from keytui.cli.cost.bill import bill

        return bill(paths, options)
    ledger = SqliteLedger(paths.database, journal=paths.journal, now=lambda: datetime.now(UTC), read_only=True)
    try:
        if options.caps:
            from keytui.cli.cost.caps import caps

            if status := ended(lambda: caps(paths, ledger, options)):
                return status
        elif options.reprice:
            from keytui.adapters.prices import open_prices
            from keytui.cli.cost.prices import write_repriced

            entries = ledger.entries(since=options.since, until=options.until)
            prices = open_prices(paths.settings_file, practice=options.practice)
            write_repriced(entries, prices, as_json=options.json)
        else:
            _print(ledger, options)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader (head, less) has seen enough
        sys.stderr.close()
        return Exit.DONE
    waiting = ledger.waiting
    if waiting:
        sys.stderr.write(f"{waiting:,} of the requests wait beside the database, which could not take them yet.\n")
    if ledger.problem is not None:
        sys.stderr.write(f"{ledger.problem}\n")
        return Exit.FAILED
    return Exit.DONE


def _print(ledger: SqliteLedger, options: argparse.Namespace) -> None:
    since, until = options.since, options.until
    if options.csv and options.by is None:
        write_entries(sys.stdout, ledger.entries(since=since, until=until))
        return
    group: By = options.by or "day"
    spends = ledger.by(group, since=since, until=until)
    if options.csv:
        write_spends(sys.stdout, group, spends)
        return
    total = ledger.total(since=since, until=until)
    if options.json:
        document = {
            "by": group,
            "since": since.isoformat() if since else None,
            "until": until.isoformat() if until else None,
            "currency": "USD",
            "rows": [_row(spend) for spend in spends],
            "total": _row(total),
            "waiting": ledger.waiting,
            "problem": ledger.problem,
        }
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        return
    _write_table(group, spends, total)


def _row(spend: Spend) -> dict[str, Any]:
    """A sum for JSON: amounts as decimal texts to the last digit, null where nothing of it has a known price."""
    known = not (spend.unpriced and not spend.cost)
    return {
        "label": spend.label,
        "id": spend.id or None,
        "requests": spend.requests,
        "input": spend.input,
        "cached": spend.cached,
        "written": spend.written,
        "output": spend.output,
        "reasoning": spend.reasoning,
        "cost": plain(spend.cost) if known else None,
        "saved": plain(spend.saved) if known else None,
        "at_least": spend.at_least,
        "estimated": spend.estimated,
        "unpriced": spend.unpriced,
    }


def _write_table(group: By, spends: Sequence[Spend], total: Spend) -> None:
    if not total.requests:
        sys.stdout.write("Nothing was spent in that time.\n")
        return
    rows = [*spends, total]
    names = [*(spend.label or f"no {group}" for spend in spends), "total"]
    costs = column([None if spend.unpriced and not spend.cost else spend.cost for spend in rows])
    marked = [
        f"{'≥ ' if s.at_least and UNKNOWN not in c else ''}{c.lstrip()}" for s, c in zip(rows, costs, strict=True)
    ]
    end = max(map(len, marked))
    cells = [
        (name, f"{s.requests:,}", f"{s.input:,}", f"{s.cached:,}", f"{s.output:,}", cost.rjust(end))
        for name, s, cost in zip(names, rows, marked, strict=True)
    ]
    header = (group, "requests", "input", "cached", "output", "cost")
    widths = [max(len(row[at]) for row in (header, *cells)) for at in range(len(header))]
    for row in (header, *cells):
        first, *others = row
        padded = (text.rjust(width) for text, width in zip(others, widths[1:], strict=True))
        sys.stdout.write(f"{first.ljust(widths[0])}  {'  '.join(padded)}".rstrip() + "\n")
    if total.unpriced:
        sys.stderr.write(
            f"≥ and {UNKNOWN}: {total.unpriced:,} requests have no known price; give one in the settings file under "
            '[prices."MODEL"].\n'
        )
    if total.estimated:
        sys.stderr.write(
            f"Booked as estimates: {total.estimated:,} of {total.requests:,} requests. "
            "The server did not report their tokens.\n"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="keytui cost",
        description="Show what was spent, from the ledger on this machine. Days are local calendar days.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--practice", action="store_true", help="practice's ledger instead of the real one")
    parser.add_argument("--by", choices=GROUPS, help="group by this; default: day")
    parser.add_argument("--since", type=_day, metavar="DATE", help="from this day on (YYYY-MM-DD)")
    parser.add_argument("--until", type=_day, metavar="DATE", help="up to this day, included")
    parser.add_argument("--caps", action="store_true", help="the caps instead, and how far each is used")
    parser.add_argument("--platform", action="store_true", help="with --caps: the platform's spend limits beside them")
    parser.add_argument("--reprice", action="store_true", help="what was booked beside the same at today's prices")
    parser.add_argument("--update-prices", action="store_true", help="fetch the newest price list of genai-prices")
    parser.add_argument("--bill", action="store_true", help="the platform's own figures beside these, explained")
    parser.add_argument("--take-over", action="store_true", help="with --bill: book what was spent elsewhere")
    parser.add_argument("--admin-key-stdin", action="store_true", help="read the admin key from standard input")
    parser.add_argument("--base-url", metavar="URL", help="the only address the admin key is sent to; OpenAI's")
    parser.add_argument("--passphrase-fd", type=int, metavar="N", help="for an admin key in the encrypted file")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="JSON; amounts are texts to the last digit, null is unknown")
    form.add_argument("--csv", action="store_true", help="CSV in FOCUS columns; without --by, a line for each request")
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a day; write it as 2026-11-23") from None
