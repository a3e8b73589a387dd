"""Step 3: the project, what it may do and cost, and what that comes to in a month."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from keytui.cli.plain.talk import Back, Talk
from keytui.domain.advice import BATCH, COMPARED, alert_below, fitting_cap, month_costs
from keytui.domain.habits import begun, demand_of
from keytui.domain.money import dollars, plain
from keytui.domain.plan import Permissions, RateLimit, SetupPlan
from keytui.domain.plan_lines import expiry, listed, tiers
from keytui.domain.plan_rules import LONGEST_LIFE, LONGEST_NAME, problem_of
from keytui.domain.presets import PRESETS, TIERS, preset
from keytui.domain.setup import HAVE, Progress

NONE = "none"
"""What is typed for no limit."""

Question = Callable[[Talk, Progress], Awaitable[Progress]]


async def project(talk: Talk, progress: Progress) -> Progress:
    """One question after the other; "back" leads to the one before, and from the first to the step before."""
    questions = WITH_KEY if progress.way == HAVE.name else ALL
    at = 0
    while at < len(questions):
        try:
            progress = await questions[at](talk, progress)
        except Back:
            if not at:
                raise
            at -= 1
            continue
        talk.keep(progress)
        at += 1
    return progress


def _with(progress: Progress, plan: SetupPlan) -> Progress:
    return replace(progress, plan=plan)


async def _name(talk: Talk, progress: Progress) -> Progress:
    plan = progress.plan

    def named(word: str) -> SetupPlan:
        key = replace(plan.key, name=word, service_account=word)
        changed = replace(plan, project=replace(plan.project, name=word), key=key)
        # Only the name was said just now: what else may be wrong is asked for later.
        if problem := problem_of(replace(SetupPlan(), project=changed.project, key=changed.key)):
            raise ValueError(problem)
        return changed

    return _with(progress, await talk.read(f"Name, at most {LONGEST_NAME} characters", plan.project.name, named))


async def _description(talk: Talk, progress: Progress) -> Progress:
    said = await talk.ask("Description: what it is; enter for none", progress.plan.project.description)
    return _with(progress, progress.plan.with_project(description=said))


async def _intended_use(talk: Talk, progress: Progress) -> Progress:
    said = await talk.ask("Used by whom, for what; enter for nothing", progress.plan.project.intended_use)
    return _with(progress, progress.plan.with_project(intended_use=said))


async def _preset(talk: Talk, progress: Progress) -> Progress:
    plan, names = progress.plan, [row.name for row in PRESETS]
    choices = [(row, row.title, f"{row.says}; {listed(row.models, empty='every model')}") for row in PRESETS]
    row = await talk.choose("What may the key do?", choices, names.index(plan.permissions.preset))
    if row.name == plan.permissions.preset:
        return progress
    return _with(
        progress,
        replace(
            plan,
            permissions=Permissions(row.name, row.models, row.hosted_tools, row.service_tiers),
            key=replace(plan.key, scopes=row.scopes, expires_days=row.expires_days),
            default_model=row.default_model,
        ),
    )


async def _model(talk: Talk, progress: Progress) -> Progress:
    plan = progress.plan
    models = preset(plan.permissions.preset).models or COMPARED
    at = models.index(plan.default_model) if plan.default_model in models else 0
    chosen = await talk.choose("Which model is asked usually?", [(model, model, "") for model in models], at)
    return _with(progress, replace(plan, default_model=chosen))


async def _tiers(talk: Talk, progress: Progress) -> Progress:
    plan = progress.plan
    choices, now = list(TIERS), plan.permissions.service_tiers
    if now not in [names for names, _, _ in choices]:
        choices.append((now, tiers(now), ""))
    at = [names for names, _, _ in choices].index(now)
    chosen = await talk.choose("Which service tiers may be used?", choices, at)
    return _with(progress, replace(plan, permissions=replace(plan.permissions, service_tiers=chosen)))


async def _habit(talk: Talk, progress: Progress) -> Progress:
    """What it will cost: asked for, reckoned, and the smallest plan that fits."""
    services = talk.services
    habit = await begun(
        progress, keys=services.keys, ledger=await services.ledger(), now=services.now(), background=asyncio.to_thread
    )
    talk.say("What will it cost? Three questions at most, then the month on three models.")
    if habit.measured:
        talk.say(
            f"Your ledger says {habit.messages_a_day:,} requests a day, of {habit.sent:,} tokens in "
            f"({habit.cached:,} cached) and {habit.answer:,} out each."
        )
    wanted = "A message like yours; enter reckons with your ledger" if habit.sent else "A message like yours"
    message = await talk.ask(wanted, habit.message)
    messages = await talk.read("Messages like this a day", str(habit.messages_a_day), _whole)
    habit = replace(habit, message=message, messages_a_day=messages)
    if not habit.measured:
        together = await talk.read("Messages in each conversation", str(habit.together), _whole)
        habit = replace(habit, together=max(together, 1))
    demand = demand_of(habit, (await services.count([message], COMPARED[0]))[0])
    months = month_costs(demand, prices=await services.prices(), now=services.now())
    talk.say(f"About {demand.message:,} tokens in and {demand.answer:,} out for each message. In a month:")
    for month in months:
        ways = [f"{dollars(month.amount)} Standard"]
        ways += [f"{dollars(cost)} {way}" for way, cost in (("Flex", month.flex), ("Batch", month.batch)) if cost]
        saved = f"; the cache saves {dollars(month.saved)} of it" if month.saved else ""
        talk.say(f"- {month.model}: {', '.join(ways)}{saved}")
    talk.say(f"{BATCH} Enough: {months[0].model} and a cap of {dollars(fitting_cap(months[0].amount))} a month.")
    return replace(progress, habit=habit)


async def _cap(talk: Talk, progress: Progress) -> Progress:
    plan = progress.plan
    cap = await talk.read(f"Cap, USD a month, or {NONE}", _written(plan.cap), _amount)
    alert = None if cap is None else alert_below(cap)
    changed = cap != plan.cap
    alerts = plan.alerts if not changed else () if alert is None else (alert,)
    return _with(progress, replace(plan, cap=cap, spend_limit=cap, alerts=alerts))


async def _alert(talk: Talk, progress: Progress) -> Progress:
    plan = progress.plan

    def alerted(word: str) -> SetupPlan:
        amount = _amount(word)
        changed = replace(plan, alerts=() if amount is None else (amount,))
        if problem := problem_of(replace(SetupPlan(), alerts=changed.alerts, spend_limit=plan.spend_limit)):
            raise ValueError(problem)
        return changed

    shown = _written(plan.alerts[0] if plan.alerts else None)
    return _with(progress, await talk.read(f"The platform mails at, USD a month, or {NONE}", shown, alerted))


async def _rates(talk: Talk, progress: Progress) -> Progress:
    plan = progress.plan
    now = plan.rate_limits[0] if plan.rate_limits else RateLimit("")
    figures = []
    for what, figure in (("Requests", now.requests_per_minute), ("Tokens", now.tokens_per_minute)):
        shown = NONE if figure is None else str(figure)
        asked = f"{what} a minute at most, or {NONE} to leave the limit as it is"
        figures.append(await talk.read(asked, shown, lambda word: None if word == NONE else _whole(word) or None))
    if figures == [None, None]:
        return _with(progress, replace(plan, rate_limits=()))
    models = plan.permissions.models or (plan.default_model,)
    return _with(progress, replace(plan, rate_limits=tuple(RateLimit(model, *figures) for model in models)))


async def _expiry(talk: Talk, progress: Progress) -> Progress:
    plan = progress.plan

    def days(word: str) -> int | None:
        if word == "never":
            return None
        number = _whole(word)
        if not 1 <= number <= LONGEST_LIFE:
            raise ValueError(f"Type a number of days from 1 to {LONGEST_LIFE}, or never.")
        return number

    shown = "never" if plan.key.expires_days is None else str(plan.key.expires_days)
    chosen = await talk.read("The key expires after how many days, or never", shown, days)
    talk.say(f"The key expires {expiry(chosen)}.")
    return _with(progress, replace(plan, key=replace(plan.key, expires_days=chosen)))


WITH_KEY: tuple[Question, ...] = (_name, _description, _model, _habit, _cap)
"""With a key there is no project to make."""
ALL: tuple[Question, ...] = (
    *(_name, _description, _intended_use, _preset, _model, _tiers, _habit, _cap, _alert, _rates, _expiry),
)


def _whole(word: str) -> int:
    if not word.isascii() or not word.isdigit():
        raise ValueError("Type a whole number.")
    return int(word)


def _amount(word: str) -> Decimal | None:
    """An amount of USD; None for none. Raises ``ValueError``."""
    if word == NONE:
        return None
    try:
        amount = Decimal(word.removeprefix("$"))
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount <= 0 or amount * 100 % 1:
        raise ValueError(f"Type an amount of USD such as 10 or 2.50, or {NONE}.")
    return amount


def _written(amount: Decimal | None) -> str:
    return NONE if amount is None else plain(amount)
