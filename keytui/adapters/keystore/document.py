"""Changes to the document that the index of keys is: plain functions, run inside ``KeyIndex.change``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from keytui.adapters.keystore.index import Document, decode, encode
from keytui.adapters.keystore.pending import Mark
from keytui.domain.keys import KeyKind, KeyRecord, VaultTrouble
from keytui.domain.vaults import NameTaken

UNKNOWN = "There is no such key any more; another keytui may have removed it."


def entry_of(document: Document, key_id: str) -> Document:
    """The entry of a key. Raises ``VaultTrouble`` when there is none."""
    for entry in document["keys"]:
        if entry["id"] == key_id:
            return dict(entry)
    raise VaultTrouble(UNKNOWN)


def put(document: Document, entry: Document) -> None:
    """Put an entry in the place of the one with the same id."""
    document["keys"] = [entry if known["id"] == entry["id"] else known for known in document["keys"]]


def exchange(document: Document, key_id: str, other_id: str) -> None:
    """Let two keys exchange their characters. Raises ``VaultTrouble``."""
    from keytui.domain.rotation import exchanged

    entries = entry_of(document, key_id), entry_of(document, other_id)
    for entry, record in zip(entries, exchanged(*map(decode, entries)), strict=True):
        put(document, encode(record, entry))


def remove(document: Document, key_id: str, mark: Mark | None = None) -> None:
    """Take a key out, and the mark of that work.

    When it was the active one and only one other is left, that one is active from now on.
    """
    document["keys"] = [entry for entry in document["keys"] if entry["id"] != key_id]
    if document["active"] == key_id:
        left = [entry["id"] for entry in document["keys"] if entry["kind"] != KeyKind.ADMIN.name.lower()]
        document["active"] = left[0] if len(left) == 1 else None
    if mark is not None:
        mark.drop(document)


def _free_name(name: str, taken: set[str]) -> str:
    """The name itself, or with the first number that is free."""
    number, free = 2, name
    while free in taken:
        number, free = number + 1, f"{name} {number}"
    return free


def refuse_taken(record: KeyRecord, names: Iterable[tuple[str, str]]) -> None:
    """Raise ``NameTaken`` when another key has the name; ``names`` are pairs of id and name."""
    for key_id, name in names:
        if name == record.name and key_id != record.id:
            raise NameTaken(f"There is a key named “{name}” already; choose another name, or remove it first.")


def names_in(document: Document) -> list[tuple[str, str]]:
    """Id and name of each key."""
    return [(entry["id"], entry["name"]) for entry in document["keys"]]


def names_of(records: Iterable[KeyRecord]) -> list[tuple[str, str]]:
    """Id and name of each key."""
    return [(record.id, record.name) for record in records]


def insert(
    document: Document, record: KeyRecord, mark: Mark | None = None, *, beside: Iterable[KeyRecord] = ()
) -> KeyRecord:
    """Add a record, and take away its mark; the first key that can be used becomes the active one.

    With a mark the characters are already kept: then a name that another keytui took meanwhile (or a key ``beside``
    the document has) is no reason to refuse, and the record gets the next free one. Gives the record as added.
    """
    names = [*names_in(document), *names_of(beside)]
    if mark is not None:
        mark.drop(document)
        record = replace(record, name=_free_name(record.name, {name for _, name in names}))
    refuse_taken(record, names)
    document["keys"].append(encode(record))
    if document["active"] is None and record.kind is not KeyKind.ADMIN:
        document["active"] = record.id
    return record
