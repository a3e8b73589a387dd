"""Applying, finishing and undoing a plan from the command line."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from keytui.adapters.apply_journal import ApplyJournal
from keytui.adapters.keystore import Keys
from keytui.adapters.plan_file import PlanUnreadable, read, write
from keytui.cli.asking import NotAsked, interactive, yes
from keytui.cli.ending import Stopped
from keytui.cli.plan.ground import Ground, folders, means_at, opened
from keytui.cli.plan.words import Report, half_made, shown
from keytui.cli.saying import give, say
from keytui.domain.apply.events import Progress, Stuck
from keytui.domain.apply.unfinished import HalfMade, Unfinished, unfinished
from keytui.domain.applying import apply, differences, steps, undo
from keytui.domain.chat import Refused
from keytui.domain.keys import KeyRecord, Place
from keytui.domain.plan import SetupPlan
from keytui.domain.presets import plan_for
from keytui.domain.troubles import Exit, Trouble

_HALF_MADE = "--finish goes on with it, --undo takes back what it did."


def write_plan(options: Namespace) -> int:
    """Write a plan to start from."""
    try:
        write(options.write_plan, plan_for(options.preset or "chat"))
    except OSError as error:
        raise Stopped(f"{error.strerror or error}: nothing was written.", Exit.FAILED) from None
    say(f"{options.write_plan} is a plan to start from; “keytui setup --plan {options.write_plan}” applies it.")
    return Exit.DONE


async def run_plan(options: Namespace) -> int:
    """Apply, finish or undo a plan. Raises what the commands about keys raise."""
    plan = _read(options.plan) if options.plan else None
    with folders(options) as (keys, journal):
        kept = unfinished(journal)
        if plan is None and kept is None:
            return await _undo_finished(options, keys, journal) if options.undo else _nothing()
        async with opened(options, keys, journal, kept if plan is None else None) as ground:
            if plan is None or (kept is not None and (plan, ground.base_url) == (kept.plan, kept.base_url)):
                assert kept is not None
                return await _take_up(options, ground, kept)
            if kept is not None:
                kept_by = half_made(kept)
                if not interactive() or options.yes:
                    raise NotAsked(f"{kept_by} {_HALF_MADE}")
                say(f"{kept_by} {_HALF_MADE}")
                return Exit.FAILED
            return await _apply(options, ground, plan)


def _nothing() -> int:
    say("no plan was left half made: apply one with --plan FILE.")
    return Exit.FAILED


async def _undo_finished(options: Namespace, keys: Keys, journal: ApplyJournal) -> int:
    """Take back a plan that was finished."""
    kept = journal.load()
    if kept is None:
        say("there is no plan to undo.")
        return Exit.FAILED
    last = Unfinished(kept.plan, kept.base_url, kept.begun, steps(kept.plan), (), undoing=True)
    async with opened(options, keys, journal, last) as ground:
        return await _undo(options, ground, last)


async def _take_up(options: Namespace, ground: Ground, kept: Unfinished) -> int:
    """Go on with a plan that was left half made, or take it back."""
    say(half_made(kept))
    if options.undo or kept.undoing:
        return await _undo(options, ground, kept)
    return await _apply(options, ground, kept.plan)


async def _apply(options: Namespace, ground: Ground, plan: SetupPlan) -> int:
    _check_names(options.without, plan)
    async with means_at(options, ground) as means:
        report = Report(plan, ground.base_url)
        try:
            report.differences = await differences(plan, means, without=options.without)
        except Refused as refused:
            return _refused(options, report, refused.trouble)
        if not options.json:
            sys.stdout.write(shown(plan, report.differences))
            sys.stdout.flush()
        if options.dry_run:
            return _end(options, report)
        if report.differences:
            _agree(options, f"Make and change this at {ground.base_url}?")
        without = set(options.without)
        while True:
            await _follow(report, apply(plan, means, without=without))
            stuck = report.stuck
            if stuck is None:
                return _end(options, report, kept=report.record)
            if not interactive() or options.yes:
                if not stuck.step.needed:
                    say(f"“--without '{stuck.step.name}'” goes on without this step.")
                say(f"it is left half made. {_HALF_MADE}")
                return _end(options, report)
            if not _again(stuck, without):
                if not stuck.done or not yes("Take back what was done?"):
                    say(f"it is left half made. {_HALF_MADE}")
                    return _end(options, report)
                report.again()
                await _follow(report, undo(means))
                return _end(options, report) or Exit.FAILED
            report.again()


def _again(stuck: Stuck, without: set[str]) -> bool:
    """Whether to try again, perhaps without a step."""
    if yes("Try again?"):
        return True
    if not stuck.step.needed and yes("Go on without this step?"):
        without.add(stuck.step.name)
        return True
    return False


async def _undo(options: Namespace, ground: Ground, kept: Unfinished) -> int:
    async with means_at(options, ground) as means:
        _agree(options, f"Take back what the plan for “{kept.plan.project.name}” did?")
        report = Report(kept.plan, ground.base_url)
        await _follow(report, undo(means))
        say("it is left half undone; --undo goes on." if report.stuck else "that is taken back.")
        return _end(options, report)


async def _follow(report: Report, progress: AsyncGenerator[Progress, None]) -> None:
    async with aclosing(progress) as events:
        try:
            async for event in events:
                report.take(event)
        except HalfMade as other:
            # Another keytui began a plan after this one had looked.
            raise NotAsked(f"{half_made(other.unfinished)} {_HALF_MADE}") from None


def _refused(options: Namespace, report: Report, trouble: Trouble) -> int:
    first = steps(report.plan)
    report.take(Stuck(first[0], trouble, (), first))
    say("nothing was made or changed.")
    return _end(options, report)


def _end(options: Namespace, report: Report, kept: KeyRecord | None = None) -> int:
    if options.json:
        give(report.data(dry_run=bool(options.dry_run)))
    elif kept is not None:
        say(f"“{kept.name}” (…{kept.last4}) is stored and checked, for {kept.base_url} only.")
        if kept.place is Place.SESSION:
            say("that was practice: the service and the key end with this command.")
    return report.status


def _agree(options: Namespace, question: str) -> None:
    """Go on only when the user agrees. Raises ``NotAsked`` and ``Stopped``."""
    if options.yes:
        return
    if not interactive():
        raise NotAsked("Nothing is made or changed until that is confirmed: add --yes, or --dry-run to look only.")
    if not yes(question):
        raise Stopped("nothing was made or changed.", Exit.FAILED)


def _check_names(names: list[str], plan: SetupPlan) -> None:
    known = {step.name: step for step in steps(plan)}
    for name in names:
        if name not in known:
            raise Stopped(f"there is no step “{name}”; there are {', '.join(known)}.", Exit.USAGE)
        if known[name].needed:
            raise Stopped(f"the rest is impossible without the step “{name}”.", Exit.USAGE)


def _read(path: Path) -> SetupPlan:
    try:
        return read(path)
    except PlanUnreadable as error:
        raise Stopped(str(error), Exit.USAGE) from None
