"""The six steps in their order: the same plan, the same checks and the same notes as on the screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial

from keytui.cli.backstage import Backstage
from keytui.cli.keys.places import prepare
from keytui.cli.plain.account import account
from keytui.cli.plain.automatic import automatic
from keytui.cli.plain.by_hand import by_hand
from keytui.cli.plain.message import message
from keytui.cli.plain.project import project
from keytui.cli.plain.talk import HELP, Back, Leave, Skip, Talk
from keytui.cli.plain.use import use
from keytui.cli.plain.you import Practise, you
from keytui.domain.apply.unfinished import unfinished
from keytui.domain.keys import Place, StoreUnreadable, VaultTrouble
from keytui.domain.setup import OWN, Progress, Step
from keytui.domain.setup_words import words_of

STEPS: Mapping[Step, Callable[[Talk, Progress], Awaitable[Progress]]] = {
    Step.YOU: you,
    Step.ACCOUNT: account,
    Step.PROJECT: project,
    Step.KEY: by_hand,
    Step.MESSAGE: message,
    Step.USE: use,
}


async def walk(*, practice: bool, ascii_only: bool) -> bool:
    """Go through all steps, or as far as the user wants; whether it is to begin again on the practice service.

    Raises ``VaultTrouble`` and ``StoreUnreadable``.
    """
    services = Backstage(practice=practice, offline=False)
    try:
        await services.start()
        talk = Talk(services, ascii_only=ascii_only)
        services.keys.when_locked = partial(_open_the_file, talk)
        for sentence in await services.keys.heal():
            talk.say(sentence)
        talk.say(f"keytui set-up, line by line{', practice' if practice else ''}. {HELP}")
        return await _through(talk, await _begin(talk))
    finally:
        await services.close()
        services.end()


async def _open_the_file(talk: Talk) -> bool:
    """Ask for the passphrase of the encrypted file, where a key in it is needed; whether it is open now."""
    try:
        await prepare(talk.services.keys, Place.FILE, None)
    except VaultTrouble as trouble:
        talk.say(str(trouble))
        return False
    return True


async def _begin(talk: Talk) -> Progress:
    """Where the walk begins: at a plan that was left half made, where it was left, or at the first step."""
    services = talk.services
    kept = services.progress.load()
    progress = kept or Progress()
    if unfinished(await services.journal()) is not None:
        return replace(progress, way=OWN.name, step=Step.KEY)
    if kept is not None and kept.step is not Step.YOU:
        talk.say("Taken up where you left it; “back” leads to the earlier steps.")
    return progress


async def _through(talk: Talk, progress: Progress) -> bool:
    store = talk.services.progress
    while True:
        talk.progress = progress
        words, step = words_of(progress), progress.step
        talk.say(f"\nStep {step.number} of {len(Step)}: {words.heading}\n{words.why}\n")
        view = automatic if step is Step.KEY and progress.automatic else STEPS[step]
        try:
            done = await view(talk, progress)
            if done.last:
                return _over(talk)
            progress = done.forward()
        except Back:
            # What was chosen in the step so far is kept, as on the screen.
            progress = talk.progress.back()
        except Skip:
            if talk.progress.last:
                return _over(talk)
            progress = talk.progress.forward(skipping=True)
        except Practise:
            return True
        except Leave:
            store.save(talk.progress)
            if talk.services.settings.load().setup == "open":
                _note(talk, "dismissed")
            talk.say("\nHow far you have come is kept: the same command goes on there.")
            return False
        store.save(progress)


def _over(talk: Talk) -> bool:
    """The walk is done; it is not to begin again on the practice service."""
    talk.services.progress.forget()
    _note(talk, "finished")
    return False


def _note(talk: Talk, setup: str) -> None:
    """Keep how set-up ended, so that the app does not begin with it again by itself."""
    try:
        talk.services.settings.save(replace(talk.services.settings.load(), setup=setup))
    except StoreUnreadable as trouble:
        talk.say(str(trouble))
