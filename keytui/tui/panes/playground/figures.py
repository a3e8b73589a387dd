"""The figures of the next message: the live counter, the prices, and what was said before."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from keytui.domain.keys import OPENAI_BASE_URL, StoreUnreadable
from keytui.tui.background import in_background

if TYPE_CHECKING:
    # What counting and pricing need is imported when that begins: the first frame does not wait for it.
    from keytui.domain.counting import LiveCounter
    from keytui.domain.keys import KeyRecord
    from keytui.domain.meter import Meter
    from keytui.domain.overhead import Calibration
    from keytui.domain.pricing import PriceBook
    from keytui.domain.thread import Thread
    from keytui.tui.services import Services


class DraftFigures:
    """Counts the draft edit by edit; everything else in the figures changes only with a turn, a model or a key."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._counter: LiveCounter | None = None
        self._prices: PriceBook | None = None
        self._history = 0
        self._said = 0
        """Messages that say something, instructions among them."""
        self._calibration: Calibration | None = None
        """What was learnt; None: nothing yet."""
        self._calibrated_for = ("", "")
        """Base URL and model that the calibration is of."""
        self._exact: int | None = None
        """What the server counted for the very request that would be sent now."""
        self._counts: dict[str, int] = {}
        self._counted_for = ("", "")

    @property
    def counting(self) -> bool:
        """Whether there is a counter yet: it comes with the engine."""
        return self._counter is not None

    def begin(self, model: str, text: str) -> None:
        """Count for this model from now on, beginning with this draft."""
        self._exact = None
        self._counter = self._services.counter(model)
        self._counter.load(text)

    def edited(self, top: tuple[int, int], bottom: tuple[int, int], text: str) -> None:
        """A part of the draft was replaced."""
        self._exact = None
        if self._counter is not None:
            self._counter.edit(top, bottom, text)

    def loaded(self, text: str) -> None:
        """The whole draft was replaced."""
        self._exact = None
        if self._counter is not None:
            self._counter.load(text)

    @property
    def owing(self) -> bool:
        """Whether something is still to be counted (``settle``)."""
        return self._counter is not None and self._counter.pending

    async def settle(self, model: str) -> None:
        """Count what was put off."""
        if self._counter is not None:
            await self._services.settle(self._counter, model)

    async def price(self) -> None:
        """Fetch the prices."""
        self._prices = await self._services.prices()

    async def count_history(self, thread: Thread, model: str) -> None:
        """Count what was said before; what was counted for an earlier message is remembered."""
        from keytui.domain.encodings import encoding_for

        self._exact = None
        encoding = encoding_for(model).name
        if (encoding, thread.head.id) != self._counted_for:
            self._counted_for, self._counts = (encoding, thread.head.id), {}
        counts = self._counts
        said = [message for message in thread.messages if message.text.strip()]
        fresh = [message for message in said if message.id not in counts]
        texts = [message.text for message in fresh]
        instructions, *counted = await self._services.count([thread.head.instructions, *texts], model)
        counts.update(zip((message.id for message in fresh), counted, strict=True))
        if counts is not self._counts:
            # Another conversation was opened meanwhile: it has its own count, now or in a moment.
            return
        self._history = instructions + sum(counts[message.id] for message in said)
        self._said = len(said) + bool(thread.head.instructions)

    async def calibrate(self, model: str, key: KeyRecord | None) -> None:
        """Take up what was learnt of this model at this key's address."""
        here = self._calibrated_for = (key.base_url if key else "", model)
        self._calibration = None
        if key is not None:
            with suppress(StoreUnreadable):  # an estimate that has learnt nothing is still one
                store = await self._services.calibrations()
                self._take_up(here, await in_background(store.at, *here))

    async def learn(self, model: str, key: KeyRecord, *, estimated: int, measured: int) -> None:
        """Learn from what the server billed or counted for a request that was estimated here."""
        here = (key.base_url, model)
        with suppress(StoreUnreadable):
            store = await self._services.calibrations()
            self._take_up(here, await in_background(store.learn, *here, estimated, measured))

    def _take_up(self, where: tuple[str, str], calibration: Calibration) -> None:
        """Use it from now on, unless it is another model's: several may have been asked at once."""
        if where == self._calibrated_for:
            self._calibration = calibration

    async def elsewhere(self, thread: Thread, text: str, model: str, key: KeyRecord) -> Meter:
        """The figures of a draft for another model, counted by that model's own encoding."""
        other = DraftFigures(self._services)
        other.begin(model, text)
        await other.settle(model)
        await other.price()
        await other.calibrate(model, key)
        await other.count_history(thread, model)
        return other.meter(thread, model, key)

    def take_exact(self, tokens: int) -> None:
        """The server has counted the next request; the figure holds until anything in it changes."""
        self._exact = tokens

    def meter(self, thread: Thread, model: str, key: KeyRecord | None) -> Meter:
        """The figures as they are now."""
        from keytui.domain.cache import outlook
        from keytui.domain.encodings import encoding_for
        from keytui.domain.meter import UNCALIBRATED, measure
        from keytui.domain.overhead import message_overhead

        counter, parameters = self._counter, thread.head.parameters
        return measure(
            model=model,
            draft=counter.total if counter else None,
            pending=self.owing,
            history=self._history,
            overhead=message_overhead(self._said + 1),
            cache=outlook(thread, model, self._services.now()),
            max_output=parameters.max_output,
            exactness=encoding_for(model).exactness,
            prices=self._prices,
            tier=parameters.tier,
            base_url=key.base_url if key else OPENAI_BASE_URL,
            now=self._services.now,
            calibration=self._calibration or UNCALIBRATED,
            counted=self._exact,
        )
