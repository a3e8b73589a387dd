"""A newer price list of genai-prices, fetched when the user asks for it and kept in the cache folder.

The list's own updater would open connections of its own: its address is used, through keytui's client.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keytui.domain.addresses import host_of
from keytui.domain.chat import Refused
from keytui.domain.pricing import PricesUnchanged

if TYPE_CHECKING:
    from genai_prices.types import Provider

    from keytui.adapters.network.http import HttpClients

ADDRESS = "https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/data.json"
"""Where genai-prices keeps its newest list (source: genai-prices 0.2.3, ``update_prices.DEFAULT_UPDATE_URL``)."""

LARGEST = 32_000_000
"""Bytes; the list has about a million."""
WITHIN = 30.0
"""Seconds without a byte before the list is given up."""


@dataclass(frozen=True, slots=True)
class FetchedList:
    """OpenAI's models in a list that was fetched on a day."""

    provider: Provider
    on: date


def usual_place() -> Path:
    """Where the list is kept: beside the vocabulary, for it can be had again at any time."""
    from keytui.adapters.paths import find

    return find().cache / "prices.json"


def read_fetched(file: Path) -> FetchedList | None:
    """The list that was kept; None where there is none, or it cannot be used (any more): the installed one holds."""
    try:
        document = json.loads(file.read_bytes())
        return FetchedList(_openai(document["providers"]), date.fromisoformat(document["fetched"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


async def fetch(clients: HttpClients, file: Path, *, today: date, address: str = ADDRESS) -> FetchedList:
    """Fetch the newest list, look through it, and keep it. Raises ``PricesUnchanged``; the kept list then stays."""
    body = await _body(clients, address)
    try:
        providers = json.loads(body)
        found = FetchedList(_openai(providers), today)
    except (ValueError, KeyError, TypeError, RecursionError) as odd:
        raise PricesUnchanged(
            f"What {host_of(address)} sent is no price list that keytui can read ({type(odd).__name__}). "
            "The prices stay as they were; a newer keytui may read it."
        ) from None
    # Only OpenAI's part is ever asked for.
    mine = [provider for provider in providers if provider.get("id") == "openai"]
    _keep(file, {"fetched": today.isoformat(), "from": address, "providers": mine})
    return found


async def _body(clients: HttpClients, address: str) -> bytes:
    import httpx2

    client = clients.client(address, answer_within=WITHIN)
    parts: list[bytes] = []
    size = 0
    try:
        async with client, client.stream("GET", address) as answer:
            if answer.status_code != 200:
                raise PricesUnchanged(
                    f"{host_of(address)} answered {answer.status_code} instead of a price list. "
                    "The prices stay as they were; try again later."
                )
            async for part in answer.aiter_bytes():
                parts.append(part)
                size += len(part)
                if size > LARGEST:
                    raise PricesUnchanged(
                        f"What {host_of(address)} sends is far too long for a price list. The prices stay as they were."
                    )
    except Refused as refused:
        raise PricesUnchanged(
            f"{refused.trouble.title} {refused.trouble.remedy} The prices stay as they were."
        ) from None
    except httpx2.HTTPError as error:
        raise PricesUnchanged(
            f"{host_of(address)} cannot be reached ({type(error).__name__}). "
            "The prices stay as they were; “keytui doctor” looks for the reason."
        ) from None
    return b"".join(parts)


def _openai(providers: Any) -> Provider:
    """OpenAI's models in a list. Raises ``ValueError`` for one that is not like the installed one."""
    from genai_prices.data_snapshot import get_snapshot
    from genai_prices.types import _providers_from_raw  # what the library's own updater reads a list with

    if not isinstance(providers, list):
        raise ValueError("not a list of providers")
    mine: list[dict[str, Any]] = [raw for raw in providers if isinstance(raw, dict) and raw.get("id") == "openai"]
    if len(mine) != 1:
        raise ValueError("OpenAI is not in it once")
    _look_through(mine[0])
    provider = _providers_from_raw(mine)[0]
    installed, _ = get_snapshot().find_provider_model("gpt-4o", None, "openai", None)
    known = {model.id for model in installed.models}
    # A list that has lost many models was cut or is another one; single ones do retire.
    if len(known & {model.id for model in provider.models}) < len(known) * 0.8:
        raise ValueError("models are missing")
    return provider


def _look_through(part: Any, *, priced: bool = False) -> None:
    """Raise ``ValueError`` for a price that is none: below zero, or above a million USD for a million tokens."""
    if isinstance(part, dict):
        for name, value in part.items():
            _look_through(value, priced=priced or name == "prices")
    elif isinstance(part, list):
        for value in part:
            _look_through(value, priced=priced)
    elif priced and isinstance(part, (int, float)) and not isinstance(part, bool) and not 0 <= part <= 1_000_000:
        raise ValueError("a price is no price")


def _keep(file: Path, document: dict[str, Any]) -> None:
    from keytui.adapters.files import locked, write_private
    from keytui.adapters.paths import make_private

    try:
        make_private(file.parent)
        with locked(file):
            write_private(file, json.dumps(document, ensure_ascii=False).encode())
    except (OSError, TimeoutError) as error:
        raise PricesUnchanged(
            f"{file} cannot be written ({error}). The prices stay as they were; make its folder writable for you."
        ) from None
