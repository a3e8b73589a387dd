"""The doctor's check of this machine's clock against that of the server."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from keytui.adapters.settings import SettingsFile
from keytui.cli.doctor.key import in_use
from keytui.cli.doctor.patient import SECONDS, Patient
from keytui.cli.network import Network
from keytui.domain.findings import Finding, Findings, State
from keytui.domain.troubles import Exit

_LATEST_DRIFT = 120.0
"""Seconds by which this machine's clock may differ from a server's."""
_BREAKING_DRIFT = 24 * 3600.0
"""Seconds from which on certificates may not hold and entries of the ledger fall on other days."""


async def check_clock(patient: Patient) -> Findings:
    """This machine's clock against the ``Date`` of the server's answer; nothing when there is none to be had."""
    if patient.offline:
        return [Finding("clock", State.SKIPPED, "offline")]
    network = Network(patient.paths, SettingsFile(patient.paths.settings_file), patient.keys, practice=patient.practice)
    address = in_use(patient)[1]
    try:
        clients = await network.clients()
        async with clients.client(address, answer_within=SECONDS / 2) as client:
            reply = await client.head(f"{address}/models")
        served = parsedate_to_datetime(reply.headers["date"])
    except Exception:  # no answer is told by the check of the key; a server that tells no time is no fault of ours
        return [Finding("clock", State.SKIPPED, "no server told its time")]
    if served.tzinfo is None:
        served = served.replace(tzinfo=UTC)
    drift = (datetime.now(UTC) - served).total_seconds()
    if abs(drift) <= _LATEST_DRIFT:
        return [Finding("clock", State.GOOD, "the same as the server's")]
    remedy = "Set the date and time: certificates and the ledger depend on them."
    said = f"{_long(abs(drift))} {'ahead of' if drift > 0 else 'behind'} the server's"
    if abs(drift) >= _BREAKING_DRIFT:
        return [Finding("clock", State.BAD, said, remedy, Exit.NETWORK)]
    return [Finding("clock", State.NOTED, said, remedy)]


def _long(seconds: float) -> str:
    for size, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} seconds"
