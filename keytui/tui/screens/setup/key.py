"""Step 4: the key: made with a checklist where there is none, pasted, checked, kept."""

from __future__ import annotations

from textual import on, work
from textual.widgets import Button

from keytui.domain.keeping import Checked, free_name
from keytui.domain.keys import StoreUnreadable, VaultTrouble
from keytui.domain.proof import WOULD_PROVE
from keytui.domain.secrets import Secret
from keytui.domain.setup import Progress
from keytui.tui.screens.setup.checklist import Checklist
from keytui.tui.screens.setup.key_view import KeyView
from keytui.tui.screens.setup.paste_part import PastePart
from keytui.tui.screens.setup.phases import ByHand as Phase
from keytui.tui.screens.setup.picker import Picker
from keytui.tui.screens.setup.proving import most
from keytui.tui.widgets.secret_input import SecretInput


class KeyStep(KeyView):
    """Ends with a stored key, or without one when it is skipped."""

    async def on_mount(self) -> None:
        """Begin with the list, or with the paste."""
        self._show(Phase.LIST if self.progress.guided else Phase.PASTE)
        self._prepare()

    @work(description="prepare the paste")
    async def _prepare(self) -> None:
        found = await self.services.look_around()
        address: str | None = None
        ready: Secret | None = None
        if self.services.practice:
            handed = await self.services.practice_keys()
            address, ready = handed.base_url, Secret(handed.api_key)
        try:
            records = self.services.keys.records()
        except StoreUnreadable as trouble:
            records = ()
            self._part.say(str(trouble), "wrong")
        name = free_name(self.progress.plan.key.name, records)
        if self._phase is Phase.LIST:
            # The items can be proved at once with the key of an earlier time.
            self._record = next((record for record in records if record.id == self.progress.key_id), None)
            self._list.record = self._record
            self._show(Phase.LIST)
        await self.query_one("#paste-place").mount(PastePart(found=found, name=name, address=address, ready=ready))
        if self._phase is Phase.PASTE:
            self._paste.focus_first()
        self.screen.refresh_bindings()

    def stop(self) -> None:
        """End the check."""
        if self._list.busy:
            self._list.stop()
        else:
            self.workers.cancel_group(self, "check")
            self._show(Phase.PASTE if self._phase is Phase.CHECKING else Phase.KEPT)

    async def go_on(self) -> None:
        """What enter does, by phase."""
        if self._phase is Phase.LIST and self._record is not None:
            self.post_message(self.Finished(self.so_far()))
        elif self._phase is Phase.LIST:
            self._show(Phase.PASTE)
        elif self._phase is Phase.PASTE:
            self._candidate = self._paste.candidate()
            if self._candidate is not None:
                self._check()
        elif self._phase is Phase.TROUBLE:
            if self._checked.refused:
                self._paste_another()
            else:
                self._check()
        elif self._phase is Phase.KEEP:
            self._keep()
        elif self._phase is Phase.KEPT:
            self.post_message(self.Finished(self.so_far()))

    def so_far(self) -> Progress:
        """Ticks, and the key once it is stored."""
        record = self._record
        key_id = record.id if record is not None else self.progress.key_id
        return self.choose(ticked=self._list.ticked, key_id=key_id)

    # -- checking -------------------------------------------------------------------

    @work(group="check", exclusive=True, description="check a key")
    async def _check(self) -> None:
        candidate = self._candidate
        assert candidate is not None
        self._checked = Checked()
        self._show(Phase.CHECKING)
        self._checked = await self._part.check(candidate, self._model)
        if self._checked.trouble is not None:
            self._show(Phase.TROUBLE)
        else:
            await self._offer_places()

    @on(Button.Pressed, "#another")
    def _another(self, message: Button.Pressed) -> None:
        message.stop()
        self._paste_another()

    def _paste_another(self) -> None:
        self.query_one(SecretInput).clear()
        self._show(Phase.PASTE)

    @on(Button.Pressed, "#retry")
    def _retry(self, message: Button.Pressed) -> None:
        message.stop()
        self._check()

    @on(Button.Pressed, "#own-route")
    def _proxy_wanted(self, message: Button.Pressed) -> None:
        message.stop()
        self._enter_proxy()

    @work(group="own-route", exclusive=True, description="enter the own proxy")
    async def _enter_proxy(self) -> None:
        """Let the user enter the proxy that the route needs, and check the key again."""
        from keytui.tui.dialogs.own_route import choose_own_route

        assert self._candidate is not None
        if await choose_own_route(self.keytui, self._candidate.base_url):
            self._check()

    @on(Button.Pressed, "#unverified")
    async def _unverified(self, message: Button.Pressed) -> None:
        message.stop()
        await self._offer_places()

    # -- keeping ----------------------------------------------------------------------

    async def _offer_places(self) -> None:
        """Say where the key will be kept, before it is; or where it is already."""
        assert self._candidate is not None
        try:
            await self._place.offer(self._candidate)
        except (VaultTrouble, StoreUnreadable) as trouble:
            self._part.say(str(trouble), "wrong")
            self._show(Phase.TROUBLE)
            return
        if self._place.known is not None:
            self._keep()
            return
        self._show(Phase.KEEP)
        self._tell_place()

    @on(Picker.Changed, "#place")
    def _place_changed(self, message: Picker.Changed) -> None:
        message.stop()
        self._tell_place()

    def _tell_place(self) -> None:
        """What should be known before the key is kept there."""
        remark = self._place.remark
        self._part.say(remark or "Nothing is stored yet.", "warned" if remark else "")

    @work(group="keep", exclusive=True, description="keep a key")
    async def _keep(self) -> None:
        candidate = self._candidate
        assert candidate is not None
        name = self._paste.key_name
        try:
            kept = await self._place.keep(candidate, self.progress, name=name, checked=self._checked)
        except (VaultTrouble, StoreUnreadable) as trouble:
            self._part.say(str(trouble), "wrong")
            return
        if kept is None:
            self._part.say("Nothing is stored yet: open the encrypted file, or choose another place.", "warned")
            return
        record, said = kept
        self._record = self._list.record = record
        self._candidate = None
        self.query_one(SecretInput).clear()
        self._most = None if self._checked.trouble else await most(self.services, record, self._model)
        if self._most is not None:
            said = f"{said}\n{WOULD_PROVE}"
        self._part.say(said, "done")
        self._tick_proved()
        self._show(Phase.KEPT)

    def _tick_proved(self) -> None:
        """What the check has proved needs no tick by the user."""
        self._list.take(self._part.results)
        self.post_message(self.Changed(self.so_far()))

    # -- proving ----------------------------------------------------------------------

    @property
    def _model(self) -> str:
        return self.progress.plan.default_model

    @on(Button.Pressed, "#prove")
    def _prove_pressed(self, message: Button.Pressed) -> None:
        message.stop()
        self._prove()

    @work(group="check", exclusive=True, description="ask a tiny paid question")
    async def _prove(self) -> None:
        assert self._record is not None
        self._show(Phase.PROVING)
        try:
            if await self._part.prove(self._record, self._model):
                self._most = None
        except (VaultTrouble, StoreUnreadable) as trouble:
            self._part.say(str(trouble), "wrong")
        self._tick_proved()
        self._show(Phase.KEPT)

    # -- the list -------------------------------------------------------------------------

    @on(Button.Pressed, "#list")
    def _list_pressed(self, message: Button.Pressed) -> None:
        message.stop()
        self._show(Phase.LIST)

    @on(Checklist.Told)
    def _told(self, message: Checklist.Told) -> None:
        message.stop()
        # A trouble and its remedy need the room of what was said before.
        self.query_one("#why").display = False

    @on(Checklist.Ticked)
    def _ticked(self, message: Checklist.Ticked) -> None:
        message.stop()
        self.post_message(self.Changed(self.so_far()))
