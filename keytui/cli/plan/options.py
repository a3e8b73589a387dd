"""The options of ``keytui setup`` without a screen."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import get_args

from keytui.domain.plan import Preset

HELP = """\
usage: keytui setup [--plain] [--practice]
       keytui setup --plan FILE.toml [--dry-run | --yes] [--json]
       keytui setup --write-plan FILE.toml [--preset NAME]
       keytui setup --finish | --undo [--yes] [--json]

Opens the app at the walk to a key: account, credit, project, key, first message, use elsewhere. It goes on where it
was left. With --practice everything happens on the practice service and nothing real is touched.

With --plain the same walk is a conversation line by line: for a screen reader, a terminal that cannot move its cursor
(TERM=dumb), or a very slow line. Keys are asked for hidden. At every question "why" explains, "back" goes back, "skip"
leaves the step out, "leave" ends it.

With a plan, the same without a screen: the project, its permissions and limits, a service account and a key are made
with an admin key, and the key is stored and checked. What is there already is used as it is; the second time changes
nothing.

  --plan FILE        apply the plan in this file
  --dry-run          show what it would make or change, and change nothing
  --yes              do not ask
  --json             one JSON object on standard output at the end
  --write-plan FILE  write a plan to start from, and nothing else
  --preset NAME      what it is for: {presets} (default: chat)
  --finish           go on with a plan that was left half made
  --undo             take back what the last plan did: revoke, delete, put back, archive
  --without STEP     leave a step out (more than once: several); the name that a failure tells
  --admin-key-stdin  read the admin key from standard input; otherwise it is OPENAI_ADMIN_KEY, or asked for, hidden
  --base-url URL     the only address the admin key and the new key are for (OpenAI's)
  --vault PLACE      where the key is kept: keyring or file (the keyring if it works, else the encrypted file)
  --passphrase-fd N  read the encrypted file's passphrase from here
  --practice         practice's own data; without --base-url a practice service for as long as the command runs

The admin key is never an argument, and is kept in memory only until the command ends. exit status: 0 done, 1 failed,
2 usage, 3 a key was refused, 4 no credit or a cap, 5 rate limit, 6 network or certificates, 7 the vault

examples:
  keytui setup --practice                              the whole walk, with nothing real in it
  keytui setup --write-plan plan.toml --preset chat    a plan to read and to change
  keytui setup --plan plan.toml --dry-run              what it would make, and nothing made
""".format(presets=", ".join(get_args(Preset)))


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options; ends the process with status 2 and a sentence when they make no sense."""
    parser = argparse.ArgumentParser(prog="keytui setup", add_help=False, allow_abbrev=False, usage=_USAGE)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--plan", type=Path)
    what.add_argument("--write-plan", type=Path)
    what.add_argument("--finish", action="store_true")
    what.add_argument("--undo", action="store_true")
    agreed = parser.add_mutually_exclusive_group()
    agreed.add_argument("--dry-run", action="store_true")
    agreed.add_argument("--yes", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--preset", choices=get_args(Preset))
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("--admin-key-stdin", action="store_true")
    parser.add_argument("--base-url")
    parser.add_argument("--vault", choices=("keyring", "file"))
    parser.add_argument("--passphrase-fd", type=int)
    parser.add_argument("--practice", action="store_true")
    options = parser.parse_args(arguments)
    if not (options.plan or options.write_plan or options.finish or options.undo):
        parser.error("without a screen it takes --plan FILE; --write-plan FILE makes one to start from")
    if options.dry_run and not options.plan:
        parser.error("--dry-run goes with --plan FILE")
    if options.preset and not options.write_plan:
        parser.error("--preset goes with --write-plan FILE")
    return options


_USAGE = "keytui setup [--plain] [--practice] | --plan FILE | --write-plan FILE | --finish | --undo  (--help says more)"
