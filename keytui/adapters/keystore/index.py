"""The index of keys: everything about them except their characters, in one small JSON file.

Several keytui may change it at once: each change reads the file anew inside the lock and replaces it whole. Fields
that this version does not know are kept. A file that cannot be read is never overwritten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

from keytui.adapters.files import locked, write_private
from keytui.domain.keys import KeyKind, KeyRecord, KeyState, Place, StoreUnreadable
from keytui.domain.vaults import VaultBusy

VERSION = 1
LARGEST = 16 * 1024 * 1024
"""Bytes; a file above this is not one that keytui wrote."""

Document = dict[str, Any]
"""The file as it stands: ``version``, ``active``, ``keys`` (entries in order), ``pending`` (marks of work begun), and
``file_changes``: how often the encrypted file had been written anew when the list was last changed."""

T = TypeVar("T")

_FIELDS = frozenset(field.name for field in fields(KeyRecord))
_TIMES = ("created", "expires", "last_used", "verified")
_WORDS = ("organization", "project", "project_name", "default_model", "locator", "vault_entry", "platform_id")


class KeyIndex:
    """Reads and changes the index file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Document:
        """The whole document; an empty one when there is no file. Raises ``StoreUnreadable``."""
        try:
            with self.path.open("rb") as file:
                raw = file.read(LARGEST + 1)
        except FileNotFoundError:
            return {"version": VERSION, "active": None, "keys": [], "pending": []}
        except OSError as error:
            raise StoreUnreadable(f"{self.path} cannot be read ({error.strerror}); mend its permissions.") from None
        return self._checked(raw)

    def records(self) -> tuple[KeyRecord, ...]:
        """All keys, in the order in which they were added. Raises ``StoreUnreadable``."""
        return tuple(decode(entry) for entry in self.read()["keys"])

    def change(self, edit: Callable[[Document], T]) -> T:
        """Read the file inside the lock, let ``edit`` change the document, write it, give back what ``edit`` gave.

        When ``edit`` raises, nothing is written. Raises ``StoreUnreadable``, ``VaultBusy`` and ``OSError``.
        """
        try:
            with locked(self.path):
                document = self.read()
                result = edit(document)
                write_private(self.path, written(document).encode("utf-8"))
                return result
        except TimeoutError:
            raise VaultBusy(f"Another keytui holds {self.path.name} for too long; end it, then try again.") from None

    def _checked(self, raw: bytes) -> Document:
        """The bytes of the file as a document whose every entry can be understood."""
        if len(raw) > LARGEST:
            raise self._unreadable(1, "it is larger than any list of keys")
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise self._unreadable(raw.count(b"\n", 0, error.start) + 1, "it is not UTF-8 text") from None
        import json

        try:
            document = json.loads(text)
        except json.JSONDecodeError as error:
            raise self._unreadable(error.lineno, error.msg) from None
        except RecursionError:
            raise self._unreadable(1, "it is nested too deeply") from None
        if not isinstance(document, dict) or not isinstance(document.get("version"), int):
            raise self._unreadable(1, "it is not a list of keys")
        if document["version"] > VERSION:
            raise StoreUnreadable(f"{self.path} was written by a newer keytui; update this one.")
        document.setdefault("active", None)
        for part in ("keys", "pending"):
            if not isinstance(document.setdefault(part, []), list):
                raise self._unreadable(_line_of(text, f'"{part}"'), f"“{part}” is not a list")
        for entry in document["keys"]:
            try:
                decode(entry)
            except (KeyError, TypeError, ValueError) as error:
                raise self._unreadable(_line_of_entry(text, entry, error), _reason(error)) from None
        return document

    def _unreadable(self, line: int, reason: str) -> StoreUnreadable:
        return StoreUnreadable(
            f"{self.path}, line {line}: {reason}. It is left as it is; mend that line, or move the file away."
        )


def written(document: Document) -> str:
    """The document as text: JSON with each key on a line of its own, so that an error's line says which key it is."""
    import json

    parts = []
    for name, value in document.items():
        if isinstance(value, list) and value:
            entries = ",\n".join(f"  {json.dumps(entry, ensure_ascii=False)}" for entry in value)
            parts.append(f" {json.dumps(name)}: [\n{entries}\n ]")
        else:
            parts.append(f" {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def encode(record: KeyRecord, entry: Document | None = None) -> Document:
    """A record as an entry of the file; fields of ``entry`` that this version does not know are kept."""
    kept = {name: value for name, value in (entry or {}).items() if name not in _FIELDS}
    written: Document = {field.name: getattr(record, field.name) for field in fields(record)}
    written["scopes"] = None if record.scopes is None else list(record.scopes)
    written |= {name: value.isoformat() for name in _TIMES if (value := written[name]) is not None}
    written |= {"kind": record.kind.name.lower(), "place": record.place.value, "state": record.state.name.lower()}
    if record.monthly_cap is not None:
        written["monthly_cap"] = str(record.monthly_cap)
    return {name: value for name, value in written.items() if value not in (None, "")} | kept


def decode(entry: Document) -> KeyRecord:
    """An entry of the file as a record. Raises ``KeyError``, ``TypeError`` or ``ValueError`` when it is not one."""
    if not isinstance(entry, dict):
        raise TypeError("an entry is not an object")
    for name in ("id", "name", "base_url"):
        if not isinstance(entry[name], str) or not entry[name]:
            raise ValueError(f"“{name}” is empty")
    return KeyRecord(
        id=entry["id"],
        name=entry["name"],
        kind=_member(KeyKind, entry["kind"], "kind"),
        base_url=entry["base_url"],
        place=_place(entry["place"]),
        last4=_text(entry, "last4") or "",
        created=_time(entry, "created") or _missing("created"),
        expires=_time(entry, "expires"),
        last_used=_time(entry, "last_used"),
        verified=_time(entry, "verified"),
        monthly_cap=_amount(entry),
        state=_member(KeyState, entry.get("state", "unchecked"), "state"),
        note=_text(entry, "note") or "",
        scopes=_scopes(entry),
        **{name: _text(entry, name) for name in _WORDS},
    )


def _member(kind: type[T], value: object, name: str) -> T:
    try:
        return kind[str(value).upper()]  # type: ignore[index,no-any-return]  # an Enum class
    except KeyError:
        raise ValueError(f"“{name}” is “{value}”, which keytui does not know") from None


def _place(value: object) -> Place:
    try:
        return Place(value)
    except ValueError:
        raise ValueError(f"“place” is “{value}”, which keytui does not know") from None


def _text(entry: Document, name: str) -> str | None:
    value = entry.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"“{name}” is not text")
    return value


def _scopes(entry: Document) -> tuple[str, ...] | None:
    value = entry.get("scopes")
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError("“scopes” is not a list of names")
    return tuple(value)


def _time(entry: Document, name: str) -> datetime | None:
    value = _text(entry, name)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"“{name}” is not a date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _amount(entry: Document) -> Decimal | None:
    value = _text(entry, "monthly_cap")
    try:
        return None if value is None else Decimal(value)
    except InvalidOperation:
        raise ValueError("“monthly_cap” is not an amount") from None


def _missing(name: str) -> datetime:
    raise KeyError(name)


def _reason(error: Exception) -> str:
    return f"“{error.args[0]}” is missing" if isinstance(error, KeyError) else str(error)


def _line_of(text: str, piece: str) -> int:
    """The line of a piece's first occurrence, 1 when there is none."""
    return text.count("\n", 0, max(0, text.find(piece))) + 1


def _line_of_entry(text: str, entry: object, error: Exception) -> int:
    """The line of what is wrong with an entry, or of the entry when its field is not there."""
    import json

    begins = text.find('"keys"')
    if isinstance(entry, dict) and isinstance(entry.get("id"), str):
        begins = max(begins, text.find(json.dumps(entry["id"], ensure_ascii=False), begins))
    field = _reason(error).partition("“")[2].partition("”")[0]
    ends = text.find("}", begins)
    at = text.find(f'"{field}"', begins, ends if ends >= 0 else len(text))
    return text.count("\n", 0, max(at, begins, 0)) + 1
