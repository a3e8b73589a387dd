"""What ``--help`` says, and what is said of a command that does not exist."""

import difflib

from keytui.cli import COMMANDS


def overview() -> str:
    """The text of ``keytui --help``."""
    width = max(map(len, COMMANDS))
    rows = "\n".join(f"  {name:<{width}}  {what}" for name, what in COMMANDS.items())
    return f"""keytui: get, hold and understand an OpenAI API key, from a terminal

usage: keytui [--practice] [--offline] [--no-mouse] [--pane keys|playground|costs|network]
       keytui COMMAND [...]

  --practice   use the built-in practice service and its own data; nothing real is touched
  --offline    never use the network
  --no-mouse   leave the mouse to the terminal
  --pane NAME  open this pane first
  --version    the version

commands (keytui COMMAND --help says more):
{rows}

examples:
  keytui --practice                       try everything, without an account
  keytui keys add work                    keep a key; asks for it, hidden
  keytui exec -k work -- python app.py    run a program with it, without pasting it anywhere
  keytui tokens notes.md                  how many tokens a file is
"""


def unknown(command: str) -> str:
    """What to say of a command that does not exist, with the nearest that does."""
    near = difflib.get_close_matches(command, COMMANDS, n=1)
    hint = f" Did you mean “keytui {near[0]}”?" if near else ""
    return f"keytui: there is no command “{command}”.{hint} “keytui --help” lists them.\n"
