"""``keytui doctor``: everything that can be wrong on this machine, looked at within five seconds."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence

from keytui.adapters.paths import find
from keytui.cli.doctor.examination import examine
from keytui.domain.findings import Finding, Findings, State
from keytui.domain.troubles import Exit

_ABOUT = "Look at everything that can be wrong on this machine; each finding comes with its remedy."
_MORE = """\
Nothing is changed, no request that costs money is sent, and no secret is in the output: it can be shown to others.

exit status: 0 nothing is wrong, or else that of the first thing that is: 1 this machine, 3 the key was refused,
4 no credit or a cap, 5 rate limit, 6 network or certificates, 7 the vault

examples:
  keytui doctor
  keytui doctor --json > report.json    to show to whoever helps you
"""
_MARKS = {State.GOOD: "✓", State.NOTED: "!", State.BAD: "✗", State.SKIPPED: "–"}
_PLAIN = {State.GOOD: "ok", State.NOTED: "note", State.BAD: "FAIL", State.SKIPPED: "-"}


def run(arguments: Sequence[str]) -> int:
    """Look, print, and say by the exit status whether something is wrong."""
    parser = argparse.ArgumentParser(
        prog="keytui doctor",
        description=_ABOUT,
        epilog=_MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.add_argument("--offline", action="store_true", help="do not use the network")
    options = parser.parse_args(arguments)
    findings = asyncio.run(examine(find(), offline=options.offline))
    if options.json:
        json.dump(_as_json(findings), sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        for finding in findings:
            sys.stdout.write(_line(finding))
    return next((finding.exit or Exit.FAILED for finding in findings if finding.state is State.BAD), Exit.DONE)


def _line(finding: Finding) -> str:
    encoding = (sys.stdout.encoding or "").lower()
    mark = _MARKS[finding.state] if "utf" in encoding else f"{_PLAIN[finding.state]:<4}"
    text = f"{mark} {finding.name}: {finding.detail}\n" if finding.detail else f"{mark} {finding.name}\n"
    if finding.state in (State.BAD, State.NOTED):
        text += f"    {finding.remedy}\n" if finding.remedy else ""
        text += f"    {finding.page}\n" if finding.page else ""
    return text if "utf" in encoding else text.encode(encoding or "ascii", "replace").decode(encoding or "ascii")


def _as_json(findings: Findings) -> dict[str, object]:
    return {
        "ok": not any(finding.state is State.BAD for finding in findings),
        "checks": [
            {
                "name": finding.name,
                "state": finding.state.value,
                "detail": finding.detail,
                "remedy": finding.remedy,
                "page": finding.page,
            }
            for finding in findings
        ],
    }
