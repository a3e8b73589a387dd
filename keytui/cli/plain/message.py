"""Step 5: the first message: its tokens and its cost before, the answer, what was billed."""

from __future__ import annotations

import sys
from contextlib import aclosing
from decimal import Decimal
from uuid import uuid4

from keytui.cli.plain.talk import Talk
from keytui.domain.advice import COMPARED
from keytui.domain.chat import Delta, Failed, Refused, Waiting
from keytui.domain.keys import KeyRecord
from keytui.domain.ledger import Entry
from keytui.domain.meter import DEFAULT_MAX_OUTPUT
from keytui.domain.money import at_most, dollars, tokens
from keytui.domain.overhead import message_overhead
from keytui.domain.question import ChatMessage, Parameters, Question
from keytui.domain.safe_text import safe_text
from keytui.domain.setup import SUGGESTED_MESSAGE, Progress
from keytui.domain.setup_words import NO_ANSWERS, NO_KEY, beside_the_words
from keytui.domain.turn import Booked
from keytui.domain.usage import Mark, Usage


async def message(talk: Talk, progress: Progress) -> Progress:
    """One question, one answer, booked like any other; another one when it is wanted."""
    services = talk.services
    key = next((record for record in services.keys.records() if record.id == progress.key_id), services.keys.active())
    if key is None or progress.plan.permissions.preset == "embeddings":
        talk.say(NO_KEY if key is None else NO_ANSWERS)
        await talk.go_on()
        return progress
    model = await _model(talk, key, progress)
    answered = False
    while not answered or await talk.agree("Ask something else?", default=False):
        text = await talk.ask("Your message", SUGGESTED_MESSAGE)
        counted = (await services.count([text], model))[0]
        sent = await _cost(talk, key, model, Usage(input=counted + message_overhead(1)))
        most = await _cost(talk, key, model, Usage(output=DEFAULT_MAX_OUTPUT))
        talk.say(
            f"{tokens(counted, Mark.ESTIMATED)} tokens to {model}: {dollars(sent)} for them, and up to "
            f"{at_most(most)} for the answer."
        )
        if await talk.agree("Send it?"):
            answered = await _answer(talk, key, model, text, counted)
        elif not answered and not await talk.agree("Another message?"):
            return progress
    return progress


async def _model(talk: Talk, key: KeyRecord, progress: Progress) -> str:
    """The model that answers: the usual one, or another that this key may use."""
    wanted = key.default_model or progress.plan.default_model
    try:
        listed = [model.id for model in await (await talk.services.gateway(key)).models()]
    except Refused as refused:
        talk.trouble(refused.trouble)
        return wanted
    if not listed or wanted in listed:
        return wanted
    return next((model for model in COMPARED if model in listed), listed[0])


async def _cost(talk: Talk, key: KeyRecord, model: str, usage: Usage) -> Decimal | None:
    prices = await talk.services.prices()
    cost = prices.cost(model, usage, tier=None, at=talk.services.now(), base_url=key.base_url)
    return None if cost is None else cost.total


async def _answer(talk: Talk, key: KeyRecord, model: str, text: str, counted: int) -> bool:
    """Pass the answer to a text of so many tokens on as it comes; whether there was one."""
    question = Question(
        model=model,
        messages=(ChatMessage("user", text),),
        parameters=Parameters(max_output=DEFAULT_MAX_OUTPUT, verbosity="low"),
    )
    events = talk.services.take_turn(question, key=key, conversation=f"setup-{uuid4().hex[:12]}", app="set-up")
    some = failed = False
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Delta):
                sys.stdout.write(safe_text(event.text))
                sys.stdout.flush()
                some = True
            elif isinstance(event, Waiting):
                talk.say(f"{event.trouble.title} Asking again in {max(1, round(event.seconds))} s.")
            elif isinstance(event, Failed):
                failed = True
                talk.trouble(event.trouble)
            elif isinstance(event, Booked):
                if some:
                    sys.stdout.write("\n")
                    sys.stdout.flush()
                await _billed(talk, key, event.entry, counted)
    if not some and not failed:
        talk.say("The answer was empty: the model used all its tokens for thinking. Ask again.")
    return some and not failed


async def _billed(talk: Talk, key: KeyRecord, entry: Entry, counted: int) -> None:
    """What it took and cost, and what it would have cost elsewhere."""
    usage = entry.usage
    if not usage.total:
        return
    cost = None if entry.cost is None else entry.cost.total
    word = "billed" if usage.mark is Mark.BILLED else "estimated"
    talk.say(f"{usage.input:,} tokens in, {usage.output:,} out: {dollars(cost)} {word}.")
    if usage.mark is Mark.BILLED and (more := beside_the_words(usage, counted)):
        talk.say(more)
    others = [model for model in COMPARED if model != entry.model][:2]
    costs = [f"{model} {dollars(await _cost(talk, key, model, usage))}" for model in others]
    talk.say(f"The same on {', on '.join(costs)}.")
