"""``keytui cost --update-prices`` and ``--reprice``: newer prices, and what was booked at today's."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from keytui.adapters.paths import Paths
from keytui.domain.booking import repriced
from keytui.domain.ledger import Entry
from keytui.domain.money import dollars, plain
from keytui.domain.pricing import ZERO, PriceBook, PricesUnchanged
from keytui.domain.troubles import Exit


def update(paths: Paths, *, practice: bool) -> int:
    """Fetch the newest prices and say of when they are. 0, or 6 when they stay as they were."""
    from keytui.adapters.keystore import open_keys
    from keytui.adapters.settings import SettingsFile
    from keytui.cli.network import Network
    from keytui.cli.price_update import update_prices

    network = Network(paths, SettingsFile(paths.settings_file), open_keys(paths), practice=practice)
    try:
        as_of = asyncio.run(update_prices(network, today=datetime.now(UTC).date(), practice=practice))
    except PricesUnchanged as unchanged:
        sys.stderr.write(f"{unchanged}\n")
        return Exit.NETWORK
    sys.stdout.write(f"Prices of {as_of:%d %b %Y}. What is booked keeps the price it was booked at.\n")
    return Exit.DONE


def write_repriced(entries: Iterable[Entry], prices: PriceBook, *, as_json: bool) -> None:
    """By model, what was booked beside what the same would cost at today's prices. Nothing is booked anew."""
    now = datetime.now(UTC)
    models: dict[str, list[Decimal]] = {}
    without = 0
    for entry in entries:
        cost = repriced(entry, prices, now)
        if cost is None or entry.cost is None:
            without += 1
            continue
        sums = models.setdefault(entry.model, [ZERO, ZERO])
        sums[0] += entry.cost.total
        sums[1] += cost.total
    if as_json:
        rows = [{"model": model, "booked": plain(was), "now": plain(new)} for model, (was, new) in models.items()]
        document = {"currency": "USD", "prices_of": prices.as_of.isoformat(), "rows": rows, "left_out": without}
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        return
    width = max([5, *map(len, models)])
    sys.stdout.write(f"{'model':<{width}}  {'booked':>12}  {'now':>12}\n")
    for model, (was, new) in sorted(models.items(), key=lambda row: -row[1][0]):
        sys.stdout.write(f"{model:<{width}}  {dollars(was):>12}  {dollars(new):>12}\n")
    sys.stderr.write(f"Now: at prices of {prices.as_of:%d %b %Y}. The ledger keeps what was booked.\n")
    if without:
        sys.stderr.write(f"{without:,} requests are in neither sum: their price is not known, or the server set it.\n")
