"""Changing what belongs to a key: its name, its address, its cap, and what programs are told beside it."""

from __future__ import annotations

from collections.abc import Sequence

from keytui.domain.key_edit import NotFitting, edited, fitting_name
from keytui.domain.keys import KeyRecord
from keytui.tui.dialogs.form import FormDialog, FormField


def _refuse_taken(name: str, taken: frozenset[str]) -> None:
    if name in taken:
        raise NotFitting("name", "Another key has this name: choose a different one.")


def _scopes(record: KeyRecord) -> str:
    return "" if record.scopes is None else ", ".join(record.scopes) or "all"


class EditKeyDialog(FormDialog[KeyRecord]):
    """Answers the record as it shall be."""

    WHY = "safe"
    HELP = """
    # What keytui notes of a key

    - **Cap** is keytui's own limit: it sends nothing over it. The platform's is set by **o** in the Keys pane.
    - **Address** is the only one that the key is sent to. Another one is asked about.
    - **Expires** and **May do** are notes for the review; the platform decides.
    """

    def __init__(self, record: KeyRecord, others: Sequence[KeyRecord]) -> None:
        """``others`` are all keys: two must not have one name."""
        self._record = record
        self._taken = frozenset(other.name for other in others if other.id != record.id)
        expires = f"{record.expires.astimezone():%Y-%m-%d}" if record.expires else ""
        cap = "" if record.monthly_cap is None else str(record.monthly_cap)
        super().__init__(
            f"Edit {record.name}",
            (
                FormField("name", "Name", record.name),
                FormField("default_model", "Model", record.default_model or "", "the app's own choice"),
                FormField("monthly_cap", "Cap, USD a month", cap, "none; keytui sends nothing over it"),
                FormField("base_url", "Address", record.base_url),
                FormField("organization", "Organisation", record.organization or "", "the key's own"),
                FormField("project", "Project", record.project or "", "the key's own"),
                FormField("expires", "Expires", expires, "not known; a date like 2027-03-31"),
                FormField("scopes", "May do", _scopes(record), "not known; all, or names such as api.model.read"),
                FormField("note", "Note", record.note, "none"),
            ),
            note="Nothing changes on the platform.",
        )

    def accept(self, values: dict[str, str]) -> KeyRecord:
        """The record with these values; raises ``NotFitting``."""
        _refuse_taken(values["name"].strip(), self._taken)
        # A day that was not touched keeps its hour.
        changed = {field.id: values[field.id] for field in self._fields if values[field.id] != field.value}
        return edited(self._record, changed)


class NameDialog(FormDialog[str]):
    """Asks for the name that a key is to have."""

    def __init__(self, title: str, proposed: str, others: Sequence[KeyRecord], *, note: str = "") -> None:
        self._taken = frozenset(other.name for other in others)
        super().__init__(title, (FormField("name", "Name", proposed),), note=note, yes="Keep it")

    def accept(self, values: dict[str, str]) -> str:
        """The name; raises ``NotFitting``."""
        name = fitting_name(values["name"])
        _refuse_taken(name, self._taken)
        return name


class FileDialog(FormDialog[str]):
    """Asks where a file is to be written."""

    def __init__(self, title: str, proposed: str, *, note: str) -> None:
        super().__init__(title, (FormField("path", "File", proposed),), note=note, yes="Write it")

    def accept(self, values: dict[str, str]) -> str:
        """The path as it was written; raises ``NotFitting``."""
        if not values["path"].strip():
            raise NotFitting("path", "Give the file a name.")
        return values["path"].strip()
