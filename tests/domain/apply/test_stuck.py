"""Where a plan cannot be applied: it stops there, says why, and goes on, again or back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from keytui.adapters.apply_journal import ApplyJournal
from keytui.adapters.keystore import Keys
from keytui.adapters.network.http import HttpClients
from keytui.adapters.openai.admin import OpenAIAdmin
from keytui.adapters.vault.session import SessionVault
from keytui.domain.admin import AdminPort
from keytui.domain.apply.events import Began, Waiting
from keytui.domain.apply.run import Outcome
from keytui.domain.apply.unfinished import unfinished
from keytui.domain.applying import apply, differences
from keytui.domain.chat import Refused
from keytui.domain.keys import Place, VaultLocked, VaultTrouble
from keytui.domain.plan import Permissions, RateLimit
from keytui.domain.probe import Stage, StageResult, Verdict
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Exit, Trouble, explain
from keytui.domain.vaults import VaultSilent
from tests.domain.apply.office import MODEL, Applied, Office, Organization, office, plan
from tests.support.faulty import error, faulty_server, reply
from tests.support.practice import Practice, practice_service

CUT = Trouble("connection-reset", "The connection was closed.", "Again.", Exit.NETWORK)


class Refusing:
    """The organisation, with one kind of call refused as long as ``trouble`` is set; ``after`` lets it happen first."""

    def __init__(self, admin: AdminPort, method: str, trouble: Trouble | None, *, after: bool = False) -> None:
        self._admin, self._method, self.trouble, self._after = admin, method, trouble, after
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._admin, name)
        if name != self._method:
            return found

        async def refused(*args: Any, **named: Any) -> Any:
            self.calls.append(name)
            if self.trouble is None:
                return await found(*args, **named)
            if self._after:
                await found(*args, **named)
            raise Refused(self.trouble)

        return refused


STEPS = {
    "make_project": "project",
    "set_model_permissions": "models",
    "set_hosted_tools": "tools",
    "set_service_tiers": "tiers",
    "set_rate_limit": f"rate {MODEL}",
    "set_spend_limit": "spend limit",
    "make_spend_alert": "alert 8",
    "make_service_account": "service account",
    "set_account_role": "service account",
    "make_key": "key",
}
"""What changes something, and the step that does it."""


CASES = [
    *((method, step, False) for method, step in STEPS.items()),
    *((method, step, True) for method, step in STEPS.items() if method.startswith("make_")),
]
"""Each refused; what makes something also with a line that is cut after it was done."""


@pytest.mark.parametrize(("method", "step", "happens"), CASES)
async def test_it_stops_at_each_step_and_goes_on(
    me: Office, organization: Organization, name: str, method: str, step: str, happens: bool
) -> None:
    refusing = Refusing(me.means.admin, method, CUT, after=happens)
    mine = me.but(admin=refusing)
    stuck = (await mine.apply(plan(name))).stuck
    assert (stuck.step.name, stuck.trouble) == (step, CUT)
    assert [*stuck.done, *stuck.not_done] == [*dict.fromkeys([*stuck.done, *stuck.not_done])]
    assert stuck.not_done[0] == stuck.step
    left = unfinished(mine.means.journal)
    assert left is not None
    assert left.done == stuck.done
    assert me.keys.records() == ()
    refusing.trouble = None
    done = await mine.apply(plan(name))
    assert done.finished
    (project,) = organization.projects(name, archived=True)
    there = organization.settings(project)
    assert (there["accounts"], there["alerts"], len(there["keys"])) == (["keytui"], [800], 1)
    # What was made before the line was cut counts as made, so that it is taken back as well.
    assert (await mine.undo()).finished
    assert organization.projects(name) == []
    assert organization.keys(project) == []


@pytest.mark.parametrize("step", ["models", "tools", "tiers", f"rate {MODEL}", "spend limit", "alert 8", "check"])
async def test_it_goes_on_without_a_step(me: Office, organization: Organization, name: str, step: str) -> None:
    done = await me.apply(plan(name), without={step})
    assert done.finished
    assert done.outcomes[step] is Outcome.LEFT_OUT
    assert list(done.outcomes.values()).count(Outcome.LEFT_OUT) == 1
    assert len(organization.keys(organization.projects(name)[0])) == 1


async def test_needed_steps_are_not_left_out(me: Office, name: str) -> None:
    done = await me.apply(plan(name), without={"project", "service account", "key"})
    assert Outcome.LEFT_OUT not in done.outcomes.values()


async def test_what_waiting_cures_is_tried_again(me: Office, name: str) -> None:
    busy = replace(explain("rate-limited"), wait=7.0)
    refusing = Refusing(me.means.admin, "make_project", busy)
    done: list[Any] = []
    async with aclosing(apply(plan(name), me.but(admin=refusing).means)) as events:
        async for event in events:
            done.append(event)
            if isinstance(event, Waiting):
                assert event.seconds == 7.0
                refusing.trouble = None
    assert [type(event).__name__ for event in done[1:4]] == ["Began", "Waiting", "Done"]
    assert me.slept == [7.0]
    refusing.trouble = busy
    assert (await me.but(admin=refusing).apply(plan(f"{name} 2"))).stuck.trouble == busy
    assert len(refusing.calls) == 2 + 3


# ---- what the platform refuses ------------------------------------------------------------------------------------


async def test_a_project_key_is_no_admin_key(service: Practice, tmp_path: Path, name: str) -> None:
    async with office(service, tmp_path / "me", secret=service.api_key) as me:
        stuck = (await me.apply(plan(name))).stuck
    assert stuck.done == ()
    assert stuck.trouble.id == "not-an-admin-key"
    assert "this is an OpenAI project key" in stuck.trouble.title
    assert stuck.trouble.exit is Exit.AUTHENTICATION


async def test_a_restricted_admin_key_may_look_and_not_make(me: Office, name: str) -> None:
    words = "You have insufficient permissions for this operation. Missing scopes: api.management.write."
    async with faulty_server() as server:
        empty = reply(200, {"object": "list", "data": [], "has_more": False})
        server.on("/organization/projects", empty)
        server.on("/organization/projects", error(403, words))
        admin = OpenAIAdmin(Secret(f"sk-admin-{'aB3dE6gH9j' * 5}"), server.base_url, HttpClients())
        stuck = (await me.but(admin=admin).apply(plan(name))).stuck
        await admin.close()
    assert (stuck.step.name, stuck.trouble.id, stuck.trouble.exit) == (
        "project",
        "not-an-admin-key",
        Exit.AUTHENTICATION,
    )
    assert "api.management.write" in stuck.trouble.detail


async def test_a_revoked_admin_key(me: Office, service: Practice, organization: Organization, name: str) -> None:
    made = organization.api.admin_api_keys.create(name=name)
    admin = OpenAIAdmin(Secret(made.value), service.base_url, HttpClients())
    mine = me.but(admin=admin)
    assert (await mine.apply(plan(name), without={"check"})).finished
    organization.api.admin_api_keys.delete(made.id)
    with pytest.raises(Refused) as caught:
        await differences(plan(name), mine.means)
    assert caught.value.trouble.title == "The platform does not know this admin key."
    assert "ChatGPT" in caught.value.trouble.remedy
    stuck = (await mine.undo()).stuck
    assert stuck.trouble.exit is Exit.AUTHENTICATION
    assert stuck.done == ()
    await admin.close()
    assert (await me.undo()).finished
    assert organization.projects(name) == []


async def test_the_default_project_takes_no_service_accounts(tmp_path: Path) -> None:
    with practice_service(tmp_path, "--rate", "max") as service:
        organization = Organization(service)
        (default,) = organization.projects("Default project")
        organization.api.projects.update(default, name="mine")
        before = organization.settings(default)
        async with office(service, tmp_path / "me") as me:
            stuck = (await me.apply(plan("mine"))).stuck
            assert (stuck.step.name, stuck.trouble.id) == ("service account", "default-project")
            assert stuck.step.needed
            assert (await me.undo()).finished
        assert organization.settings(default) == before
        organization.close()


async def test_a_project_that_is_archived_meanwhile(me: Office, organization: Organization, name: str) -> None:
    class Archiving(Refusing):
        """Archives the project as soon as it is there."""

        def __getattr__(self, method: str) -> Any:
            found = super().__getattr__(method)
            if method != "make_project":
                return found

            async def made(*args: Any, **named: Any) -> Any:
                project = await found(*args, **named)
                organization.api.projects.archive(project.id)
                return project

            return made

    stuck = (await me.but(admin=Archiving(me.means.admin, "none", None)).apply(plan(name))).stuck
    assert (stuck.step.name, stuck.trouble.id) == ("models", "project-archived")
    # Another project of that name is not what the first half was done to.
    again = (await me.apply(plan(name))).stuck
    assert (again.step.name, again.trouble.id) == ("project", "not-there")
    assert (await me.undo()).finished
    assert (await me.apply(plan(name))).finished


async def test_another_organisation_is_told_apart(me: Office, name: str, tmp_path: Path) -> None:
    """A half-made plan and an admin key of somebody else's organisation: nothing is made there, nothing forgotten."""
    refusing = Refusing(me.means.admin, "make_key", CUT)
    assert (await me.but(admin=refusing).apply(plan(name))).stuck.step.name == "key"
    with practice_service(tmp_path, "--rate", "max") as other:
        elsewhere = OpenAIAdmin(Secret(other.admin_key), other.base_url, HttpClients())
        elsewhere.base_url = me.means.admin.base_url
        foreign = OpenAIAdmin(Secret(other.admin_key), other.base_url, HttpClients())
        mine = me.but(admin=Elsewhere(foreign, me.means.admin.base_url))
        assert (await mine.apply(plan(name))).stuck.trouble.id == "not-there"
        assert (await mine.undo()).stuck.trouble.id == "not-there"
        assert [project.name for project in await foreign.projects()] == ["Default project"]
        await foreign.close()
        await elsewhere.close()
    assert (await me.undo()).finished


class Elsewhere:
    """Another organisation behind the same address."""

    def __init__(self, admin: AdminPort, base_url: str) -> None:
        self._admin, self.base_url = admin, base_url

    def __getattr__(self, name: str) -> Any:
        return getattr(self._admin, name)


async def test_two_projects_of_one_name(me: Office, organization: Organization, name: str) -> None:
    older = organization.api.projects.create(name=name).id
    organization.api.projects.create(name=name)
    done = await me.apply(plan(name))
    assert done.words["project"] == f"{older}; 2 projects have that name, this is the oldest"


async def test_models_that_do_not_exist(me: Office, organization: Organization, name: str) -> None:
    wanted = plan(name, permissions=Permissions("chat", ("gpt-none",)), default_model="gpt-none")
    stuck = (await me.apply(wanted)).stuck
    assert (stuck.step.name, stuck.trouble.id) == ("models", "model-not-found")
    assert "gpt-none" in stuck.trouble.detail
    assert (await me.undo()).finished
    stuck = (await me.apply(plan(name, rate_limits=(RateLimit("gpt-none", 5),)))).stuck
    assert "gpt-none" in stuck.trouble.title
    looked = await differences(plan(name, rate_limits=(RateLimit("gpt-none", 5),)), me.means)
    assert ("rate gpt-none", stuck.trouble.title) in [(each.what, each.now) for each in looked]
    done = await me.apply(plan(name, rate_limits=(RateLimit("gpt-none", 5),)), without={stuck.step.name})
    assert done.finished


async def test_the_check_of_the_new_key_is_patient(me: Office, name: str) -> None:
    """The platform needs a moment to know a new key everywhere."""

    class Late:
        def __init__(self) -> None:
            self.tries = 0

        async def key(self, *args: Any, **named: Any) -> AsyncGenerator[StageResult, None]:
            self.tries += 1
            late = self.tries < 3
            trouble = explain("invalid-key") if late else None
            yield StageResult(Stage.MODELS, Verdict.FAILED if late else Verdict.PASSED, trouble=trouble)

        async def admin(self, secret: Secret, base_url: str) -> AsyncGenerator[StageResult, None]:
            raise AssertionError(base_url)
            yield

        async def route(self, base_url: str) -> AsyncGenerator[StageResult, None]:
            raise AssertionError(base_url)
            yield

    probe = Late()
    assert (await me.but(probe=probe).apply(plan(name))).finished
    assert (probe.tries, me.slept) == (3, [2.0, 4.0])


async def test_a_key_that_does_not_pass_is_kept_and_said(me: Office, organization: Organization, name: str) -> None:
    wanted = plan(name, permissions=Permissions("chat"), default_model="gpt-none")
    stuck = (await me.apply(wanted)).stuck
    assert (stuck.step.name, stuck.trouble.id) == ("check", "model-not-found")
    assert len(me.keys.records()) == 1
    assert [step.name for step in stuck.not_done] == ["check"]
    done = await me.apply(wanted, without={"check"})
    assert done.record == me.keys.records()[0]


# ---- what cannot be stored or noted -------------------------------------------------------------------------------


class Failing(SessionVault):
    """A place that takes no key."""

    place = Place.KEYRING

    def __init__(self, why: VaultTrouble) -> None:
        super().__init__()
        self._why = why

    async def keep(self, key_id: str, secret: Secret) -> None:
        raise self._why


@pytest.mark.parametrize("why", [VaultLocked("It is locked: unlock it."), VaultSilent("No answer: try again.")])
async def test_a_key_that_cannot_be_stored_is_revoked(
    me: Office, organization: Organization, name: str, why: VaultTrouble
) -> None:
    keys = Keys(me.home.paths, {Place.KEYRING: Failing(why), Place.SESSION: SessionVault()}, me.home.clock)
    mine = me.but(keep=keys, place=Place.KEYRING)
    stuck = (await mine.apply(plan(name))).stuck
    assert (stuck.step.name, stuck.trouble.title, stuck.trouble.exit) == ("key", str(why), Exit.VAULT)
    assert "revoked again" in stuck.trouble.remedy
    (project,) = organization.projects(name)
    assert organization.keys(project) == []
    assert keys.records() == ()
    assert (await me.apply(plan(name))).finished
    assert len(organization.keys(project)) == 1


async def test_a_key_that_can_neither_be_stored_nor_revoked_is_revoked_later(
    me: Office, organization: Organization, name: str
) -> None:
    keys = Keys(me.home.paths, {Place.KEYRING: Failing(VaultLocked("It is locked."))}, me.home.clock)
    refusing = Refusing(me.means.admin, "revoke_key", CUT)
    stuck = (await me.but(keep=keys, place=Place.KEYRING, admin=refusing).apply(plan(name))).stuck
    assert "could not be revoked either" in stuck.trouble.remedy
    (project,) = organization.projects(name)
    (orphan,) = organization.keys(project)
    done = await me.apply(plan(name))
    assert "could not be stored any more and is revoked" in done.words["key"]
    (key,) = organization.keys(project)
    assert key.id != orphan.id


async def test_nothing_is_done_that_cannot_be_noted(me: Office, organization: Organization, name: str) -> None:
    folder = me.home.folder / "state"
    folder.write_text("a file where the folder should be")
    stuck = (await me.apply(plan(name))).stuck
    assert (stuck.trouble.id, stuck.done) == ("journal", ())
    assert organization.projects(name) == []


async def test_a_damaged_journal_is_named_and_left(me: Office, organization: Organization, name: str) -> None:
    await me.apply(plan(name))
    file = me.home.folder / "state" / "plan.json"
    file.write_text("{")
    for done in (await me.apply(plan(name)), await me.undo()):
        assert str(file) in done.stuck.trouble.title
    assert file.read_text() == "{"


async def test_two_keytui_do_not_apply_at_the_same_time(me: Office, organization: Organization, name: str) -> None:
    async with aclosing(apply(plan(name), me.means)) as events:
        async for event in events:
            if isinstance(event, Began) and event.step.name == "models":
                break
        other = me.but(journal=ApplyJournal(me.home.folder / "state" / "plan.json"))
        assert "another keytui" in (await other.apply(plan(name))).stuck.trouble.title.lower()
    assert (await me.apply(plan(name))).finished
    assert len(organization.projects(name)) == 1


async def test_an_application_that_is_cancelled_goes_on_later(
    me: Office, organization: Organization, name: str
) -> None:
    task: asyncio.Task[Applied]

    class Leaving(Refusing):
        def __getattr__(self, method: str) -> Any:
            if method == "make_key":
                task.cancel()
            return super().__getattr__(method)

    task = asyncio.create_task(me.but(admin=Leaving(me.means.admin, "none", None)).apply(plan(name)))
    with pytest.raises(asyncio.CancelledError):
        await task
    left = unfinished(me.means.journal)
    assert left is not None
    assert left.not_done[0].name == "key"
    done = await me.apply(plan(name))
    assert done.finished
    assert len(organization.keys(organization.projects(name)[0])) == 1


async def test_a_stored_key_whose_characters_are_lost_is_not_adopted(
    me: Office, organization: Organization, name: str
) -> None:
    first = await me.apply(plan(name))
    for file in me.home.paths.data.glob("vault*"):
        file.unlink()
    second = await me.but(keep=await me.home.open()).apply(plan(name))
    assert second.outcomes["key"] is Outcome.MADE
    assert second.record.id != first.record.id


async def test_no_secret_is_in_the_journal_or_in_any_event(me: Office, service: Practice, name: str) -> None:
    done = await me.apply(plan(name, alerts=(Decimal(5),)))
    secret = (await me.keys.secret(done.record)).reveal()
    written = (me.home.folder / "state" / "plan.json").read_text()
    for text in (written, repr(done.events)):
        assert secret not in text
        assert service.admin_key not in text
        assert secret[-30:] not in text
    assert (me.home.folder / "state" / "plan.json").stat().st_mode & 0o777 == 0o600
