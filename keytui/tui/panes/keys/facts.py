"""What the details of a key say, as lines of a sheet."""

from __future__ import annotations

from collections.abc import Sequence

from keytui.domain.keys import FileState, KeyRecord, Place
from keytui.domain.ledger import Spend
from keytui.domain.money import dollars
from keytui.domain.places import in_a_word
from keytui.domain.review.finding import Finding
from keytui.tui.panes.keys.table import day, month
from keytui.tui.widgets.sheet import Line

STYLES = {"act": "$error", "look": "$warning", "know": ""}
"""The look of a finding's first line, by its weight; a word says the weight as well."""

WORDS = {"act": "do now", "look": "decide", "know": "note"}


def facts(record: KeyRecord, spend: Spend | None, file_state: FileState) -> tuple[Line, ...]:
    """Everything that is known of a key."""
    cap = "none" if record.monthly_cap is None else f"{dollars(record.monthly_cap)} a month, kept by keytui"
    where = in_a_word(record.place) + (f" ({record.locator})" if record.locator else "")
    if record.place is Place.FILE and file_state is FileState.LOCKED:
        where += ", locked: l opens it"
    lines = [
        Line(record.name),
        Line("kind", record.kind.value),
        Line("address", record.base_url),
        Line("project", record.project_name or record.project or ""),
        Line("organisation", record.organization or ""),
        Line("kept in", where),
        Line("added", day(record.created)),
        Line("checked", f"{record.state.value}, {day(record.verified)}" if record.verified else "never"),
        Line("expires", day(record.expires, never="not known")),
        Line("may do", "" if record.scopes is None else ", ".join(record.scopes) or "all that its owner may"),
        Line("last used", day(record.last_used)),
        Line("model", record.default_model or "the app's own choice"),
        Line("cap", cap),
        Line("this month", month(spend)),
    ]
    lines = [line for line in lines if line.value or line.name == record.name]
    if record.note:
        lines += [Line(), Line("", record.note)]
    name = f'"{record.name}"' if " " in record.name else record.name
    return (*lines, Line(), Line("For programs"), Line("", f"keytui exec -k {name} -- PROGRAM"), Line())


def found(findings: Sequence[Finding]) -> tuple[Line, ...]:
    """What the review found about a key: what, why, and the one thing to do."""
    lines: list[Line] = []
    for finding in findings:
        lines += [
            Line("", f"{WORDS[finding.weight]}: {finding.what}", STYLES[finding.weight]),
            Line("", finding.why, "$dim"),
            Line("", f"{finding.key}: {finding.action}" if finding.key else finding.action),
            Line(),
        ]
    return tuple(lines)
