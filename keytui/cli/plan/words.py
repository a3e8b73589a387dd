"""What is said while a plan is applied, and the JSON at its end."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from keytui.adapters.plan_file import to_document
from keytui.cli.keys.words import as_data, stage_data, stage_line
from keytui.domain.admin_troubles import ASK_AN_OWNER, letter_to_owner
from keytui.domain.apply.check import NAME as CHECK
from keytui.domain.apply.events import Began, Done, Finished, Probed, Progress, Stuck, Waiting
from keytui.domain.apply.run import Outcome
from keytui.domain.apply.unfinished import Unfinished
from keytui.domain.keys import KeyRecord
from keytui.domain.plan import SetupPlan
from keytui.domain.plan_lines import Difference, lines
from keytui.domain.probe import StageResult
from keytui.domain.troubles import Exit


@dataclass
class Report:
    """What happened, kept for the end."""

    plan: SetupPlan
    base_url: str
    differences: Sequence[Difference] = ()
    steps: list[Done] = field(default_factory=list)
    stages: list[StageResult] = field(default_factory=list)
    stuck: Stuck | None = None
    record: KeyRecord | None = None

    def take(self, event: Progress) -> None:
        """Note an event, and say it on standard error."""
        if isinstance(event, Began):
            self.stages.clear()
        elif isinstance(event, Probed):
            self.stages.append(event.stage)
            sys.stderr.write(f"  {stage_line(event.stage)}\n")
        elif isinstance(event, Waiting):
            sys.stderr.write(f"  … {event.trouble.title} Again in {event.seconds:.0f} s.\n")
        elif isinstance(event, Done):
            self.steps.append(event)
            sys.stderr.write(_done(event))
        elif isinstance(event, Stuck):
            self.stuck = event
            sys.stderr.write(self._stuck(event))
        elif isinstance(event, Finished):
            self.record = event.record
        sys.stderr.flush()

    def again(self) -> None:
        """Forget how it went: it is tried again."""
        self.steps.clear()
        self.stages.clear()
        self.stuck = None

    @property
    def status(self) -> Exit:
        """The exit status that goes with it."""
        return self.stuck.trouble.exit if self.stuck else Exit.DONE

    def _stuck(self, stuck: Stuck) -> str:
        trouble = stuck.trouble
        said = [f"  ✗ {stuck.step.title}", f"    {trouble.title} {trouble.remedy}"]
        said += [f"    {trouble.page}"] if trouble.page else []
        said += [f"    The server's words: {trouble.detail}"] if trouble.detail else []
        if trouble.id in ASK_AN_OWNER:
            said.append(f"    To send to an owner: {letter_to_owner(self.plan)}")
        said += [f"  – not done: {step.title}" for step in stuck.not_done[1:]]
        return "\n".join(said) + "\n"

    def data(self, *, dry_run: bool) -> dict[str, Any]:
        """All of it as JSON's types; no secret is in any part of it."""
        stuck = self.stuck
        return {
            "plan": to_document(self.plan),
            "base_url": self.base_url,
            "dry_run": dry_run,
            "differences": [asdict(each) for each in self.differences],
            "steps": [
                {"step": d.step.name, "title": d.step.title, "outcome": d.outcome.value, "words": d.words}
                for d in self.steps
            ],
            "not_done": [step.name for step in stuck.not_done] if stuck else [],
            "trouble": stuck
            and {
                "step": stuck.step.name,
                "id": stuck.trouble.id,
                "title": stuck.trouble.title,
                "remedy": stuck.trouble.remedy,
                "detail": stuck.trouble.detail,
            },
            "stages": [stage_data(stage) for stage in self.stages],
            "key": self.record and as_data(self.record, None),
            "exit": int(self.status),
        }


def half_made(kept: Unfinished) -> str:
    """What was left, in one sentence."""
    way = "half undone" if kept.undoing else "half made"
    return (
        f"The plan for “{kept.plan.project.name}” at {kept.base_url} was left {way} on {kept.begun:%Y-%m-%d at %H:%M} "
        f"UTC, {len(kept.done)} of {len(kept.done) + len(kept.not_done)} steps done."
    )


def shown(plan: SetupPlan, differences: Iterable[Difference]) -> str:
    """A plan, and what it would make or change, as text."""
    rows = lines(plan)
    wide, values = max(len(row.what) for row in rows), max(len(row.value) for row in rows)
    text = ["The plan:", *(f"  {r.what:<{wide}}  {r.value:<{min(values, 40)}}  {r.why}".rstrip() for r in rows), ""]
    found = tuple(differences)
    if not found:
        return "\n".join([*text, "Everything is there as planned: nothing is to be made or changed.", ""])
    wide = max(len(each.what) for each in found)
    text += ["What would be made or changed:"]
    text += [f"  {each.what:<{wide}}  {each.now} → {each.planned}" for each in found]
    return "\n".join([*text, ""])


def _done(done: Done) -> str:
    if done.outcome is Outcome.LEFT_OUT:
        return f"  – {done.step.title} – left out\n"
    if done.step.name == CHECK:
        return f"  ✓ {done.step.title} – {done.words}\n"
    words = f" ({done.words})" if done.words else ""
    return f"  ✓ {done.step.title} – {done.outcome.value}{words}\n"
