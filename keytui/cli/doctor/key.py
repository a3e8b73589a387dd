"""The doctor's check of the route to the API and of the key in use."""

from __future__ import annotations

import os

from keytui.adapters.network.probe import Probe
from keytui.adapters.settings import SettingsFile
from keytui.cli.doctor.patient import SECONDS, Patient
from keytui.cli.network import Network
from keytui.domain.addresses import base_url, is_openai
from keytui.domain.endpoints import lacks
from keytui.domain.findings import Finding, Findings, State
from keytui.domain.keys import OPENAI_BASE_URL, FileState, KeyRecord, Place, StoreUnreadable, VaultTrouble
from keytui.domain.probe import Stage, StageResult, Verdict
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Exit


async def check_key(patient: Patient) -> Findings:
    """The route to the API, and the active key (or that of the environment) when it can be had without asking."""
    settings = SettingsFile(patient.paths.settings_file)
    record, address = in_use(patient)
    network = Network(patient.paths, settings, patient.keys, practice=patient.practice)
    http = await network.clients()
    route = http.routes.describe(address)
    how = f"{route.proxy} ({route.proxy_source})" if route.proxy else "direct"
    if not route.proxy and route.proxy_source != "direct":
        how += f", since {route.proxy_source}"
    found = [Finding("route", State.GOOD, f"{address}, {how}, certificates: {route.certificates}")]
    found += [Finding("route", State.NOTED, warning) for warning in route.warnings]
    if lacking := lacks(await network.capabilities(address)):
        found.append(Finding("server", State.GOOD, f"it does not offer {', '.join(lacking)}; keytui works around that"))
    if patient.offline:
        return [*found, Finding("key", State.SKIPPED, "offline")]
    secret, why_not = await _secret(patient, record)
    probe = Probe(http, deadline=SECONDS - 0.8)
    # The default of the settings is one of OpenAI's models: another server need not have it.
    model = (record.default_model if record else None) or (
        settings.load().default_model if is_openai(address) else None
    )
    results = probe.key(secret, address, model=model) if secret else probe.route(address)
    async for result in results:
        found.append(_from_stage(result))
    if secret is None:
        found.append(why_not)
    return found


def in_use(patient: Patient) -> tuple[KeyRecord | None, str]:
    """The active key, and the base URL that is looked at: the key's, or that of the environment."""
    try:
        record = patient.keys.active()
    except StoreUnreadable:
        record = None  # told by the check of the vault
    return record, record.base_url if record else _environment_base_url()


async def _secret(patient: Patient, record: KeyRecord | None) -> tuple[Secret | None, Finding]:
    """The key's characters, or why they cannot be had here."""
    if record is None:
        characters = os.environ.get("OPENAI_API_KEY", "").strip()
        remedy = "“keytui setup” leads to one, “keytui keys add NAME” takes one that you have."
        return Secret(characters) if characters else None, Finding("key", State.NOTED, "there is none yet", remedy)
    keys = patient.keys
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


def _environment_base_url() -> str:
    try:
        return base_url(os.environ.get("OPENAI_BASE_URL", "")).url
    except ValueError:
        return OPENAI_BASE_URL
