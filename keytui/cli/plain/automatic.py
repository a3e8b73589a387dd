"""Step 4 with an admin key: the whole plan, then what it would change, then each step as it is done."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from keytui.cli.keys.places import prepare
from keytui.cli.plain.address import ask_address
from keytui.cli.plain.talk import Back, Leave, Talk
from keytui.cli.plan.words import half_made
from keytui.domain.addresses import host_of
from keytui.domain.admin_troubles import ASK_AN_OWNER, letter_to_owner, wrong_admin_key
from keytui.domain.apply.events import Done, Finished, Probed, Stuck, Waiting
from keytui.domain.apply.events import Progress as Event
from keytui.domain.apply.run import Means
from keytui.domain.apply.unfinished import HalfMade, Unfinished, unfinished
from keytui.domain.applying import apply, differences, undo
from keytui.domain.chat import Refused
from keytui.domain.found import FoundKey
from keytui.domain.keeping import keep_admin_key
from keytui.domain.keys import KeyKind, KeyRecord, Place, VaultTrouble
from keytui.domain.paste import clean
from keytui.domain.places import KEPT, places_here
from keytui.domain.plan import SetupPlan
from keytui.domain.plan_lines import lines
from keytui.domain.plan_rules import problem_of
from keytui.domain.secrets import Secret
from keytui.domain.setup import Progress
from keytui.domain.setup_words import ADMIN_KEY
from keytui.domain.troubles import Trouble
from keytui.domain.troubles.pages import address


@dataclass(frozen=True, slots=True)
class _Given:
    """What was entered."""

    secret: Secret
    base_url: str
    place: Place
    keep: bool
    """Whether the admin key itself is kept afterwards."""


async def automatic(talk: Talk, progress: Progress) -> Progress:
    """Ends with a stored key, or with a plan that is left half made and noted so. Raises ``Back`` and ``Leave``."""
    left = unfinished(await talk.services.journal())
    back = left is not None and await _take_back(talk, left)
    plan = progress.plan if left is None else left.plan
    if left is None:
        talk.say("The plan:")
        talk.rows([(line.what, line.value) for line in lines(plan)])
        if problem := problem_of(plan):
            talk.say(problem)
            raise Back
        await talk.go_on()
    while True:
        given = await _admin_key(talk, left)
        means = await talk.services.means(given.secret, given.base_url, given.place)
        try:
            if left is None and not await _agreed(talk, plan, means):
                continue
            record = await _work(talk, plan, means, back=back)
        except HalfMade as other:
            # Another keytui began a plan after this one had looked.
            talk.say(half_made(other.unfinished))
            raise Leave from None
        finally:
            await means.admin.close()
        if record is None:
            talk.say("All of it is taken back. The platform archives projects, it deletes none.")
            raise Back
        return replace(progress, plan=plan, key_id=await _settle(talk, record, given))


async def _take_back(talk: Talk, left: Unfinished) -> bool:
    """What is done about a plan that was left half made: whether it is taken back."""
    talk.say(half_made(left))
    if left.undoing:
        return True
    ways = [(False, "finish it", ""), (True, "take it back", "revoke, delete, put back, archive")]
    return await talk.choose("What is to be done?", ways)


async def _admin_key(talk: Talk, left: Unfinished | None) -> _Given:
    """The admin key, the organisation's address, and where the new key is kept."""
    talk.say(ADMIN_KEY)
    services = talk.services
    found = await services.look_around()
    stored = [record for record in services.keys.records() if record.kind is KeyKind.ADMIN]
    choices: list[tuple[KeyRecord | FoundKey | Secret | None, str, str]] = []
    begin = found.base_url
    if services.practice:
        handed = await services.practice_keys()
        choices.append((Secret(handed.admin_key), "the practice service's", ""))
        begin = handed.base_url
    choices += [(record, f"ending in {record.last4}", f"stored as “{record.name}”") for record in stored]
    choices += [(key, f"ending in {key.last4}", f"from {key.where}") for key in found.keys if key.kind is KeyKind.ADMIN]
    choices.append((None, "paste it", f"owners make one at {address('admin-keys')}"))
    while True:
        source = await talk.choose("Which admin key?", choices) if len(choices) > 1 else None
        if len(choices) == 1:
            talk.say(f"Only owners of the organisation can make one: {address('admin-keys')}")
        if isinstance(source, KeyRecord):
            base_url = source.base_url
        elif left is not None:
            base_url = left.base_url
        else:
            base_url = await ask_address(talk, "Which address is the organisation at?", begin)
        if left is not None and base_url != left.base_url:
            talk.say(f"That plan was for {left.base_url}: take that organisation's admin key.")
            continue
        try:
            secret = await _characters(talk, source)
        except VaultTrouble as closed:
            talk.say(str(closed))
            continue
        if (trouble := wrong_admin_key(secret, base_url)) is not None:
            talk.say(f"{trouble.title} {trouble.remedy}")
            continue
        secret = clean(secret.reveal(), base_url=base_url).secret
        place = await _place(talk)
        kept = not isinstance(source, KeyRecord) and await talk.agree(
            "Keep the admin key afterwards, where the new key is?", default=False
        )
        return _Given(secret, base_url, place, kept)


async def _characters(talk: Talk, source: KeyRecord | FoundKey | Secret | None) -> Secret:
    if isinstance(source, KeyRecord):
        await prepare(talk.services.keys, source.place, None)
        return await talk.services.keys.secret(source)
    if isinstance(source, FoundKey):
        return source.secret
    return source if source is not None else await talk.secret("Paste the admin key")


async def _place(talk: Talk) -> Place:
    """Where the new key is kept, ready to take it."""
    keys = talk.services.keys
    while True:
        here = await places_here(keys, passing=talk.services.practice)
        if here.missing:
            talk.say(here.missing)
        choices = here.choices
        place = choices[0][0] if len(choices) == 1 else await talk.choose("Where is the new key kept?", choices)
        if remark := here.remark(place):
            talk.say(remark)
        try:
            await prepare(keys, place, None)
        except VaultTrouble as trouble:
            talk.say(str(trouble))
            continue
        for sentence in await keys.heal():
            talk.say(sentence)
        return place


async def _agreed(talk: Talk, plan: SetupPlan, means: Means) -> bool:
    """Show what applying would make or change; whether the user wants it. False: another admin key is needed."""
    there = host_of(means.admin.base_url)
    try:
        found = await differences(plan, means)
    except Refused as refused:
        _tell(talk, refused.trouble, plan)
        talk.say("Nothing was made or changed.")
        return False
    if found:
        talk.say(f"At {there} this is to be made or changed, and nothing else:")
        talk.rows([(each.what, f"{each.planned}, now {each.now}") for each in found])
    else:
        talk.say(f"Everything is there as planned at {there}; only the key is looked for and checked.")
    if await talk.agree("Do it?"):
        return True
    talk.say("Nothing was made or changed.")
    raise Back


async def _work(talk: Talk, plan: SetupPlan, means: Means, *, back: bool) -> KeyRecord | None:
    """Apply the plan or take it back, until that is done; the stored key, None after taking back. Raises ``Leave``."""
    without: set[str] = set()
    while True:
        ended = await _follow(talk, undo(means) if back else apply(plan, means, without=without))
        if isinstance(ended, Finished):
            return ended.record
        _tell(talk, ended.trouble, plan)
        if ended.not_done[1:]:
            talk.say(f"Not done either: {', '.join(step.title for step in ended.not_done[1:])}.")
        ways = [("again", "try again", "")]
        if not back and not ended.step.needed:
            ways.append(("without", "go on without this step", ""))
        if not back:
            ways.append(("undo", "take back what was done", ""))
        ways.append(("leave", "leave it", "it is noted, and the same command goes on there"))
        way = await talk.choose("What now?", ways)
        if way == "leave":
            raise Leave
        if way == "without":
            without.add(ended.step.name)
        back = back or way == "undo"


def _tell(talk: Talk, trouble: Trouble, plan: SetupPlan) -> None:
    """What stopped it; where only an owner can help, a letter that asks for it."""
    talk.trouble(trouble)
    if trouble.id in ASK_AN_OWNER:
        talk.say(f"To send to an owner: {letter_to_owner(plan)}")


async def _follow(talk: Talk, progress: AsyncGenerator[Event, None]) -> Finished | Stuck:
    """Say each step as it is done; how it ended."""
    async with aclosing(progress) as events:
        async for event in events:
            match event:
                case Probed(_, stage):
                    talk.stage(stage)
                case Waiting(_, seconds, trouble):
                    talk.say(f"{trouble.title} Again in {seconds:.0f} s.")
                case Done(step, outcome, words):
                    talk.say(f"{step.title}: {outcome.value}{f' ({words})' if words else ''}")
                case Stuck(step=step):
                    talk.say(f"{step.title}: not done.")
                    return event
                case Finished():
                    return event
    raise AssertionError("a plan's events end with Finished or Stuck")


async def _settle(talk: Talk, record: KeyRecord, given: _Given) -> str:
    """Make the new key the one in use, keep the admin key if that was wanted, and say where both are; the key's id."""
    keys = talk.services.keys
    keys.activate(record.id)
    talk.say(f"Kept as “{record.name}” ending in {record.last4}, {KEPT[record.place]}.")
    if not given.keep:
        talk.say("The admin key is forgotten.")
        return record.id
    try:
        kept = await keep_admin_key(keys, given.secret, given.base_url, place=given.place, now=talk.services.now())
        talk.say(f"The admin key is kept there too, as “{kept.name}”.")
    except VaultTrouble as trouble:
        talk.say(f"The admin key is forgotten: {trouble}")
    return record.id
