"""Choosing a model from what the key may use."""

from __future__ import annotations

from typing import ClassVar

from textual import work

from keytui.domain.chat import ModelInfo, Refused
from keytui.domain.keys import KeyRecord, VaultTrouble
from keytui.domain.money import dollars
from keytui.domain.pricing import PriceBook
from keytui.domain.usage import Usage
from keytui.tui.dialogs.choose import Choice, ChooseDialog
from keytui.tui.services import Services
from keytui.tui.widgets.facts import compact

MILLION = 1_000_000
COLUMNS = (18, 8, 8, 9)
"""Cells of what is right-aligned beside a model's name."""
HEADS = "".join(f"{head:>{cells}}" for head, cells in zip(("", "in", "out", "context"), COLUMNS, strict=True))


class ModelsDialog(ChooseDialog[str]):
    """Models with their prices for a million tokens and the size of their context."""

    HELP = """
    # Models

    The models that this key may use, as the server lists them. **in** and **out** are USD for a million tokens sent
    and answered; **context** is how many tokens fit in one conversation. `$?` is a price that nobody has published.
    """
    TITLE_TEXT: ClassVar[str] = "Model"
    EMPTY_TEXT: ClassVar[str] = "Asking which models this key may use …"

    def __init__(self, services: Services, key: KeyRecord | None, current: str) -> None:
        super().__init__(current=current)
        self._services = services
        self._key = key

    def on_mount(self) -> None:
        """Ask the server."""
        super().on_mount()
        self._load()

    @work(description="ask which models the key may use")
    async def _load(self) -> None:
        prices = await self._services.prices()
        if self._key is None:
            self.offer([], "There is no key yet, so nobody can say which models it may use. f2 opens set-up.")
            return
        try:
            gateway = await self._services.gateway(self._key)
            models = await gateway.models()
        except Refused as refused:
            self.offer([], f"{refused.trouble.title} {refused.trouble.remedy}")
            return
        except VaultTrouble as trouble:
            self.offer([], str(trouble))
            return
        choices = [Choice(model.id, model.id, self._detail(model, prices)) for model in models]
        self.offer(choices, f"USD for a million tokens, prices of {prices.as_of:%d %b %Y}", HEADS)

    def _detail(self, model: ModelInfo, prices: PriceBook) -> str:
        assert self._key is not None
        now, base_url = self._services.now(), self._key.base_url

        def price(usage: Usage) -> str:
            cost = prices.cost(model.id, usage, tier=None, at=now, base_url=base_url)
            return "$?" if cost is None else dollars(cost.total * scale)

        # A million tokens at once would be priced as a long context; a thousand are not.
        scale = MILLION // 1_000
        context = prices.facts(model.id).context
        retires = f"retires {model.retires}" if model.retires else ""
        parts = (retires, price(Usage(input=1_000)), price(Usage(output=1_000)), compact(context) if context else "")
        return "".join(f"{part:>{cells}}" for part, cells in zip(parts, COLUMNS, strict=True))
