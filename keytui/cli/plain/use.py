"""Step 6: how other programs use the key, where everything is, and what to look at in a month."""

from __future__ import annotations

from datetime import timedelta

from keytui.cli.plain.talk import Talk
from keytui.domain.keys import OPENAI_BASE_URL
from keytui.domain.money import dollars
from keytui.domain.places import KEPT
from keytui.domain.setup import REVIEW_DAYS, Progress
from keytui.domain.setup_words import FOR_REAL, PRACTISED
from keytui.domain.snippets import snippets


async def use(talk: Talk, progress: Progress) -> Progress:
    """The last step."""
    keys, plan = talk.services.keys, progress.plan
    key = next((record for record in keys.records() if record.id == progress.key_id), keys.active())
    for snippet in snippets(
        key_name=key.name if key else plan.key.name,
        base_url=key.base_url if key else OPENAI_BASE_URL,
        model=(key and key.default_model) or plan.default_model,
        embeddings=plan.permissions.preset == "embeddings",
    ):
        talk.say(f"{snippet.name}: {snippet.note}")
        talk.exactly(f"\n{snippet.text}\n")
    if key is None:
        talk.say("There is no key yet; this walk leads to one.")
    else:
        named = f"“{key.name}” ending in {key.last4}" if key.last4 else f"“{key.name}”"
        talk.say(f"Your key: {named}, {PRACTISED if talk.services.practice else KEPT[key.place]}.")
    if talk.services.practice:
        talk.say(f"For real: {FOR_REAL}.")
    talk.say("The rest: “keytui paths” lists every file that keytui keeps.")
    day = talk.services.now().astimezone() + timedelta(days=REVIEW_DAYS)
    cap = f"does the cap of {dollars(plan.cap)} fit" if plan.cap is not None else "is a cap needed"
    talk.say(f"To look at on {day.day} {day:%B}: was it used, {cap}, when does it expire?")
    await talk.ask("Enter ends set-up")
    return progress
