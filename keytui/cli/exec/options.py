"""The command line of ``keytui exec``, read by hand: argparse would cost more than everything else on that way."""

HELP = """\
usage: keytui exec [-k NAME] [--proxy] [--env VARIABLE] [--from SOURCE] [--passphrase-fd N] [--nested] -- CMD [ARG…]

Run CMD with a key in its environment (OPENAI_API_KEY, and base URL, organisation and project where the key has them),
on this terminal; signals and exit status are CMD's own. Nothing appears in any argument list.

  -k, --key NAME     the key to hand over (the active one; without any, what OPENAI_API_KEY holds here)
  --proxy            hand over a local key and the address of a metering proxy instead: every request is booked, and
                     the caps hold
  --env VARIABLE     the variable that CMD expects the key in, instead of OPENAI_API_KEY
  --from SOURCE      a key that keytui does not know: environment[:VARIABLE], dotenv[:FILE], or command:COMMAND
  --passphrase-fd N  read the passphrase of the encrypted file from this file descriptor
  --nested           replace the key inside another keytui exec
  --complete         print the names of all keys, for the shell's completion

exit status: CMD's; 125 keytui could not hand over the key, 126 CMD is no program, 127 there is no CMD

examples:
  keytui exec -- python app.py
  keytui exec -k work --proxy -- npm start                its requests are booked, and the caps hold
  keytui exec --env AZURE_KEY --from dotenv -- ./sync     a key out of .env, under another name

“keytui completion SHELL” prints what completes the names of keys in bash, zsh and fish.
"""


class Refusal(Exception):
    """CMD is not run; the text is one sentence with the next step."""


class Wish:
    """What the command line asks for."""

    def __init__(self) -> None:
        self.key: str | None = None
        self.variable: str | None = None
        self.source: str | None = None
        self.passphrase_fd: int | None = None
        self.proxy = False
        self.nested = False
        self.complete = False
        self.help = False
        self.command: list[str] = []


def read(arguments: list[str]) -> Wish:
    """What a command line asks for. Raises ``Refusal``."""
    wish, words = Wish(), list(arguments)
    while words:
        word = words.pop(0)
        if word == "--":
            wish.command = words
            break
        if word in ("-h", "--help"):
            wish.help = True
        elif word == "--proxy":
            wish.proxy = True
        elif word == "--nested":
            wish.nested = True
        elif word == "--complete":
            wish.complete = True
        elif word.startswith("-"):
            name, equals, value = word.partition("=")
            if name not in ("-k", "--key", "--env", "--from", "--passphrase-fd"):
                raise Refusal(f"there is no option “{name}”; “keytui exec --help” lists them.")
            if not equals:
                if not words or words[0] == "--":
                    raise Refusal(f"{name} needs a value; “keytui exec --help” says which.")
                value = words.pop(0)
            _take(wish, name, value)
        else:
            wish.command = [word, *words]
            break
    if wish.command:
        _refuse_key(wish.command[0])
    return wish


def _refuse_key(word: str) -> None:
    """Refuse a key among keytui's own arguments, without repeating it. CMD's arguments are CMD's affair."""
    if word.startswith("sk-") and len(word) >= 20:
        raise Refusal(
            "an argument looks like a key. Whoever can list processes has seen it, and so has the shell's history: "
            "revoke that key, delete the line from the history, and add its successor with “keytui keys add NAME”."
        )


def _take(wish: Wish, name: str, value: str) -> None:
    """Put one option's value in its place."""
    _refuse_key(value)
    if name in ("-k", "--key"):
        wish.key = value
    elif name == "--env":
        if not value.replace("_", "a").isalnum() or value[:1].isdigit():
            raise Refusal(f"“{value}” is no name for a variable.")
        wish.variable = value
    elif name == "--from":
        wish.source = value
    elif not value.isdigit():
        raise Refusal("--passphrase-fd takes the number of an open file descriptor, such as 3.")
    else:
        wish.passphrase_fd = int(value)
