"""``keytui paths``: every file and folder that keytui uses, and which of them exist."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from keytui.adapters.paths import Paths, find
from keytui.domain.troubles import Exit

_EXAMPLES = """\
examples:
  keytui paths
  KEYTUI_HOME=/tmp/elsewhere keytui paths    everything under one folder
"""


def run(arguments: list[str]) -> int:
    """Print all paths; nothing is created. 0, or 2 when the command was not understood."""
    parser = argparse.ArgumentParser(
        prog="keytui paths",
        description="Show every file and folder that keytui uses; those that exist are marked. Nothing is created.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="JSON on standard output")
    parser.add_argument("--practice", action="store_true", help="those of practice instead of the real ones")
    options = parser.parse_args(arguments)
    listed = every_path(find(practice=options.practice))
    if options.json:
        data = [{"name": name, "path": str(path), "exists": path.exists(), "for": what} for name, path, what in listed]
        sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
        return Exit.DONE
    width = max(len(str(path)) for _, path, _ in listed)
    for _, path, what in listed:
        sys.stdout.write(f"{'✓' if path.exists() else ' '} {path!s:<{width}}  {what}\n")
    sys.stderr.write("✓ exists; KEYTUI_HOME=FOLDER puts all of them under one folder\n")
    return Exit.DONE


def every_path(paths: Paths) -> list[tuple[str, Path, str]]:
    """Name, path and purpose of each file and folder, in the order of their folders."""

    def beside(path: Path, ending: str) -> Path:
        return path.with_name(path.name + ending)

    return [
        ("config", paths.config, "your choices"),
        ("settings", paths.settings_file, "settings; you may edit it"),
        ("data", paths.data, "what must not be lost"),
        ("keys", paths.keys_file, "the list of keys, without their characters"),
        ("keys-lock", beside(paths.keys_file, ".lock"), "keeps two keytui from writing the list at once"),
        ("vault", paths.vault_file, "the characters of keys, encrypted; only where there is no keyring"),
        ("vault-copy", beside(paths.vault_file, ".bak"), "the same before the last change"),
        ("vault-lock", beside(paths.vault_file, ".lock"), "keeps two keytui from writing the vault at once"),
        ("database", paths.database, "the ledger and the conversations"),
        ("journal", paths.journal, "ledger entries that wait for the database"),
        ("state", paths.state, "what may be deleted"),
        ("setup", paths.setup_file, "how far set-up has come"),
        ("agenda", paths.agenda_file, "what is due with keys"),
        ("endpoints", paths.endpoints_file, "what servers were found to lack"),
        ("log", paths.log_file, "the log, without keys and prompts"),
        ("cache", paths.cache, "what is made again by itself"),
        ("vocabulary", paths.vocabulary, "the tokenizer's vocabulary"),
    ]
