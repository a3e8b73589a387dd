"""The key: adopted when it is stored here already, or made, and stored before anything is called done.

The platform tells a key's characters once. What can happen in between is met like this: the ids of the keys that were
there before are written down first, so a key that was made by a process that ended before it could store it is known
again; its characters are lost, so it is revoked, and another one is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from keytui.domain.admin_troubles import unkept
from keytui.domain.apply.journal import Facts
from keytui.domain.apply.run import Outcome, PlanStep, Result, Run, Stopped
from keytui.domain.chat import Refused
from keytui.domain.keys import KeyRecord, Place, VaultTrouble, new_key_id
from keytui.domain.organization.parts import MadeKey, ProjectKey
from keytui.domain.plan import SetupPlan
from keytui.domain.plan_lines import NOTHING, Difference, expiry
from keytui.domain.platform_keys import same
from keytui.domain.shapes import kind_of
from keytui.domain.vaults import KeyGone

NAME = "key"
_DAY = 86_400
_STORED_IN = {Place.KEYRING: "the keyring", Place.FILE: "the encrypted file", Place.SESSION: "this session only"}


class KeyStep:
    """Makes the key and stores it."""

    def __init__(self, plan: SetupPlan) -> None:
        self._plan = plan

    @property
    def shown(self) -> PlanStep:
        """See ``Step.shown``."""
        key = self._plan.key
        life = "never ends" if key.expires_days is None else f"ends {expiry(key.expires_days)}"
        title = f"Make the key “{key.name}”, which {life}, and store it"
        return PlanStep(NAME, title, f"Revoke the key “{key.name}” and forget it", needed=True)

    async def difference(self, run: Run) -> Difference | None:
        """See ``Step.difference``."""
        planned = f"{self._plan.key.name}, {expiry(self._plan.key.expires_days)}"
        if run.project is None or not run.account_id:
            return Difference("key", NOTHING, planned)
        try:
            stored = await self._stored(run, await self._listed(run))
        except VaultTrouble:
            return None  # a stored key fits, and only its characters cannot be had just now
        return None if stored else Difference("key", NOTHING, planned)

    async def do(self, run: Run) -> Result:
        """See ``Step.do``."""
        listed = await self._listed(run)
        said = await self._take_up(run, listed) if "before" in run.facts(NAME) else []
        if run.record is None:
            listed = await self._listed(run) if said else listed
            run.record = await self._stored(run, listed)
            if run.record is not None:
                run.note(NAME, done=True, changes=False, record=run.record.id)
                return Result(Outcome.ADOPTED, self._where(run.record))
            run.record = await self._make(run, listed)
            if listed:
                others = "1 other key" if len(listed) == 1 else f"{len(listed)} other keys"
                said.append(f"{others} of that name stay as they are: they may be in use elsewhere")
        return Result(Outcome.MADE, "; ".join([self._where(run.record), *said]))

    async def undo(self, run: Run) -> Result:
        """See ``Step.undo``: revoked on the platform first, then forgotten here."""
        facts = run.facts(NAME)
        if "before" not in facts:
            return Result(Outcome.UNCHANGED, "it was stored here before")
        if run.project is not None:
            run.account_id = facts["account"]
            for key in _ours(facts, await self._listed(run)):
                await run.admin.revoke_key(run.project_id, key.id)
        await run.means.keep.heal()
        await self._forget(run, facts.get("record"))
        return Result(Outcome.UNDONE, "revoked, and forgotten here")

    # Making.

    async def _make(self, run: Run, listed: Sequence[ProjectKey]) -> KeyRecord:
        key = self._plan.key
        record_id, name = new_key_id(), _free_name(key.name, run.means.keep.records())
        before = [each.id for each in listed]
        run.note(NAME, before=before, account=run.account_id, record=record_id, key=None)
        made = await run.admin.make_key(
            run.project_id,
            run.account_id,
            key.name,
            scopes=key.scopes,
            expires_seconds=None if key.expires_days is None else key.expires_days * _DAY,
        )
        try:
            run.note(NAME, key=made.id)
            record = await run.means.keep.add(self._record(run, record_id, name, made), made.secret)
        except VaultTrouble as trouble:
            raise Stopped(unkept(str(trouble), revoked=await self._revoked(run, made))) from None
        run.note(NAME, done=True)
        return record

    async def _revoked(self, run: Run, made: MadeKey) -> bool:
        """Revoke a key that could not be stored. When that fails too, the journal still knows it."""
        try:
            await run.admin.revoke_key(run.project_id, made.id)
        except Refused:
            return False
        run.drop(NAME)
        return True

    def _record(self, run: Run, record_id: str, name: str, made: MadeKey) -> KeyRecord:
        plan, project = self._plan, run.project
        return KeyRecord(
            id=record_id,
            name=name,
            kind=kind_of(made.secret.reveal()),
            base_url=run.admin.base_url,
            place=run.means.place,
            last4=made.secret.last4,
            created=run.means.now(),
            project=project.id if project else None,
            project_name=project.name if project else None,
            default_model=plan.default_model,
            monthly_cap=plan.cap,
            expires=made.expires,
            scopes=plan.key.scopes,
            platform_id=made.id,
            note=plan.project.description,
        )

    # What was interrupted.

    async def _take_up(self, run: Run, listed: Sequence[ProjectKey]) -> list[str]:
        """Bring an interrupted making to an end: the key is stored, or it is revoked. What was done, in words."""
        facts = run.facts(NAME)
        await run.means.keep.heal()
        record = _by_id(run, facts.get("record"))
        ours = _ours(facts, listed)
        if record is not None and any(same(record, key) for key in ours) and await _readable(run, record):
            run.note(NAME, done=True)
            run.record = record
            return []
        for key in ours:
            await run.admin.revoke_key(run.project_id, key.id)
        await self._forget(run, facts.get("record"))
        run.drop(NAME)
        return (
            ["a key that was made before the interruption could not be stored any more and is revoked"] if ours else []
        )

    async def _forget(self, run: Run, record_id: str | None) -> None:
        if record_id and _by_id(run, record_id) is not None:
            await run.means.keep.forget(record_id)

    # What is stored.

    async def _listed(self, run: Run) -> list[ProjectKey]:
        """The keys of the plan's name that its service account has."""
        keys = await run.admin.keys(run.project_id)
        return [key for key in keys if key.name == self._plan.key.name and key.account_id == run.account_id]

    async def _stored(self, run: Run, listed: Sequence[ProjectKey]) -> KeyRecord | None:
        """The stored key that is one of those on the platform, still valid, and whose characters can be read."""
        valid = [key for key in listed if key.owner_active and (key.expires is None or key.expires > run.means.now())]
        for record in run.means.keep.records():
            if (
                record.base_url == run.admin.base_url
                and record.project == run.project_id
                and any(same(record, key) for key in valid)
                and await _readable(run, record)
            ):
                return record
        return None

    @staticmethod
    def _where(record: KeyRecord) -> str:
        kept = _STORED_IN.get(record.place, record.place.value)
        until = "" if record.expires is None else f", valid until {record.expires:%Y-%m-%d}"
        return f"“{record.name}” (…{record.last4}) is kept in {kept}{until}"


def _ours(facts: Facts, keys: Iterable[ProjectKey]) -> list[ProjectKey]:
    """The key that this application of the plan made; while its id is not known, those that were not there before."""
    if made := facts.get("key"):
        return [key for key in keys if key.id == made]
    return [key for key in keys if key.id not in facts["before"]]


def _by_id(run: Run, record_id: str | None) -> KeyRecord | None:
    return next((record for record in run.means.keep.records() if record.id == record_id), None)


async def _readable(run: Run, record: KeyRecord) -> bool:
    """Whether the characters are there. A place that is locked is no answer: then ``VaultTrouble`` goes on."""
    try:
        await run.means.keep.secret(record)
    except KeyGone:
        return False
    return True


def _free_name(name: str, records: Iterable[KeyRecord]) -> str:
    """The name itself, or with the first number that is free."""
    taken = {record.name for record in records}
    free, number = name, 2
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free
