"""What ``keytui doctor`` looks at, one check each. A check never raises and never changes anything."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import stat
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from keytui.cli.doctor.clock import check_clock
from keytui.cli.doctor.key import check_key
from keytui.cli.doctor.patient import Check, Patient
from keytui.cli.doctor.terminal import check_terminal
from keytui.domain.findings import Finding, Findings, State
from keytui.domain.keys import StoreUnreadable
from keytui.domain.troubles import Exit

if TYPE_CHECKING:
    from keytui.adapters.ledger import SqliteLedger

_OLD_PRICES = timedelta(days=60)
_LEAST_SPACE = 50 * 1024 * 1024
"""Bytes free where the ledger lies, below which there is a warning."""


def checks(patient: Patient) -> dict[str, Check]:
    """All checks by name, in the order in which they are shown."""

    def at_once(work: Callable[[], Findings]) -> Check:
        async def check() -> Findings:
            return work()

        return check

    return {
        "Python": at_once(_python),
        "command": at_once(_command),
        "terminal": at_once(check_terminal),
        "folders": at_once(lambda: _folders(patient)),
        "files": at_once(lambda: _files(patient)),
        "settings": at_once(lambda: _settings(patient)),
        "ledger": at_once(lambda: _ledger(patient)),
        "vault": lambda: _vault(patient),
        "vocabulary": at_once(lambda: _vocabulary(patient)),
        "prices": at_once(_prices),
        "clock": lambda: check_clock(patient),
        "environment": at_once(_environment),
        "key": lambda: check_key(patient),
    }


# The machine.


def _python() -> Findings:
    said = f"{platform.python_implementation()} {platform.python_version()} on {platform.system()}"
    if sys.prefix != sys.base_prefix:
        said += ", in an environment of its own"
    return [Finding("Python", State.GOOD, said)]


def _command() -> Findings:
    """Whether “keytui” works as it is written everywhere: by its name alone."""
    if found := shutil.which("keytui"):
        return [Finding("command", State.GOOD, found)]
    folder = Path(sys.executable).parent
    remedy = f"In this shell: export PATH={shlex.quote(str(folder))}:$PATH. For good: install keytui with pipx or uv."
    return [Finding("command", State.NOTED, "keytui is not found by its name alone", remedy)]


def _folders(patient: Patient) -> Findings:
    found: Findings = []
    for name in ("config", "data", "state", "cache"):
        folder: Path = getattr(patient.paths, name)
        there = next(parent for parent in (folder, *folder.parents) if parent.exists())
        if not os.access(there, os.W_OK):
            remedy = f"Make {there} writable for you, or name another folder in KEYTUI_HOME."
            found.append(Finding(f"{name} folder", State.BAD, f"{folder} cannot be written", remedy, Exit.FAILED))
        elif folder.exists() and os.name == "posix" and stat.S_IMODE(folder.stat().st_mode) & 0o077:
            remedy = f"Run: chmod 700 {shlex.quote(str(folder))}"
            found.append(Finding(f"{name} folder", State.NOTED, f"{folder} is open to other users", remedy))
        else:
            found.append(Finding(f"{name} folder", State.GOOD, str(folder)))
    there = next(parent for parent in (patient.paths.data, *patient.paths.data.parents) if parent.exists())
    free = shutil.disk_usage(there).free
    if free < _LEAST_SPACE:
        remedy = "Make room: until then the ledger and conversations may not be kept."
        found.append(Finding("disk", State.NOTED, f"{free // 1024 // 1024} MB free at {there}", remedy))
    return found


def _files(patient: Patient) -> Findings:
    """Files that others may read; the folder around them keeps them out as long as it is closed itself."""
    if os.name != "posix":
        return []
    paths = patient.paths
    private = (paths.settings_file, paths.keys_file, paths.vault_file, paths.database, paths.journal, paths.log_file)
    found: Findings = []
    for path in private:
        if not path.exists():
            continue
        if path.stat().st_uid != os.getuid():
            remedy = f"Move it away, or take it over: chown {os.getuid()} {shlex.quote(str(path))}"
            found.append(Finding("file", State.BAD, f"{path} belongs to another user", remedy, Exit.FAILED))
        elif stat.S_IMODE(path.stat().st_mode) & 0o077:
            remedy = f"Run: chmod 600 {shlex.quote(str(path))}"
            found.append(Finding("file", State.NOTED, f"{path} is open to other users", remedy))
    return found


def _settings(patient: Patient) -> Findings:
    from keytui.adapters.settings import SettingsFile

    file = SettingsFile(patient.paths.settings_file)
    file.load()
    if file.problem:
        return [Finding("settings", State.BAD, file.problem, "", Exit.FAILED)]
    there = patient.paths.settings_file.exists()
    return [Finding("settings", State.GOOD, str(patient.paths.settings_file) if there else "defaults, no file yet")]


def _ledger(patient: Patient) -> Findings:
    from keytui.adapters.ledger import SqliteLedger

    ledger = SqliteLedger(patient.paths.database, journal=patient.paths.journal, now=_now, read_only=True)
    try:
        today = _now().astimezone().date()
        spend = ledger.total(since=today.replace(day=1), until=today)
        if ledger.problem:
            return [Finding("ledger", State.BAD, ledger.problem, "", Exit.FAILED)]
        if ledger.waiting:
            remedy = "They are booked as soon as the database can be written."
            return [Finding("ledger", State.NOTED, f"{ledger.waiting} requests wait in the journal", remedy)]
        return [Finding("ledger", State.GOOD, f"{spend.requests} requests this month"), *_caps(patient, ledger)]
    finally:
        ledger.close()


def _caps(patient: Patient, ledger: SqliteLedger) -> Findings:
    from keytui.adapters.settings import SettingsFile
    from keytui.domain.caps import caps_of
    from keytui.domain.money import dollars

    try:
        key = patient.keys.active()
    except StoreUnreadable:
        return []  # told by the check of the vault
    if key is None:
        return []
    found: Findings = []
    for cap in caps_of(SettingsFile(patient.paths.settings_file).load(), key):
        standing = ledger.standing(cap)
        said = f"{dollars(standing.spent)} of {dollars(cap.amount)}"
        if standing.left == 0:
            remedy = "Raise the cap, or wait for the next month."
            found.append(Finding(cap.words, State.BAD, said, remedy, Exit.CREDIT))
        else:
            found.append(Finding(cap.words, State.GOOD, said))
    return found


async def _vault(patient: Patient) -> Findings:
    keys = patient.keys
    try:
        records = keys.records()
    except StoreUnreadable as unreadable:
        return [Finding("vault", State.BAD, str(unreadable), "", Exit.VAULT)]
    found: Findings = []
    used = {record.place for record in records}
    for report in await keys.places():
        if report.usable:
            found.append(Finding("vault", State.GOOD, report.where))
        else:
            bad = report.place in used
            state, status = (State.BAD, Exit.VAULT) if bad else (State.NOTED, Exit.DONE)
            found.append(Finding("vault", state, f"{report.where} cannot be used", report.reason, status))
    return found


def _vocabulary(patient: Patient) -> Findings:
    from keytui.adapters.vocabulary import VOCABULARIES, read

    missing = [name for name, vocabulary in VOCABULARIES.items() if read(vocabulary, patient.paths.vocabulary) is None]
    if missing:
        remedy = "Install keytui again (its vocabulary is missing or damaged); until then counts are rough."
        return [Finding("vocabulary", State.NOTED, f"not found: {', '.join(missing)}", remedy)]
    return [Finding("vocabulary", State.GOOD, ", ".join(VOCABULARIES))]


def _prices() -> Findings:
    from keytui.adapters.prices import Prices

    as_of: date = Prices().as_of
    today = _now().date()
    if today < as_of - timedelta(days=1):
        remedy = "Set the date and time: certificates and the ledger depend on them."
        return [Finding("clock", State.BAD, f"it says {today}, before the price list of {as_of}", remedy, Exit.NETWORK)]
    if today - as_of > _OLD_PRICES:
        remedy = "Prices may have changed: a newer keytui has newer ones."
        return [Finding("prices", State.NOTED, f"as of {as_of}", remedy)]
    return [Finding("prices", State.GOOD, f"as of {as_of}")]


def _environment() -> Findings:
    """Variables that other programs take up without a word; keytui itself does not."""
    names = sorted(
        name
        for name in os.environ
        if name.startswith("OPENAI_") and name not in ("OPENAI_API_KEY",) and os.environ[name]
    )
    if names:
        remedy = "The SDK in other programs takes them up silently: unset those that are not meant."
        return [Finding("environment", State.NOTED, f"set: {', '.join(names)}", remedy)]
    return [Finding("environment", State.GOOD, "nothing that turns other programs to another address")]


def _now() -> datetime:
    return datetime.now(UTC)
