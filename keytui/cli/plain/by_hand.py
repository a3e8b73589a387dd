"""Step 4 with a key that is pasted, and made on the platform's pages first if need be."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from keytui.cli.keys.places import prepare
from keytui.cli.plain.address import ask_address
from keytui.cli.plain.talk import Talk
from keytui.domain import proof
from keytui.domain.addresses import host_of
from keytui.domain.checklist import Item, checklist, proved
from keytui.domain.found import FoundKey
from keytui.domain.keeping import Candidate, Checked, free_name, keep, known_as
from keytui.domain.key_edit import NotFitting, fitting_name
from keytui.domain.keys import KeyKind, KeyRecord, VaultTrouble
from keytui.domain.money import at_most
from keytui.domain.paste import clean
from keytui.domain.places import KEPT, places_here
from keytui.domain.probe import Stage, StageResult, Verdict
from keytui.domain.secrets import Secret
from keytui.domain.setup import Progress
from keytui.domain.setup_words import BY_HAND
from keytui.domain.troubles.pages import address

PASTE = "paste it"


async def by_hand(talk: Talk, progress: Progress) -> Progress:
    """The checklist up to the key, the key with its check and its place, then the rest of the checklist."""
    items = checklist(progress.plan) if progress.guided else ()
    at = next((number for number, item in enumerate(items) if item.name == "key"), 0)
    if items:
        talk.say(BY_HAND)
    for number, item in enumerate(items[: at + 1], 1):
        progress = await _item(talk, progress, item, f"{number} of {len(items)}")
    progress, results = await _key(talk, progress, items)
    for number, item in enumerate(items[at + 1 :], at + 2):
        if item.name not in progress.ticked and item.proof is not Stage.PAID:
            progress = await _item(talk, progress, item, f"{number} of {len(items)}")
    return await _prove(talk, progress, results, items)


async def _item(talk: Talk, progress: Progress, item: Item, number: str) -> Progress:
    """One thing to do there, and whether it is done."""
    if item.name in progress.ticked:
        talk.say(f"{number}: {item.title}: done.")
        return progress
    talk.say(f"{number}: {item.title}. {item.why}")
    talk.exactly(address(item.page))
    talk.rows(item.entries)
    if await talk.agree("Is it done?"):
        progress = replace(progress, ticked=(*progress.ticked, item.name))
    talk.keep(progress)
    return progress


async def _key(talk: Talk, progress: Progress, items: tuple[Item, ...]) -> tuple[Progress, tuple[StageResult, ...]]:
    """A key that is stored, and the stages of its check."""
    while True:
        candidate = await _candidate(talk)
        results, checked = await _check(talk, candidate, progress.plan.default_model)
        if checked.trouble is not None:
            choices = [("again", "try again", ""), ("another", "take another key", "")]
            if not checked.refused:
                choices.append(("keep", "keep it anyway", "although its check did not come to an end"))
            way = await talk.choose("What now?", choices, 1 if checked.refused else 0)
            while way == "again":
                results, checked = await _check(talk, candidate, progress.plan.default_model)
                if checked.trouble is None:
                    break
                way = await talk.choose("What now?", choices, 1 if checked.refused else 0)
            if way == "another":
                continue
        record = await _keep(talk, progress, candidate, checked)
        ticked = tuple(dict.fromkeys((*progress.ticked, *proved(items, results))))
        progress = replace(progress, key_id=record.id, ticked=ticked)
        talk.keep(progress)
        return progress, results


async def _candidate(talk: Talk) -> Candidate:
    """A key that is pasted, or one that was found."""
    services = talk.services
    found = await services.look_around()
    ready, ready_address = None, None
    if services.practice:
        handed = await services.practice_keys()
        ready, ready_address = Secret(handed.api_key), handed.base_url
    choices: list[tuple[FoundKey | Secret | None, str, str]] = []
    if ready is not None:
        choices.append((ready, "the practice service's", f"ending in {ready.last4}"))
    choices += [(key, f"ending in {key.last4}", f"from {key.where}") for key in found.keys]
    choices.append((None, PASTE, ""))
    usable = [
        number
        for number, (key, _, _) in enumerate(choices)
        if isinstance(key, Secret) or (key is not None and key.place is not None and key.kind is not KeyKind.ADMIN)
    ]
    source = await talk.choose("Which key?", choices, (usable or [len(choices) - 1])[0]) if len(choices) > 1 else None
    begin = source.base_url if isinstance(source, FoundKey) else found.base_url
    base_url = await ask_address(talk, "Which address is the key for?", ready_address or begin)
    while True:
        if source is None:
            given = await talk.secret("Paste the key")
        else:
            given = source.secret if isinstance(source, FoundKey) else source
        pasted = clean(given.reveal(), base_url=base_url)
        problem = pasted.problem
        if problem is None and pasted.kind is KeyKind.ADMIN:
            problem = (
                "This is an admin key: it manages the organisation and cannot ask a model anything. A project key "
                "begins with sk-proj- or sk-svcacct-."
            )
        if problem is None:
            break
        talk.say(problem)
        source = None
    ending = f" ending in {pasted.secret.last4}" if pasted.secret.last4 else ""
    talk.say(" ".join(part for part in (f"{pasted.name}{ending}.", pasted.removed, *pasted.warnings) if part))
    for other in found.shadowing(pasted.secret)[:1]:
        talk.say(f"{other.where} holds another key (ending in {other.last4}), which other programs here use.")
    known = source if isinstance(source, FoundKey) else None
    return Candidate(pasted.secret, pasted.kind, pasted.name, base_url, known)


async def _check(talk: Talk, candidate: Candidate, model: str) -> tuple[tuple[StageResult, ...], Checked]:
    """Check it with everything that costs nothing."""
    talk.say(f"Checking it at {host_of(candidate.base_url)}:")
    checked, results = Checked(), list[StageResult]()
    prober = await talk.services.prober()
    async with aclosing(prober.key(candidate.secret, candidate.base_url, model=model)) as stages:
        async for result in stages:
            results.append(result)
            talk.stage(result)
            if result.verdict is Verdict.FAILED:
                checked = replace(checked, trouble=result.trouble)
            elif result.stage is Stage.MODELS:
                checked = replace(checked, accepted=True)
    if checked.trouble is not None:
        talk.trouble(checked.trouble)
    return tuple(results), checked


async def _keep(talk: Talk, progress: Progress, candidate: Candidate, checked: Checked) -> KeyRecord:
    """Say where the key will be kept, keep it, and say where it is."""
    services, keys = talk.services, talk.services.keys
    known = await known_as(keys, candidate)
    store = partial(keep, keys, candidate, progress, checked=checked, now=services.now(), background=asyncio.to_thread)
    if known is not None:
        record = await store(place=known.place, name=known.name)
        talk.say(f"keytui has this key already, as “{record.name}”, {KEPT[record.place]}. Your choices are noted.")
        return record
    name = await talk.read("Name of the key", free_name(progress.plan.key.name, keys.records()), _fitting)
    while True:
        here = await places_here(keys)
        choices = list(here.choices)
        if (there := candidate.readable_there) is not None and there.place is not None:
            choices.insert(0, (there.place, f"where it is: {there.where}", "read whenever it is needed"))
        if here.missing:
            talk.say(here.missing)
        place = await talk.choose("Where is it to be kept?", choices)
        if remark := here.remark(place):
            talk.say(remark)
        try:
            await prepare(keys, place, None)
            record = await store(place=place, name=name)
        except VaultTrouble as trouble:
            talk.say(f"Nothing is stored yet. {trouble}")
            continue
        how = "It is read from there whenever it is needed." if place.read_only else "It was written and read back."
        talk.say(f"Kept as “{record.name}”, {KEPT[record.place]}. {how}")
        return record


async def _prove(talk: Talk, progress: Progress, results: tuple[StageResult, ...], items: tuple[Item, ...]) -> Progress:
    """Offer what only a paid request proves, with its price."""
    services, model = talk.services, progress.plan.default_model
    record = next((record for record in services.keys.records() if record.id == progress.key_id), None)
    if record is None or any(result.verdict is Verdict.FAILED for result in results):
        return progress
    prices = await services.prices()
    most = proof.most(prices, model, at=services.now(), base_url=record.base_url)
    if most is None:
        return progress
    talk.say(proof.WOULD_PROVE)
    if not await talk.agree(f"Ask it, for {at_most(most)} at most?", default=False):
        return progress
    proving = proof.prove(
        record,
        model,
        prober=await services.prober(),
        prices=prices,
        ledger=await services.ledger(),
        keys=services.keys,
        now=services.now,
        background=asyncio.to_thread,
    )
    async with aclosing(proving) as stages:
        async for result in stages:
            talk.stage(result)
            if result.trouble is not None:
                talk.trouble(result.trouble)
            else:
                talk.say(proof.PROVED)
            progress = replace(progress, ticked=tuple(dict.fromkeys((*progress.ticked, *proved(items, [result])))))
    return progress


def _fitting(word: str) -> str:
    try:
        return fitting_name(word)
    except NotFitting as why:
        raise ValueError(str(why)) from None
