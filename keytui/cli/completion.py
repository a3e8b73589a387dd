"""``keytui completion``: what a shell runs to complete commands, verbs and the names of keys."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from keytui.cli import COMMANDS
from keytui.domain.troubles import Exit

VERBS = ("list", "add", "verify", "rename", "use", "move", "rotate", "review", "import", "remove")
"""The verbs of ``keytui keys``."""
NAMED = ("verify", "rename", "use", "move", "rotate", "remove")
"""Those that take the name of a key."""

HELP = """\
usage: keytui completion bash|zsh|fish

Prints what completes keytui's commands, its verbs, and the names of your keys (never their characters) in a shell.
Put it where the shell finds it, for example:

  bash  eval "$(keytui completion bash)"        in ~/.bashrc
  zsh   eval "$(keytui completion zsh)"         in ~/.zshrc, after compinit
  fish  keytui completion fish | source         in ~/.config/fish/config.fish
"""

BASH = """\
_keytui() {
  local word=$2 before=$3 IFS=$'\\n' names=
  if [ "$COMP_CWORD" -eq 1 ]; then names='COMMANDS'
  elif [[ $before == -k || $before == --key ]]; then names=$(keytui exec --complete 2>/dev/null)
  elif [[ ${COMP_WORDS[1]} == keys && $COMP_CWORD -eq 2 ]]; then names='VERBS'
  elif [[ ${COMP_WORDS[1]} == keys && $COMP_CWORD -eq 3 && " NAMED " == *" ${COMP_WORDS[2]} "* ]]; then
    names=$(keytui exec --complete 2>/dev/null)
  elif [[ ${COMP_WORDS[1]} == completion ]]; then names=$'bash\\nzsh\\nfish'
  fi
  COMPREPLY=()
  [ -z "$names" ] || COMPREPLY=($(compgen -W "$names" -- "$word"))
  local at; for at in "${!COMPREPLY[@]}"; do COMPREPLY[at]=$(printf %q "${COMPREPLY[at]}"); done
}
complete -o default -F _keytui keytui
"""
ZSH = """\
_keytui() {
  local -a named=(NAMED)
  if [[ ${words[2]} == exec ]] && (( ${words[(I)--]} && ${words[(I)--]} < CURRENT )); then
    local at=${words[(i)--]}
    shift $at words
    (( CURRENT -= at ))
    _normal
  elif (( CURRENT == 2 )); then compadd -- COMMANDS
  elif [[ ${words[CURRENT-1]} == (-k|--key) ]] ||
       { [[ ${words[2]} == keys ]] && (( CURRENT == 4 && ${named[(I)${words[3]}]} )) }; then
    compadd -- ${(f)"$(keytui exec --complete 2>/dev/null)"}
  elif [[ ${words[2]} == keys ]] && (( CURRENT == 3 )); then compadd -- VERBS
  elif [[ ${words[2]} == completion ]]; then compadd -- bash zsh fish
  else _default
  fi
}
compdef _keytui keytui
"""
FISH = """\
complete -c keytui -f
complete -c keytui -n __fish_use_subcommand -a 'COMMANDS'
complete -c keytui -n '__fish_seen_subcommand_from exec ask proxy' -s k -l key -x -a '(keytui exec --complete)'
complete -c keytui -n '__fish_seen_subcommand_from keys; and not __fish_seen_subcommand_from VERBS' -a 'VERBS'
complete -c keytui -n '__fish_seen_subcommand_from keys; and __fish_seen_subcommand_from NAMED' \\
  -a '(keytui exec --complete)'
complete -c keytui -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'
complete -c keytui -n '__fish_seen_subcommand_from exec; and __fish_seen_argument -- --' -F
"""
SHELLS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


def run(arguments: Sequence[str]) -> int:
    """Print the script of a shell."""
    wanted = arguments[0] if len(arguments) == 1 else ""
    if wanted in ("-h", "--help"):
        sys.stdout.write(HELP)
        return Exit.DONE
    if wanted not in SHELLS:
        sys.stderr.write(f"keytui: say which shell: {', '.join(SHELLS)}. “keytui completion --help” says more.\n")
        return Exit.USAGE
    sys.stdout.write(script(wanted))
    return Exit.DONE


def script(shell: str) -> str:
    """What a shell runs."""
    between = "\\n" if shell == "bash" else " "
    text = SHELLS[shell]
    for name, words in (("COMMANDS", tuple(COMMANDS)), ("VERBS", VERBS)):
        text = text.replace(name, between.join(words))
    text = text.replace("NAMED", " ".join(NAMED))
    return text.replace("names='", "names=$'") if shell == "bash" else text
