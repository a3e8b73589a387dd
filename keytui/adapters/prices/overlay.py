"""Our own dated price data, for what genai-prices lacks."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib import resources
from typing import Any

from keytui.domain.pricing import STANDARD, ModelFacts
from keytui.domain.rates import Rates

SOURCE = "keytui overlay"

_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True, slots=True)
class ListPrice:
    """Rates of a model at a tier, with where they come from."""

    rates: Rates
    as_of: date
    source: str
    note: str = ""


class Overlay:
    """The data of ``overlay.json``. Reading it takes about a millisecond."""

    def __init__(self) -> None:
        text = resources.files(__package__).joinpath("overlay.json").read_text("utf-8")
        self._data: dict[str, Any] = json.loads(text)
        self.as_of = date.fromisoformat(self._data["as_of"])
        step = self._data["long_context"]
        self.long_above: int = step["above"]
        self.long_input = Decimal(step["input"])
        self.long_output = Decimal(step["output"])
        self.twelve_hours = Decimal(self._data["twelve_hour_write"]["times_input"])

    def price(self, model: str, tier: str, *, input_tokens: int) -> ListPrice | None:
        """The price of a model that the overlay lists; None for other models, and for tiers they are not sold at."""
        row = self._data["models"].get(undated(model))
        if row is None:
            return None
        factor = "1" if tier == STANDARD else row["tiers"].get(tier)
        if factor is None:
            return None
        plain = Decimal(row["input"])
        rates = Rates(
            plain, Decimal(row["cached"]), Decimal(row["written"]), plain * self.twelve_hours, Decimal(row["output"])
        ).times(Decimal(factor))
        if input_tokens > self.long_above:
            rates = rates.for_long_input(self.long_input, self.long_output)
        return ListPrice(rates, date.fromisoformat(row["as_of"]), SOURCE, row.get("note", ""))

    def lists(self, model: str) -> bool:
        """Whether the overlay has prices of its own for a model."""
        return undated(model) in self._data["models"]

    def ultrafast(self, model: str, day: date) -> Decimal | None:
        """By how much the ultrafast tier multiplies a model's standard rates on a day; None where it is not sold."""
        for row in self._data["ultrafast"]["rows"]:
            if row["model"] == undated(model) and ("until" not in row or day <= date.fromisoformat(row["until"])):
                return Decimal(row["factor"])
        return None

    def residency(self, model: str) -> Decimal:
        """By how much a regional host multiplies a model's rates."""
        rule = self._data["residency"]
        covered = any(model == family or model.startswith(f"{family}-") for family in rule["families"])
        return Decimal(rule["factor"]) if covered else Decimal(1)

    def facts(self, model: str) -> ModelFacts:
        """What the overlay knows of a model beside its price."""
        models = self._data["facts"]["models"]
        row = models.get(model) or models.get(undated(model)) or {}
        retires = row.get("retires")
        return ModelFacts(
            model,
            context=row.get("context"),
            max_input=row.get("max_input"),
            max_output=row.get("max_output"),
            retires=date.fromisoformat(retires) if retires else None,
        )


def undated(model: str) -> str:
    """A model's name without the date of a snapshot: ``gpt-6-luna-2026-09-01`` is ``gpt-6-luna``."""
    return _DATED.sub("", model)
