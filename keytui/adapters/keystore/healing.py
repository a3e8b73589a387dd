"""Finishing what an ended process had begun with a key."""

from __future__ import annotations

from keytui.adapters.keystore.document import remove
from keytui.adapters.keystore.ground import Ground
from keytui.adapters.keystore.pending import Mark, Work
from keytui.domain.keys import VaultTrouble
from keytui.domain.vaults import KeyGone


class Healing(Ground):
    """The marks that an earlier keytui left in the index."""

    async def heal(self) -> tuple[str, ...]:
        """Finish what an ended process had begun; one sentence for each key that this was about.

        Call it once after the start, and again once the encrypted file is unlocked. Never raises ``VaultTrouble``:
        what cannot be finished now stays marked.
        """
        said: list[str] = []
        for entry in self._index.read()["pending"]:
            mark = Mark.read(entry)
            if mark is None or mark.in_progress(self._now()):
                continue
            try:
                said.append(await self._finish(mark))
            except VaultTrouble as trouble:
                said.append(f"“{mark.record.name}” was left half {mark.work.value} by an earlier keytui. {trouble}")
        return tuple(said)

    async def _finish(self, mark: Mark) -> str:
        """Bring one piece of begun work to its end."""
        record = mark.record
        if mark.work is Work.ADD:
            try:
                await self._vaults[record.place].secret(record)
            except KeyGone:
                await self._change(mark.drop)
                return f"“{record.name}” had not reached its place when keytui was ended; add it again."
            kept = await self._change(lambda document: self._inserted(document, record, mark))
            return f"“{kept.name}” was just stored when keytui was ended; it is safe, and listed again."
        if mark.work is Work.FORGET:
            await self._writable(record.place).forget(record.kept_as)
            await self._change(lambda document: remove(document, record.id, mark))
            return f"“{record.name}” was being forgotten when keytui was ended; that is done now."
        known = next((key for key in self._index.records() if key.id == record.id), None)
        switched = known is not None and known.place is record.place
        leftover = mark.source if switched else record.place
        if leftover is not None and not leftover.read_only:
            await self._writable(leftover).forget(record.kept_as)
        await self._change(mark.drop)
        where = known.place.value if known else record.place.value
        return f"“{record.name}” was being moved when keytui was ended; it is kept in one place again: {where}."
