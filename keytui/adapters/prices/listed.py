"""The price list of genai-prices, read as rates. It is slow to import: this module is loaded at the first price."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

import genai_prices
from genai_prices import types
from genai_prices.data_snapshot import get_snapshot

from keytui.adapters.prices.overlay import ListPrice, Overlay, undated
from keytui.domain.pricing import STANDARD
from keytui.domain.rates import Rates

if TYPE_CHECKING:
    from keytui.adapters.prices.fetched import FetchedList

SOURCE = f"genai-prices {genai_prices.__version__}"

_CONTEXTS: dict[str, dict[str, str]] = {
    "flex": {"service_tier": "flex"},
    "fast": {"service_tier": "fast"},
    "batch": {"processing": "batch"},
}
"""The price contexts in which genai-prices keeps each tier of ours (openai-facts 6.1)."""

_VERIFIED = re.compile(r"verified on (\d{4}-\d{2}-\d{2})")

_TEXT = {
    "input_mtok",
    "output_mtok",
    "cache_read_mtok",
    "cache_write_mtok",
    "web_searches_kcount",
    "storage_searches_kcount",
}
"""Prices that a model of text alone has."""


class Listed:
    """OpenAI's models in genai-prices: those of the installed package, or of a newer list. Nothing is fetched here."""

    def __init__(self, overlay: Overlay, fetched: FetchedList | None = None) -> None:
        self._overlay = overlay
        installed, _ = get_snapshot().find_provider_model("gpt-4o", None, "openai", None)
        self._provider, self.as_of, self._source = installed, _newest_date(installed), SOURCE
        # An upgrade of keytui may bring a list that is newer than the one once fetched.
        if fetched is not None and (compared := _newest_date(fetched.provider)) >= self.as_of:
            self._provider, self.as_of = fetched.provider, compared
            self._source = f"genai-prices of {fetched.on.isoformat()}"
        # Each search goes over the whole list, which would be a third of the time that a booking takes.
        self._find = lru_cache(maxsize=64)(self._search)

    def compared(self, model: str) -> date | None:
        """When the list's price of a model was last compared with OpenAI's page; None where it does not say."""
        found = self._find(model)
        dates = _VERIFIED.findall(found.price_comments or "") if found is not None else []
        return max(map(date.fromisoformat, dates), default=None)

    def price(self, model: str, tier: str, *, at: datetime, input_tokens: int) -> ListPrice | None:
        """The price of a model at a tier, or None when the list lacks one of them for that moment."""
        found = self._find(model)
        if found is None:
            return None
        moment = at.astimezone(UTC)
        notes = []
        standard = found.get_prices(moment)
        chosen = standard
        if tier != STANDARD:
            context = _CONTEXTS.get(tier)
            # Without a variant that holds now, the list would silently answer with standard prices.
            if context is None or not _sold(found, context, moment):
                return None
            chosen = found.get_prices(moment, context)
        rates = self._rates(chosen, input_tokens)
        if rates is None:
            return None
        if (
            _has_step(standard.input_mtok)
            and not _has_step(chosen.input_mtok)
            and input_tokens > self._overlay.long_above
        ):
            rates = rates.for_long_input(self._overlay.long_input, self._overlay.long_output)
            notes.append(
                "The list has no long-context price for this tier; the general rule (2 x input, 1.5 x output) was used."
            )
        if set(chosen.__dict__) - _TEXT:
            notes.append("Priced as text; sound and pictures cost differently.")
        return ListPrice(rates, self.as_of, self._source, " ".join(notes))

    def context(self, model: str) -> int | None:
        """The context window that the list gives a model."""
        found = self._find(model)
        return found.context_window if found else None

    def _search(self, model: str) -> types.ModelInfo | None:
        """A model by its exact id, a listed alias or a dated variant; nothing looser."""
        found = self._provider.find_model(model)
        return found if found is not None and _exactly(found.match, model.lower()) else None

    def _rates(self, prices: types.ModelPrice, input_tokens: int) -> Rates | None:
        plain = _rate(prices.input_mtok, input_tokens)
        if plain is None:
            return None
        cached = _rate(prices.cache_read_mtok, input_tokens)
        written = _rate(prices.cache_write_mtok, input_tokens)
        output = _rate(prices.output_mtok, input_tokens)
        return Rates(
            plain,
            plain if cached is None else cached,
            plain if written is None else written,
            plain if written is None else plain * self._overlay.twelve_hours,
            Decimal(0) if output is None else output,  # embeddings have no output
        )


def _exactly(clause: types.MatchLogic, model: str) -> bool:
    if isinstance(clause, types.ClauseOr):
        return any(_exactly(part, model) for part in clause.or_)
    if isinstance(clause, types.ClauseEquals):
        return clause.equals in (model, undated(model))
    if isinstance(clause, types.ClauseRegex):
        return clause.is_match(model)
    # Fine-tuned models carry the organisation's own words after the base model's name.
    return isinstance(clause, types.ClauseStartsWith) and model.startswith("ft:") and clause.is_match(model)


def _sold(model: types.ModelInfo, context: dict[str, str], moment: datetime) -> bool:
    return any(
        variant.when == context and (variant.constraint is None or variant.constraint.active(moment))
        for variant in model.price_variants or ()
    )


def _has_step(price: Decimal | types.TieredPrices | None) -> bool:
    return isinstance(price, types.TieredPrices)


def _rate(price: Decimal | types.TieredPrices | None, input_tokens: int) -> Decimal | None:
    if not isinstance(price, types.TieredPrices):
        return price
    reached = [step.price for step in price.tiers if input_tokens > step.start]
    return reached[-1] if reached else price.base


def _newest_date(provider: types.Provider) -> date:
    """The newest day on which the list says that a price was compared with OpenAI's page."""
    comments = " ".join(model.price_comments or "" for model in provider.models)
    return max(map(date.fromisoformat, _VERIFIED.findall(comments)), default=date.min)
