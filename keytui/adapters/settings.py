"""The user's choices in ``config.toml``. Light: it is read before the first frame, and libraries only when needed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from keytui.domain.keys import StoreUnreadable
from keytui.domain.settings import NAMES, TABLES, Settings, Source, accepted

_HEADING = "# keytui's settings. keytui writes this file anew when a choice changes: comments are not kept.\n\n"


class SettingsFile:
    """A ``SettingsStore`` in a TOML file.

    ``KEYTUI_<NAME>`` in the environment (``KEYTUI_THEME``, ``KEYTUI_MONTHLY_CAP``, …) wins over the file, ``flags``
    win over both; neither is ever written to the file. Entries of the file that keytui does not know are kept.
    """

    def __init__(
        self, path: Path, *, environment: Mapping[str, str] | None = None, flags: Mapping[str, object] | None = None
    ) -> None:
        """Read nothing yet. ``environment`` is the process's own unless said; ``flags`` are values by setting name."""
        self._path = path
        self._environment = os.environ if environment is None else environment
        self._flags = {} if flags is None else flags
        self._problem: str | None = None
        self._file_problem: str | None = None
        self._sources: dict[str, Source] = {}
        self._loaded = Settings()

    @property
    def problem(self) -> str | None:
        """See ``SettingsStore.problem``."""
        return self._problem

    def source(self, name: str) -> Source:
        """See ``SettingsStore.source``."""
        return self._sources.get(name, "default")

    def load(self) -> Settings:
        """See ``SettingsStore.load``. A value that does not fit leaves that setting at its default."""
        self._problem = self._file_problem = None
        self._sources = {}
        values: dict[str, Any] = {}
        try:
            written = self._read()
        except StoreUnreadable as unreadable:
            self._problem = self._file_problem = str(unreadable)
            written = {}
        for name in NAMES:
            for source, value, place in self._said(name, written):
                try:
                    values[name] = accepted(name, value)
                    self._sources[name] = source
                except ValueError as refusal:
                    sentence = f"{place}: {name} {refusal}; its default is used. Correct it, then start keytui again."
                    self._problem = self._problem or sentence
                    if source == "file":
                        self._file_problem = self._file_problem or sentence
        self._loaded = Settings(**values)
        return self._loaded

    def save(self, settings: Settings) -> None:
        """See ``SettingsStore.save``. Only what differs from the last ``load`` is changed in the file.

        What the user or another keytui wrote there meanwhile stays. Raises ``StoreUnreadable`` as well when the file
        cannot be written.
        """
        try:
            self._write(settings)
        except OSError as error:
            raise StoreUnreadable(
                f"{self._path} cannot be written ({error.strerror or error}); the choice holds until keytui ends. "
                "Make its folder writable for you, then choose again."
            ) from error
        self._loaded = settings

    def _write(self, settings: Settings) -> None:
        from keytui.adapters.files import locked, write_private
        from keytui.adapters.paths import make_private

        # A link (as made by programs that keep dot-files elsewhere) stays one: its target is written.
        target = self._path.resolve()
        make_private(target.parent)
        with locked(target):
            contents = self._read()
            if self._file_problem:
                raise StoreUnreadable(self._file_problem)
            for name in NAMES:
                value = getattr(settings, name)
                if value == getattr(self._loaded, name):
                    continue
                _put(contents, name, value)
                self._sources[name] = "file"
            write_private(target, _to_toml(contents))

    def _said(self, name: str, written: Mapping[str, object]) -> list[tuple[Source, object, str]]:
        """What was said about a setting, weakest first: by whom, the value, and where to correct it."""
        said: list[tuple[Source, object, str]] = []
        if (value := _written(written, name)) is not None:
            said.append(("file", value, f"{self._path}, line {self._line_of(name)}"))
        variable = f"KEYTUI_{name.upper()}"
        if self._environment.get(variable):
            said.append(("environment", self._environment[variable], variable))
        if self._flags.get(name) is not None:
            said.append(("flag", self._flags[name], f"--{name.replace('_', '-')}"))
        return said

    def _read(self) -> dict[str, Any]:
        """The file's contents; empty when there is none. Raises ``StoreUnreadable``."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise StoreUnreadable(
                f"{self._path} cannot be read ({error.strerror}); defaults are used. "
                "Make it readable for you, then start keytui again."
            ) from error
        import tomllib

        try:
            return tomllib.loads(data.decode("utf-8-sig"), parse_float=Decimal)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise StoreUnreadable(
                f"{self._path}, line {line}: not UTF-8 text; defaults are used and the file is left as it is. "
                "Save it as UTF-8, then start keytui again."
            ) from error
        except tomllib.TOMLDecodeError as error:
            raise StoreUnreadable(
                f"{self._path}: {error}; defaults are used and the file is left as it is. "
                "Correct it, then start keytui again."
            ) from error

    def _line_of(self, name: str) -> int:
        name = TABLES.get(name, ("", name))[1]
        lines = self._path.read_text("utf-8-sig").splitlines()
        return next((at for at, line in enumerate(lines, 1) if line.split("=")[0].strip(" \t\"'") == name), 1)


def _written(contents: Mapping[str, Any], name: str) -> object:
    """What a file says about a setting; None when it says nothing."""
    table, entry = TABLES.get(name, ("", name))
    there = contents.get(table) if table else contents
    return there.get(entry) if isinstance(there, Mapping) else None


def _put(contents: dict[str, Any], name: str, value: object) -> None:
    """Write a setting where it belongs, or take it away when it is None; a table that it leaves empty goes as well."""
    table, entry = TABLES.get(name, ("", name))
    there = contents
    if table:
        there = contents[table] = dict(contents[table]) if isinstance(contents.get(table), Mapping) else {}
    if value is None:
        there.pop(entry, None)
    else:
        there[entry] = value
    if table and not there:
        del contents[table]


def _to_toml(contents: Mapping[str, Any]) -> bytes:
    import tomli_w

    return (_HEADING + tomli_w.dumps(contents)).encode()
