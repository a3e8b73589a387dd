"""Step 4, the check of a key: its stages, and what it came to."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from keytui.domain.addresses import host_of
from keytui.domain.keeping import Candidate, Checked
from keytui.domain.keys import KeyRecord
from keytui.domain.probe import Stage, StageResult, Verdict
from keytui.domain.proof import PROVED
from keytui.tui.screens.setup.check import Check
from keytui.tui.screens.setup.marks import marks
from keytui.tui.screens.setup.proving import prove
from keytui.tui.screens.setup.words import Mood, signed, told
from keytui.tui.services import Services


class CheckPart(Vertical):
    """Shows the stages as they come, and a sentence below them."""

    def __init__(self, services: Services, *below: Widget) -> None:
        """``below`` stands under the sentence."""
        super().__init__(id="check")
        self._services, self._below = services, below

    def compose(self) -> ComposeResult:
        """Which key, the stages, the sentence."""
        yield Static("", id="checked-key", markup=False)
        yield Check()
        yield Static("", id="outcome", markup=False)
        yield from self._below

    @property
    def results(self) -> tuple[StageResult, ...]:
        """The stages so far."""
        return self.query_one(Check).results

    def say(self, said: str | Content, mood: Mood = "") -> None:
        """Say what came out."""
        self.query_one("#outcome", Static).update(signed(self, said, mood))

    async def check(self, candidate: Candidate, model: str) -> Checked:
        """Check a key that is not stored yet, with everything that costs nothing."""
        self.say("")
        last4 = f" {marks(self).dots}{candidate.secret.last4}" if candidate.secret.last4 else ""
        self.query_one("#checked-key", Static).update(
            Content.assemble((f"{candidate.words}{last4}", "bold"), ("  for ", "$dim"), host_of(candidate.base_url))
        )
        check, checked = self.query_one(Check), Checked()
        check.restart()
        try:
            prober = await self._services.prober()
            async with aclosing(prober.key(candidate.secret, candidate.base_url, model=model)) as stages:
                async for result in stages:
                    check.add(result)
                    if result.verdict is Verdict.FAILED:
                        checked = replace(checked, trouble=result.trouble)
                    elif result.stage is Stage.MODELS:
                        checked = replace(checked, accepted=True)
        finally:
            check.running = False
        if checked.trouble is not None:
            self.say(told(checked.trouble))
        return checked

    async def prove(self, record: KeyRecord, model: str) -> bool:
        """Prove with a stored key what only a paid request can; whether that succeeded.

        Raises ``VaultTrouble`` and ``StoreUnreadable``.
        """
        check, proved = self.query_one(Check), False
        self.say("")
        check.results = tuple(result for result in check.results if result.stage is not Stage.PAID)
        check.running = True
        try:
            async with aclosing(await prove(self._services, record, model)) as results:
                async for result in results:
                    check.add(result)
                    proved = result.verdict is not Verdict.FAILED
                    self.say(told(result.trouble) if result.trouble else PROVED, "" if result.trouble else "done")
        finally:
            check.running = False
        return proved
