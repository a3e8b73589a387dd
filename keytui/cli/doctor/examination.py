"""Everything that can be wrong on this machine, looked at at once: what ``keytui doctor`` and the app both show."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from keytui.adapters.bounded import bounded
from keytui.adapters.keystore import Keys, open_keys
from keytui.adapters.paths import Paths
from keytui.cli.doctor.checks import checks
from keytui.cli.doctor.patient import SECONDS, Check, Patient
from keytui.domain.findings import Finding, Findings, State
from keytui.domain.redaction import redact
from keytui.domain.safe_text import safe_text
from keytui.domain.troubles import Exit

_HANGS = "Something there hangs: try it by itself, and look at what it waits for."


async def examine(paths: Paths, *, keys: Keys | None = None, practice: bool = False, offline: bool = False) -> Findings:
    """All findings, in the order of the checks. Takes at most as long as one check may, whatever hangs.

    ``keys`` are those that the app has open; else they are opened here, and a locked file stays locked.
    """
    patient = Patient(paths, keys or open_keys(paths), offline=offline, practice=practice)
    found = await asyncio.gather(*(_bounded(name, check) for name, check in checks(patient).items()))
    return [_clean(finding) for findings in found for finding in findings]


async def _bounded(name: str, check: Check) -> Findings:
    async def findings() -> Findings:
        return await check()

    try:
        # Each in a thread and an event loop of its own: also a read that never returns then holds up no other.
        return await bounded(lambda: asyncio.run(findings()), SECONDS)
    except TimeoutError:
        status = {"key": Exit.NETWORK, "vault": Exit.VAULT}.get(name, Exit.FAILED)
        return [Finding(name, State.BAD, f"no answer within {SECONDS:.0f} seconds", _HANGS, status)]
    except Exception as error:  # one check that breaks must not hide what the others found
        return [Finding(name, State.BAD, f"the check itself failed ({type(error).__name__}: {error})", "", Exit.FAILED)]


def _clean(finding: Finding) -> Finding:
    return replace(finding, detail=_safe(finding.detail), remedy=_safe(finding.remedy))


def _safe(words: str) -> str:
    return redact(safe_text(words)).replace("\n", " ")
