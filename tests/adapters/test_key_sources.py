from __future__ import annotations

import os
import shlex
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.adapters.found import look_around
from keytui.adapters.key_sources import Unreadable, dotenv_values, from_command, from_dotenv
from keytui.adapters.vault.read_only import CommandSource, DotenvSource, EnvironmentSource
from keytui.domain.keys import KeyKind, Place, VaultTrouble
from keytui.domain.secrets import Secret
from tests.adapters.keys_support import Home

KEY = "sk-proj-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"
OTHER = "sk-svcacct-zY7wV4tS1qP8nM5kJ2hG9eD6b"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"OPENAI_API_KEY={KEY}", KEY),
        (f"export OPENAI_API_KEY={KEY}\r\n", KEY),
        (f'  OPENAI_API_KEY = "{KEY}"  # mine', KEY),
        (f"OPENAI_API_KEY='{KEY}'", KEY),
        (f"OPENAI_API_KEY={KEY} # mine", KEY),
        (f"OPENAI_API_KEY=old\nOPENAI_API_KEY={KEY}", KEY),
        (f"\ufeffOPENAI_API_KEY={KEY}", KEY),
        ("OPENAI_API_KEY=$(touch /tmp/never)", "$(touch /tmp/never)"),
        ("OPENAI_API_KEY= # none yet", ""),
        ("# OPENAI_API_KEY=old\nOTHER=1", None),
        ("OPENAI_API_KEY", None),
    ],
)
def test_a_dotenv_is_read_as_it_is_usually_written(text: str, value: str | None) -> None:
    assert dotenv_values(text).get("OPENAI_API_KEY") == value


@given(st.text())
def test_any_text_can_be_a_dotenv(text: str) -> None:
    for name in dotenv_values(text):
        assert "=" not in name


def script(folder: Path, body: str) -> str:
    path = folder / "print-key"
    path.write_text(f"#!{sys.executable}\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return shlex.quote(str(path))


def test_a_command_gives_its_first_line(tmp_path: Path) -> None:
    command = script(tmp_path, f"import sys; print({KEY!r}); print('user: me'); print('a word', file=sys.stderr)")
    assert from_command(command, terminal=False) == KEY
    assert from_command(f"echo {KEY}; echo no shell here", terminal=False) == f"{KEY}; echo no shell here"


def test_a_command_that_prints_a_lot_does_not_block(tmp_path: Path) -> None:
    assert from_command(script(tmp_path, f"print({KEY!r}); print('x' * 3_000_000)"), terminal=False) == KEY


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise SystemExit(3)", "failed (status 3)"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "failed (status -15)"),
        ("pass", "printed nothing"),
        ("print(); print()", "printed nothing"),
    ],
)
def test_a_command_without_a_key_is_said_in_a_sentence(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(Unreadable) as caught:
        from_command(script(tmp_path, body), terminal=False)
    assert said in str(caught.value)


def test_a_command_that_hangs_is_ended(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    body = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    with pytest.raises(Unreadable, match="took longer"):
        from_command(script(tmp_path, body), terminal=False, seconds=2)
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)


@pytest.mark.parametrize("command", ["no-such-program-at-all show key", "", "'unfinished"])
def test_a_command_that_cannot_be_started_is_said_in_a_sentence(command: str) -> None:
    with pytest.raises(Unreadable, match=r"\.$"):
        from_command(command, terminal=False)


def test_a_command_gets_no_input_of_ours(tmp_path: Path) -> None:
    body = f"import sys; assert sys.stdin.read() == ''; print({KEY!r})"
    assert from_command(script(tmp_path, body), terminal=False) == KEY


async def test_the_sources_read_anew_each_time(tmp_path: Path) -> None:
    record = replace(Home(tmp_path).record("work"), id="1")
    environ = {"OPENAI_API_KEY": KEY, "WORK_KEY": OTHER}
    source = EnvironmentSource(environ)
    assert await source.secret(record) == Secret(KEY)
    assert await source.secret(replace(record, locator="WORK_KEY")) == Secret(OTHER)
    environ.clear()
    with pytest.raises(VaultTrouble, match="is not set here"):
        await source.secret(record)

    dotenv = DotenvSource(tmp_path)
    assert not (await dotenv.report()).usable
    with pytest.raises(VaultTrouble, match="cannot be read"):
        await dotenv.secret(record)
    file = Home(tmp_path).folder / ".env"
    write(file, f"OPENAI_API_KEY={KEY}\nOTHER={OTHER}\n")
    assert await dotenv.secret(record) == Secret(KEY)
    assert await dotenv.secret(replace(record, locator=f"{file}#OTHER")) == Secret(OTHER)
    with pytest.raises(VaultTrouble, match="has no MISSING"):
        await dotenv.secret(replace(record, locator=f"{file}#MISSING"))

    command = script(tmp_path, f"print({KEY!r})")
    assert await CommandSource().secret(replace(record, locator=command)) == Secret(KEY)
    with pytest.raises(VaultTrouble, match="cannot be started"):
        await CommandSource().secret(replace(record, locator="no-such-program-at-all"))


def test_a_dotenv_that_is_a_folder_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        from_dotenv(str(tmp_path), "OPENAI_API_KEY")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


class TestLookAround:
    async def test_nothing_there_finds_nothing(self, tmp_path: Path) -> None:
        found = await look_around({}, tmp_path, home=tmp_path)
        assert (found.keys, found.proxies, found.ssh) == ((), (), False)

    async def test_what_lies_about_is_found_and_never_shown(self, tmp_path: Path) -> None:
        write(tmp_path / ".env", f"OPENAI_API_KEY={OTHER}\nOPENAI_BASE_URL=http://127.0.0.1:4000/v1\n")
        environ = {
            "OPENAI_API_KEY": KEY,
            "OPENAI_ORG_ID": "org-1",
            "HTTPS_PROXY": "http://me:hunter2@proxy:3128",
            "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22",
        }
        found = await look_around(environ, tmp_path)
        here, dotenv = found.keys
        assert (here.place, here.kind, here.last4, here.organization) == (
            Place.ENVIRONMENT,
            KeyKind.PROJECT,
            KEY[-4:],
            "org-1",
        )
        assert (dotenv.place, dotenv.base_url, dotenv.kind) == (
            Place.DOTENV,
            "http://127.0.0.1:4000/v1",
            KeyKind.SERVICE_ACCOUNT,
        )
        assert found.ssh
        assert [proxy.address for proxy in found.proxies] == ["http://me:…@proxy:3128"]
        shown = repr(found)
        assert KEY not in shown
        assert OTHER not in shown
        assert "hunter2" not in shown
        assert [key.where for key in found.shadowing(Secret(KEY))] == ["OPENAI_API_KEY in .env of this folder"]
        assert len(found.shadowing(Secret("another"))) == 2

    async def test_other_programs_files_and_the_shells_only_when_asked(self, tmp_path: Path) -> None:
        write(tmp_path / ".config/io.datasette.llm/keys.json", f'{{"openai": "{KEY}", "anthropic": "sk-ant-{KEY}"}}')
        write(tmp_path / ".bashrc", f"alias ll='ls -l'\nexport OPENAI_API_KEY={OTHER}\n")
        cwd = tmp_path / "src"
        assert (await look_around({}, cwd)).keys == ()
        (llm,) = (await look_around({}, cwd, home=tmp_path)).keys
        assert (llm.secret, llm.place, llm.where) == (
            Secret(KEY),
            None,
            "the settings of llm (~/.config/io.datasette.llm/keys.json)",
        )
        keys = (await look_around({}, cwd, home=tmp_path, shell_files=True)).keys
        assert [(key.secret, key.where) for key in keys[1:]] == [(Secret(OTHER), "~/.bashrc")]

    async def test_files_that_cannot_be_read_are_passed_by(self, tmp_path: Path) -> None:
        write(tmp_path / ".env/inside", "")
        write(tmp_path / ".codex/auth.json", "\x00\xff")
        assert (await look_around({}, tmp_path, home=tmp_path)).keys == ()


async def test_keys_under_names_of_the_users_own_are_found_each_once(tmp_path: Path) -> None:
    third = "sk-proj-qW7eR2tY9uI4oP1aS6dF3gH8"
    (tmp_path / ".env").write_text(
        f"SHOP_KEY={OTHER}\nOPENAI_API_KEY={KEY}\nSAME={KEY}\nURL=https://x/{third}\nA=sk-\n"
    )
    found = await look_around({"OTHER_VENDOR": f"sk-ant-api03-{third}", "MINE": third}, tmp_path)
    assert [(key.locator, key.secret) for key in found.keys] == [
        ("MINE", Secret(third)),
        (f"{tmp_path / '.env'}#OPENAI_API_KEY", Secret(KEY)),
        (f"{tmp_path / '.env'}#SHOP_KEY", Secret(OTHER)),
    ]
    assert [key.proposed_name for key in found.keys] == ["mine", "work", "shop"]
