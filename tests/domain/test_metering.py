"""The metering proxy's own things: names of programs, their local keys, and what is shown of them together."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from keytui.domain.keys import KeyKind, KeyRecord, Place
from keytui.domain.metering import (
    DEFAULT_PROGRAM,
    PREFIX,
    Handshake,
    ProgramUse,
    Snapshot,
    Target,
    name_of_command,
    new_local_key,
    program_name,
)
from keytui.domain.secrets import Secret

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = KeyRecord("1", "work", KeyKind.PROJECT, "https://here/v1/", Place.FILE, "1vW4", NOW, monthly_cap=Decimal(1))


def test_a_handshake_is_one_line_that_a_script_can_read() -> None:
    line = Handshake("http://127.0.0.1:1/v1", Secret("sk-keytui-x")).line
    assert "\n" not in line
    assert json.loads(line) == {"base_url": "http://127.0.0.1:1/v1", "api_key": "sk-keytui-x"}


def test_a_key_goes_to_its_own_address_however_that_is_written() -> None:
    for written in ("https://here/v1/", "https://here/v1"):
        assert Target(replace(KEY, base_url=written), Secret("s")).base_url == "https://here/v1"


def test_local_keys_look_like_keys_and_no_two_are_alike() -> None:
    one, other = new_local_key(), new_local_key()
    assert one != other
    assert one.reveal().startswith(PREFIX)
    assert len(one) >= len(PREFIX) + 32


@pytest.mark.parametrize("name", ["x", "x" * 40, "é_1.0+b-c"])
def test_a_programs_name_is_one_plain_word(name: str) -> None:
    assert program_name(f" {name} ") == name


@pytest.mark.parametrize("wrong", ["", " ", "my tool", "a/b", "x\x1b[2J", "x" * 41])
def test_what_is_no_name_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="up to 40 letters, digits"):
        program_name(wrong)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("python3", "python3"),
        ("/usr/bin/my tool/", "my-tool"),
        ("C:\\bin\\code.exe", "code"),
        ("./-odd-", "odd"),
        ("x" * 41, "x" * 40),
        ("///", DEFAULT_PROGRAM),
        ("", DEFAULT_PROGRAM),
    ],
)
def test_a_command_is_called_by_the_last_part_of_its_path(command: str, name: str) -> None:
    assert name_of_command(command) == program_name(name) == name


def test_programs_together_are_their_sums() -> None:
    used = ProgramUse("a", now=1, requests=5, hits=2, spend=Decimal("0.1"))
    shown = Snapshot("http://127.0.0.1:1/v1", "work", (used, replace(used, name="b", spend=Decimal("0.02"))))
    assert (shown.now, shown.requests, shown.hits, shown.spend) == (2, 10, 4, Decimal("0.12"))
    assert Snapshot("", "").spend == 0
