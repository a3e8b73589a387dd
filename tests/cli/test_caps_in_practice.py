"""Eight processes with one hard cap, real requests to the practice service, and its accounts beside ours."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

from keytui.domain.caps import Cap, Scope
from tests.adapters.ledger.making import ledger
from tests.support.practice import Practice

CAP = Cap(Scope.MONTH, Decimal("0.0030"))

SENDER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from keytui.adapters.ledger import SqliteLedger
from keytui.adapters.network.http import HttpClients
from keytui.adapters.openai.gateway import OpenAIGateway
from keytui.adapters.prices import Prices
from keytui.domain.chat import Failed
from keytui.domain.question import ChatMessage, Parameters, Question
from keytui.domain.keys import KeyKind, KeyRecord, Place
from keytui.domain.secrets import Secret
from keytui.domain.turn import Booked, take_turn
from tests.cli.test_caps_in_practice import CAP

folder, base_url, secret = sys.argv[1:]
now = lambda: datetime.now(UTC)
key = KeyRecord("k1", "practice", KeyKind.PROJECT, base_url, Place.SESSION, "", now())

async def main():
    gateway = OpenAIGateway(Secret(secret), base_url, HttpClients())
    book = SqliteLedger(Path(folder) / "keytui.db", journal=Path(folder) / "journal", now=now)
    question = Question("gpt-6-luna", (ChatMessage("user", "What is a token?"),), parameters=Parameters(max_output=400))
    booked = refused = 0
    while not refused:
        turn = take_turn(
            question, gateway=gateway, ledger=book, prices=Prices(practice=True), count=lambda text: len(text) // 3,
            key=key, app="test", conversation=None, now=now, sleep=asyncio.sleep, caps=[CAP], reservations=book,
        )
        async for event in turn:
            booked += isinstance(event, Booked)
            if isinstance(event, Failed):
                assert event.trouble.id == "cap-reached", event.trouble
                refused += 1
    await gateway.close()
    print(booked)

asyncio.run(main())
"""


def test_eight_senders_never_pass_a_hard_cap_and_both_accounts_agree(practice_fresh: Practice, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with ThreadPoolExecutor(8) as pool:
        booked = sum(pool.map(lambda _: _send(folder, practice_fresh), range(8)))
    book = ledger(folder)
    spend = book.total()
    assert spend.requests == booked > 8
    assert (spend.estimated, spend.unpriced) == (0, 0)
    # The worst case of one request is about 0.0002: as long as that fits, requests are sent.
    assert CAP.amount - Decimal("0.0003") < spend.cost <= CAP.amount
    assert book.standing(CAP).reserved == 0
    assert _charged(practice_fresh) == spend.cost


def _send(folder: Path, service: Practice) -> int:
    done = subprocess.run(
        [sys.executable, "-c", SENDER, str(folder), service.base_url, service.api_key],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def _charged(service: Practice) -> Decimal:
    """What the practice service's own accounts say, in USD."""
    midnight = int(time.time()) // 86_400 * 86_400 - 86_400
    request = urllib.request.Request(
        f"{service.base_url}/organization/costs?start_time={midnight}",
        headers={"Authorization": f"Bearer {service.admin_key}"},
    )
    with urllib.request.urlopen(request) as reply:
        document = json.loads(reply.read(), parse_float=Decimal)
    amounts = [row["amount"]["value"] for bucket in document["data"] for row in bucket["results"]]
    return Decimal(sum(map(Decimal, amounts)))
