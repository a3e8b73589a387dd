"""Newer prices, over a real socket: taken when they are right, and nothing changed when they are not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from genai_prices.data_snapshot import get_snapshot

from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.route import Routes
from keytui.adapters.prices import Prices
from keytui.adapters.prices.fetched import fetch, read_fetched
from keytui.domain.pricing import PricesUnchanged
from keytui.domain.usage import Usage

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OPENAI = "https://api.openai.com/v1"
MILLION = Usage(input=100_000)


def newest(**changes: Any) -> list[dict[str, Any]]:
    """A list like the real one, in which every model costs seven dollars a million."""
    installed, _ = get_snapshot().find_provider_model("gpt-4o", None, "openai", None)
    models = [
        {
            "id": model.id,
            "match": {"equals": model.id},
            "prices": {"input_mtok": 7, "output_mtok": 8.5},
            "price_comments": "verified on 2027-01-15",
        }
        for model in installed.models
    ]
    openai = {"id": "openai", "name": "OpenAI", "api_pattern": "https://api\\.openai\\.com", "models": models}
    return [{"id": "other", "anything": 1}, openai | changes]


@contextmanager
def served(body: bytes, status: int = 200) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/data.json"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def update(body: bytes, file: Path, status: int = 200) -> None:
    with served(body, status) as address:
        await fetch(HttpClients(Routes({})), file, today=date(2027, 1, 20), address=address)


def price(book: Prices, model: str = "gpt-4o") -> Decimal:
    cost = book.cost(model, MILLION, tier=None, at=NOW, base_url=OPENAI)
    assert cost is not None
    return cost.total


async def test_a_newer_list_is_kept_and_holds_from_then_on(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "prices.json"
    book = Prices(fetched=file)
    before = price(book)
    await update(json.dumps(newest()).encode(), file)
    assert price(book) == before
    book.read_again()
    cost = book.cost("gpt-4o", MILLION, tier=None, at=NOW, base_url=OPENAI)
    assert cost is not None
    assert cost.total == Decimal("0.7")
    assert cost.source == "genai-prices of 2027-01-20"
    assert book.as_of == date(2027, 1, 15)
    assert price(Prices(fetched=file)) == Decimal("0.7")
    assert price(Prices()) == before
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


async def test_a_price_that_was_compared_later_goes_before_our_own(tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    changed = newest()
    changed[1]["models"].append(
        {
            "id": "gpt-6.2-sol",
            "match": {"equals": "gpt-6.2-sol"},
            "prices": {"input_mtok": 3, "output_mtok": 9},
            "price_comments": "verified on 2027-01-15",
        }
    )
    await update(json.dumps(changed).encode(), file)
    assert price(Prices(fetched=file), "gpt-6.2-sol") == Decimal("0.3")
    changed[1]["models"][-1]["price_comments"] = ""
    await update(json.dumps(changed).encode(), file)
    assert price(Prices(fetched=file), "gpt-6.2-sol") == price(Prices(), "gpt-6.2-sol")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>sign in</html>", 200),
        (b"", 200),
        (b"{}", 200),
        (b"[]", 200),
        (b"[" * 100_000, 200),
        (json.dumps(newest(models=[])).encode(), 200),
        (json.dumps(newest()[1:] * 2).encode(), 200),
        (json.dumps(newest()).encode()[:-9], 200),
        (json.dumps(newest()).replace('"input_mtok": 7', '"input_mtok": -7').encode(), 200),
        (json.dumps(newest()).replace('"input_mtok": 7', '"input_mtok": "seven"').encode(), 200),
        (json.dumps(newest()).encode(), 404),
        (json.dumps(newest()).encode(), 302),
    ],
)
async def test_what_is_odd_changes_nothing(body: bytes, status: int, tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    await update(json.dumps(newest()).encode(), file)
    kept = file.read_bytes()
    with pytest.raises(PricesUnchanged, match="stay as they were"):
        await update(body, file, status)
    assert file.read_bytes() == kept


async def test_a_server_that_is_not_there_and_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with served(b"") as address:
        pass
    with pytest.raises(PricesUnchanged, match="cannot be reached"):
        await fetch(HttpClients(Routes({})), tmp_path / "prices.json", today=date(2027, 1, 20), address=address)
    (tmp_path / "file").write_text("")
    with pytest.raises(PricesUnchanged, match="cannot be written"):
        await update(json.dumps(newest()).encode(), tmp_path / "file" / "prices.json")


@pytest.mark.parametrize("content", [b"", b"{}", b'{"fetched": "x", "providers": []}', b"\xff"])
def test_a_kept_list_that_is_damaged_is_as_none(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    file.write_bytes(content)
    assert read_fetched(file) is None
    assert price(Prices(fetched=file)) == price(Prices())


async def test_an_older_list_than_the_installed_one_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    await update(json.dumps(newest()).replace("2027-01-15", "2025-01-15").encode(), file)
    assert price(Prices(fetched=file)) == price(Prices())
