"""The price book: which list answers for a request."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from keytui.adapters.prices.hosts import is_loopback, is_openai, is_regional
from keytui.adapters.prices.overlay import ListPrice, Overlay
from keytui.adapters.prices.own import OwnPrices
from keytui.domain.pricing import STANDARD, Cost, ModelFacts, tier_name
from keytui.domain.usage import Usage

if TYPE_CHECKING:
    from keytui.adapters.prices.listed import Listed

ASSUMED = "Assumed: OpenAI's list price, for a server on this machine."
"""Noted where a local server may be a relay to OpenAI, a rehearsal of it, or something else."""

_SOLD_BY_OPENAI = ("fast", "priority", "flex", "batch", "ultrafast", "scale")


class Prices:
    """Prices by model, tier, moment and address.

    OpenAI's list holds at OpenAI's hosts, at the addresses in ``like_openai``, and with ``practice`` at servers on this
    machine (the practice service). At any other server on this machine it is assumed for OpenAI's own model names,
    with a note, unless the user gave a price. Everywhere else only the user's own prices are known: a gateway may sell
    ``gpt-4o`` at any price. The first price takes a moment (genai-prices is imported): ask from a worker.
    """

    def __init__(
        self,
        own: Mapping[str, Mapping[str, str]] | None = None,
        *,
        own_as_of: date | None = None,
        practice: bool = False,
        like_openai: Collection[str] = (),
        fetched: Path | None = None,
    ) -> None:
        """``fetched``: where a newer list may be kept (``keytui.adapters.prices.fetched``); it is read when needed."""
        self._overlay = Overlay()
        self._own = OwnPrices(own or {}, as_of=own_as_of or self._overlay.as_of)
        self._practice = practice
        self._fetched = fetched
        self._like_openai = {address.rstrip("/") for address in like_openai}

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with the user's own prices, one sentence each, next step last."""
        return self._own.problems

    def cost(
        self, model: str, usage: Usage, *, tier: str | None, at: datetime, base_url: str, regional: bool = False
    ) -> Cost | None:
        """The price of a usage, or None when it is not known for this model, tier and address."""
        name = tier_name(tier)
        if self._openai_prices_hold(base_url):
            price = self._listed_price(model, name, at, usage.input)
            if price and (regional or is_regional(base_url)):
                price = replace(price, rates=price.rates.times(self._overlay.residency(model)))
            price = price or self._own_price(model, name, tier, base_url)
        else:
            price = self._own_price(model, name, tier, base_url)
            if price is None and self._own.rates(model) is None and is_loopback(base_url):
                price = self._listed_price(model, name, at, usage.input)
                price = price and replace(price, note=f"{ASSUMED} {price.note}".strip())
        if price is None:
            return None
        note = price.note
        if usage.cached + usage.written > usage.input:
            note = f"{note} The server counted more cached tokens than input tokens.".strip()
        return price.rates.cost(usage, tier=name or STANDARD, as_of=price.as_of, source=price.source, note=note)

    def facts(self, model: str) -> ModelFacts:
        """Context window and limits of a model, from the overlay, then from genai-prices."""
        facts = self._overlay.facts(model)
        return facts if facts.context else replace(facts, context=self._list.context(model))

    @property
    def as_of(self) -> date:
        """The date of the newest price in the book."""
        return max(self._overlay.as_of, self._list.as_of)

    @cached_property
    def _list(self) -> Listed:
        from keytui.adapters.prices.fetched import read_fetched
        from keytui.adapters.prices.listed import Listed

        return Listed(self._overlay, read_fetched(self._fetched) if self._fetched else None)

    def read_again(self) -> None:
        """Take up a list that was fetched since; what was booked keeps its price."""
        self.__dict__.pop("_list", None)

    def _overlay_holds(self, model: str) -> bool:
        """Whether the overlay answers for a model: until the list was compared with OpenAI's page later than it."""
        if not self._overlay.lists(model):
            return False
        compared = self._list.compared(model)
        return compared is None or compared <= self._overlay.as_of

    def _openai_prices_hold(self, base_url: str) -> bool:
        if is_openai(base_url) or base_url.rstrip("/") in self._like_openai:
            return True
        return self._practice and is_loopback(base_url)

    def _listed_price(self, model: str, tier: str | None, at: datetime, input_tokens: int) -> ListPrice | None:
        if tier is None:
            return None
        factor = None
        if tier == "ultrafast":
            factor = self._overlay.ultrafast(model, at.astimezone(UTC).date())
            if factor is None:
                return None
            tier = STANDARD
        if self._overlay_holds(model):
            price = self._overlay.price(model, tier, input_tokens=input_tokens)
        else:
            price = self._list.price(model, tier, at=at, input_tokens=input_tokens)
        return replace(price, rates=price.rates.times(factor)) if price and factor else price

    def _own_price(self, model: str, name: str | None, said: str | None, base_url: str) -> ListPrice | None:
        """The user's own price. It knows no tiers: one that OpenAI sells apart stays unpriced."""
        rates = self._own.rates(model)
        if rates is None:
            return None
        note = ""
        if name != STANDARD:
            if is_openai(base_url) or (said or "").strip().lower() in _SOLD_BY_OPENAI:
                return None
            note = f"Your own price knows no tiers; the server named this one “{said}”."
        return ListPrice(rates, self._own.as_of, "your own price", note)
