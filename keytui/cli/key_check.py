"""The doctor's check of the way to the API and of the key in use."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from keytui.adapters.http import HttpClients
from keytui.adapters.keystore import open_keys
from keytui.adapters.probe import Probe
from keytui.cli.findings import SECONDS, Finding, Findings, Patient, State
from keytui.domain.keys import OPENAI_BASE_URL, FileState, KeyRecord, Place, StoreUnreadable, VaultTrouble
from keytui.domain.probe import Stage, StageResult, Verdict
from keytui.domain.routes import base_url, is_openai
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Exit

_LATEST_DRIFT = 120.0
"""Seconds by which this machine's clock may differ from a server's."""


async def check_key(patient: Patient) -> Findings:
    """The way to the API, and the active key (or that of the environment) when it can be had without asking."""
    found: Findings = []
    try:
        keys = open_keys(patient.paths)
        record = keys.active()
    except StoreUnreadable:
        record = None  # told by the check of the vault
    address = record.base_url if record else _environment_base_url()
    http = HttpClients()
    route = http.routes.describe(address)
    way = f"{route.proxy} ({route.proxy_source})" if route.proxy else "direct"
    found.append(Finding("route", State.GOOD, f"{address}, {way}, certificates: {route.certificates}"))
    found += [Finding("route", State.NOTED, warning) for warning in route.warnings]
    if patient.offline:
        return [*found, Finding("key", State.SKIPPED, "offline")]
    secret, why_not = await _secret(patient, record)
    probe = Probe(http, deadline=SECONDS - 0.8)
    # The default of the settings is one of OpenAI's models: another server need not have it.
    model = (record.default_model if record else None) or (
        patient.settings.default_model if is_openai(address) else None
    )
    results = probe.key(secret, address, model=model) if secret else probe.route(address)
    async for result in results:
        found.append(_from_stage(result))
    if secret is None:
        found.append(why_not)
    return [*found, *await _clock(http, address, found)]


async def _secret(patient: Patient, record: KeyRecord | None) -> tuple[Secret | None, Finding]:
    """The key's characters, or why they cannot be had here."""
    if record is None:
        characters = os.environ.get("OPENAI_API_KEY", "").strip()
        remedy = "“keytui setup” leads to one, “keytui keys add NAME” takes one that you have."
        return Secret(characters) if characters else None, Finding("key", State.NOTED, "there is none yet", remedy)
    keys = open_keys(patient.paths)
    if record.place is Place.FILE and keys.file_state is not FileState.OPEN:
        return None, Finding("key", State.SKIPPED, "it lies in the encrypted file, which is locked")
    try:
        return await keys.secret(record), Finding("key", State.SKIPPED)
    except VaultTrouble as trouble:
        return None, Finding("key", State.BAD, str(trouble), "", Exit.VAULT)


def _from_stage(result: StageResult) -> Finding:
    states = {
        Verdict.PASSED: State.GOOD,
        Verdict.WARNED: State.NOTED,
        Verdict.SKIPPED: State.SKIPPED,
        Verdict.FAILED: State.BAD,
    }
    trouble = result.trouble
    words = [result.note] if result.note else []
    if trouble is not None and result.verdict is Verdict.FAILED:
        words.insert(0, trouble.title)
    elif result.seconds >= 0.001:
        words.append(f"{result.seconds * 1000:.0f} ms")
    status = trouble.exit if trouble else Exit.NETWORK if result.stage is not Stage.SHAPE else Exit.AUTHENTICATION
    return Finding(
        result.stage.value,
        states[result.verdict],
        " · ".join(words),
        trouble.remedy if trouble else "",
        status,
        trouble.page if trouble else None,
    )


async def _clock(http: HttpClients, address: str, found: Findings) -> Findings:
    """This machine's clock against the server's, where one answered."""
    if not any(finding.name == Stage.ANSWER.value and finding.state is State.GOOD for finding in found):
        return []
    async with http.client(address, answer_within=1.0) as client:
        try:
            reply = await client.head(address)
            served = parsedate_to_datetime(reply.headers.get("date", ""))
        except Exception:  # a server that tells no time is no fault of this machine
            return []
    drift = (datetime.now(UTC) - served).total_seconds()
    if abs(drift) > _LATEST_DRIFT:
        remedy = "Set the date and time: certificates and the ledger depend on them."
        ahead = "ahead of" if drift > 0 else "behind"
        return [Finding("clock", State.NOTED, f"{abs(drift):.0f} s {ahead} the server's", remedy)]
    return [Finding("clock", State.GOOD, "the same as the server's")]


def _environment_base_url() -> str:
    try:
        return base_url(os.environ.get("OPENAI_BASE_URL", "")).url
    except ValueError:
        return OPENAI_BASE_URL
