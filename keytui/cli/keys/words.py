"""How ``keytui keys`` writes keys and stages, as data and as lines; and finding a key by what it is called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from keytui.adapters.keystore import Keys
from keytui.adapters.keystore.index import encode
from keytui.cli.ending import Stopped
from keytui.domain.keys import KeyRecord, KeyState, Place
from keytui.domain.probe import StageResult, Verdict

PLACES = {
    Place.KEYRING: "keyring",
    Place.FILE: "encrypted file",
    Place.SESSION: "this session",
    Place.ENVIRONMENT: "environment",
    Place.DOTENV: ".env",
    Place.COMMAND: "command",
}

MARKS = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.SKIPPED: "–", Verdict.WARNED: "!"}


def as_data(record: KeyRecord, active: KeyRecord | None) -> dict[str, object]:
    """A key as JSON data; its characters are not in a record, so they cannot be in here."""
    return {**encode(record), "active": active is not None and active.id == record.id}


def called(keys: Keys, name: str) -> KeyRecord:
    """The key of that name or id. Raises ``Stopped``, with the nearest name."""
    records = keys.records()
    for record in records:
        if name in (record.name, record.id):
            return record
    import difflib

    near = difflib.get_close_matches(name, [record.name for record in records], n=1)
    hint = f" Did you mean “{near[0]}”?" if near else ""
    raise Stopped(f"there is no key named “{name}”.{hint} “keytui keys list” shows them.")


def table(rows: Iterable[Sequence[str]]) -> str:
    """Rows with their columns lined up."""
    lines = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines
    )


def listing(records: Sequence[KeyRecord], active: KeyRecord | None) -> str:
    """All keys as a table; the active one is marked."""
    rows = [("", "NAME", "KEY", "KIND", "KEPT IN", "STATE", "ADDRESS")]
    rows += [
        (
            "*" if active is not None and active.id == record.id else "",
            record.name,
            f"…{record.last4}" if record.last4 else "…",
            record.kind.value,
            PLACES[record.place],
            state(record),
            record.base_url,
        )
        for record in records
    ]
    return table(rows)


def state(record: KeyRecord) -> str:
    """What the last check said, and when."""
    if record.state is KeyState.UNCHECKED or record.verified is None:
        return record.state.value
    return f"{record.state.value} ({record.verified:%Y-%m-%d})"


def stage_line(result: StageResult) -> str:
    """One stage of a check as a line."""
    note = f": {result.note}" if result.note else ""
    seconds = f" ({result.seconds:.1f} s)" if result.seconds >= 0.05 else ""
    return f"  {MARKS[result.verdict]} {result.stage.value}{note}{seconds}"


def stage_data(result: StageResult) -> dict[str, object]:
    """One stage of a check as data."""
    trouble = result.trouble
    return {
        "stage": result.stage.name.lower(),
        "verdict": result.verdict.value,
        "seconds": round(result.seconds, 3),
        "note": result.note,
        "trouble": trouble and {"id": trouble.id, "title": trouble.title, "remedy": trouble.remedy},
    }
