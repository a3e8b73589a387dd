"""``keytui status``: one line for a prompt or tmux, from local data only.

It runs at every prompt, so it imports next to nothing, never touches the network, and creates no file.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # the name alone is enough for type checkers; ``typing`` takes long to import
if TYPE_CHECKING:
    from decimal import Decimal

    from keytui.adapters.ledger.glance import Spent

DEFAULT = "{key} {month}{cap} {bar}"

HELP = """usage: keytui status [--practice] [--format TEXT]

One line for a prompt, tmux or a status bar. Local data only; nothing is written.

  --practice      practice's data instead of the real one
  --format TEXT   what to print; default: {default}

placeholders:
  {{key}}     name of the active key       {{last4}}   its last four characters
  {{model}}   the model of new chats       {{mode}}    “practice”, or nothing
  {{today}}   spent today                  {{month}}   spent this month
  {{cap}}     “ of ” and the monthly cap   {{left}}    what the cap leaves
  {{percent}} how far the cap is used      {{bar}}     the same as a bar of ten
An amount is “≥ …” when some requests have no known price, or are not in the
ledger yet; it is “$?” when the ledger cannot be read.
What belongs to the cap is empty where there is none. {{{{ and }}}} print braces.

example, in tmux.conf:
  set -g status-right '#(keytui status --format "{{key}} {{today}} today")'
"""


def run(arguments: list[str]) -> int:
    """Print the line; 0, 1 when something could not be read, 2 when the command was not understood."""
    practice, text = False, DEFAULT
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if argument in ("-h", "--help"):
            sys.stdout.write(HELP.format(default=DEFAULT))
            return 0
        if argument == "--practice":
            practice = True
        elif argument == "--format" and rest:
            text = rest.pop(0)
        elif argument.startswith("--format="):
            text = argument.partition("=")[2]
        else:
            sys.stderr.write(f"keytui status: “{argument}” is not understood. “keytui status --help” says what is.\n")
            return 2
    values = Values(practice)
    try:
        line = text.format_map(values)
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        sys.stderr.write(
            f"keytui status: the format cannot be used ({error}). “keytui status --help” lists the names.\n"
        )
        return 2
    if not _unicode():
        line = line.replace("≥", ">=")
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a prompt must come, whatever the name
    sys.stdout.write(line.strip() + "\n")
    for problem in values.problems:
        sys.stderr.write(f"keytui status: {problem}\n")
    return 1 if values.problems else 0


class Values(dict[str, object]):
    """What the placeholders stand for, each found only when the format asks for it."""

    def __init__(self, practice: bool) -> None:
        self.problems: list[str] = []
        self._practice = practice
        self._data, self._config = folders(practice)
        self._key: dict[str, object] | None = None
        self._settings: dict[str, object] | None = None
        self._spent: tuple[Spent, Spent] | None = None
        self._looked = False

    def __missing__(self, name: str) -> object:
        finder = getattr(self, f"find_{name}", None)
        if finder is None:
            raise KeyError(name)
        self[name] = value = finder()
        return value

    def find_mode(self) -> str:
        """``practice``, or nothing."""
        return "practice" if self._practice else ""

    def find_key(self) -> str:
        """The active key's name."""
        return str(self._active().get("name", "no key"))

    def find_last4(self) -> str:
        """The last four characters of the active key."""
        return str(self._active().get("last4", ""))

    def find_model(self) -> str:
        """The model of new chats."""
        return str(self._active().get("default_model") or self._setting("default_model") or "gpt-6-luna")

    def find_today(self) -> str:
        """What was spent today."""
        return self._amount(0)

    def find_month(self) -> str:
        """What was spent this month."""
        return self._amount(1)

    def find_cap(self) -> str:
        """`` of `` and the monthly cap."""
        from keytui.domain.money import dollars

        cap = self._cap()
        return "" if cap is None else f" of {dollars(cap)}"

    def find_left(self) -> str:
        """What the cap leaves."""
        from keytui.domain.money import dollars

        cap, spent = self._cap(), self._sums()
        return "" if cap is None or spent is None else dollars(max(cap - spent[1][0], cap * 0))

    def find_percent(self) -> str:
        """How far the cap is used."""
        share = self._share()
        return "" if share is None else f"{int(share * 100)} %"

    def find_bar(self) -> str:
        """How far the cap is used, as a bar of ten."""
        share = self._share()
        if share is None:
            return ""
        full, empty = ("▓", "░") if _unicode() else ("#", ".")
        filled = min(int(share * 10), 10)
        return full * filled + empty * (10 - filled)

    def _cap(self) -> Decimal | None:
        """The monthly cap in USD."""
        said = self._setting("monthly_cap")
        if said is None:
            return None
        from decimal import Decimal

        try:
            return Decimal(said)
        except ArithmeticError:
            self.problems.append(f"monthly_cap is “{said}”, which is not an amount; correct it in the settings.")
            return None

    def _share(self) -> float | None:
        cap, spent = self._cap(), self._sums()
        return float(spent[1][0] / cap) if cap and spent is not None else None

    def _amount(self, which: int) -> str:
        from keytui.domain.money import dollars

        spent = self._sums()
        if spent is None:
            return dollars(None)
        amount, at_least = spent[which]
        return dollars(amount, at_least=at_least)

    def _sums(self) -> tuple[Spent, Spent] | None:
        """Spent today and this month; None when the ledger cannot be read."""
        if not self._looked:
            self._looked = True
            import sqlite3
            from datetime import date

            from keytui.adapters.ledger.glance import spent

            try:
                database, journal = (os.path.join(self._data, name) for name in ("keytui.db", "ledger.journal"))
                self._spent = spent(database, journal, date.today())
            except sqlite3.Error as error:
                self.problems.append(f"the ledger cannot be read ({error}); “keytui doctor” says more.")
        return self._spent

    def _active(self) -> dict[str, object]:
        """The active key as it stands in the index."""
        if self._key is None:
            self._key = {}
            try:
                with open(os.path.join(self._data, "keys.json"), "rb") as file:
                    raw = file.read()
                import json

                document = json.loads(raw)
                for entry in document["keys"]:
                    if entry["id"] == document.get("active"):
                        self._key = entry
            except FileNotFoundError:
                return self._key
            except (OSError, ValueError, TypeError, KeyError):
                self.problems.append("the list of keys cannot be read; “keytui doctor” says more.")
        return self._key

    def _setting(self, name: str) -> str | None:
        """A setting as text: from the environment, else from the settings file."""
        if said := os.environ.get(f"KEYTUI_{name.upper()}"):
            return said
        if self._settings is None:
            self._settings = self._read_settings()
        value = self._settings.get(name)
        return None if value is None else str(value)

    def _read_settings(self) -> dict[str, object]:
        try:
            with open(os.path.join(self._config, "config.toml"), encoding="utf-8") as file:
                text = file.read()
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            self.problems.append("the settings cannot be read; “keytui doctor” says more.")
            return {}
        simple = simple_settings(text)
        if simple is not None:
            return simple
        import tomllib

        try:
            return tomllib.loads(text, parse_float=str)
        except ValueError:
            self.problems.append("the settings have a mistake in them; “keytui doctor” says more.")
            return {}


def simple_settings(text: str) -> dict[str, object] | None:
    """Settings that are all of the form ``name = "text"`` or ``name = 10.50``; None when there is anything more.

    Reading TOML in full takes longer than all the rest of this command.
    """
    found: dict[str, object] = {}
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, equals, value = stripped.partition(" = ")
        if not equals or not name.replace("_", "").isalnum() or "#" in value or "\\" in value:
            return None
        quoted = value[1:-1]
        if len(value) >= 2 and value[0] == value[-1] == '"' and '"' not in quoted:
            found[name] = quoted
        elif value.replace(".", "", 1).isdigit():
            found[name] = value
        else:
            return None
    return found


def _unicode() -> bool:
    """Whether the output takes any character."""
    return "utf" in (sys.stdout.encoding or "").lower()


def folders(practice: bool) -> tuple[str, str]:
    """The data and the config folder: those of ``adapters.paths.find``, found without its imports on Linux."""
    if home := os.environ.get("KEYTUI_HOME"):
        base = os.path.abspath(os.path.expanduser(home))
        data, config = os.path.join(base, "data"), os.path.join(base, "config")
    elif sys.platform == "linux":
        data = os.path.join(_xdg("XDG_DATA_HOME", "~/.local/share"), "keytui")
        config = os.path.join(_xdg("XDG_CONFIG_HOME", "~/.config"), "keytui")
    else:
        from keytui.adapters.paths import find

        found = find(practice=practice)
        return str(found.data), str(found.config)
    if practice:
        return os.path.join(data, "practice", "data"), os.path.join(data, "practice", "config")
    return data, config


def _xdg(variable: str, usual: str) -> str:
    return os.environ.get(variable, "").strip() or os.path.expanduser(usual)
