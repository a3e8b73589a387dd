from __future__ import annotations

import re
import stat
import subprocess
import sys
import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.adapters.settings import SettingsFile
from keytui.domain.keys import StoreUnreadable
from keytui.domain.settings import CHOICES, NAMES, Settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "config.toml"


def written(path: Path, text: str | bytes) -> SettingsFile:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return SettingsFile(path, environment={})


def test_without_a_file_everything_is_at_its_default(path: Path) -> None:
    store = SettingsFile(path, environment={})
    assert store.load() == Settings()
    assert store.problem is None
    assert {store.source(name) for name in NAMES} == {"default"}
    assert not path.parent.exists()


def test_flag_wins_over_environment_over_file_over_default(path: Path) -> None:
    written(path, 'theme = "a"\ndefault_model = "b"\nanimations = "off"\n')
    store = SettingsFile(
        path,
        environment={"KEYTUI_DEFAULT_MODEL": "c", "KEYTUI_ANIMATIONS": "on", "KEYTUI_MONTHLY_CAP": "2.50"},
        flags={"animations": "auto"},
    )
    settings = store.load()
    assert (settings.theme, settings.default_model, settings.animations) == ("a", "c", "auto")
    assert str(settings.monthly_cap) == "2.50"
    assert {name: store.source(name) for name in NAMES if store.source(name) != "default"} == {
        "theme": "file",
        "default_model": "environment",
        "monthly_cap": "environment",
        "animations": "flag",
    }


def test_amounts_stay_as_they_were_written(path: Path) -> None:
    store = written(path, "monthly_cap = 10.00\nask_above = 1\n")
    settings = store.load()
    assert (str(settings.monthly_cap), str(settings.ask_above)) == ("10.00", "1")
    store.save(replace(settings, ask_above=Decimal("0.10")))
    again = SettingsFile(path, environment={}).load()
    assert (str(again.monthly_cap), str(again.ask_above)) == ("10.00", "0.10")


def test_what_is_saved_is_private_and_read_back(path: Path) -> None:
    store = SettingsFile(path, environment={})
    changed = replace(store.load(), theme="keytui-light", setup="finished")
    store.save(changed)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    again = SettingsFile(path, environment={})
    assert again.load() == changed
    assert again.source("theme") == "file"
    assert set(tomllib.loads(path.read_text())) == {"theme", "setup"}


def test_saving_keeps_what_it_does_not_know_and_what_others_wrote_meanwhile(path: Path) -> None:
    store = written(path, 'theme = "a"\nlater = 3\n[prices]\n"my model" = 0.5\n')
    settings = store.load()
    written(path, path.read_text().replace('theme = "a"', 'theme = "a"\nbase_url = "https://gateway.test/v1"'))
    store.save(replace(settings, theme="b"))
    assert tomllib.loads(path.read_text()) == {
        "theme": "b",
        "later": 3,
        "base_url": "https://gateway.test/v1",
        "prices": {"my model": 0.5},
    }


def test_none_takes_a_setting_away(path: Path) -> None:
    store = written(path, "monthly_cap = 5\n")
    store.save(replace(store.load(), monthly_cap=None))
    assert "monthly_cap" not in tomllib.loads(path.read_text())


def test_the_environment_is_never_written_to_the_file(path: Path) -> None:
    store = SettingsFile(path, environment={"KEYTUI_DEFAULT_MODEL": "just-now"})
    store.save(replace(store.load(), theme="b"))
    assert set(tomllib.loads(path.read_text())) == {"theme"}


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text('theme = "a"\n')
    path.parent.mkdir()
    path.symlink_to(real)
    store = SettingsFile(path, environment={})
    store.save(replace(store.load(), theme="b"))
    assert path.is_symlink()
    assert tomllib.loads(real.read_text()) == {"theme": "b"}


@pytest.mark.parametrize(
    ("contents", "line", "why"),
    [
        (b'theme = "a"\nsetup = \n', 2, "Invalid value"),
        (b'theme = "a"\n\n[broken\n', 3, "Expected"),
        (b'theme = "a"\n# caf\xe9\n', 2, "UTF-8"),
        (b'\nanimations = "sometimes"\n', 2, "auto, on, off"),
        (b"theme = 3\n", 1, "text in quotes"),
        (b"monthly_cap = true\n", 1, "amount of USD"),
        (b"monthly_cap = -1\n", 1, "amount of USD"),
        (b"monthly_cap = nan\n", 1, "amount of USD"),
        (b'base_url = "api.openai.com"\n', 1, "https://"),
    ],
)
def test_a_wrong_file_is_named_with_line_and_reason_and_never_written(
    path: Path, contents: bytes, line: int, why: str
) -> None:
    store = written(path, contents)
    settings = store.load()
    assert settings.monthly_cap is None
    assert settings.animations == "auto"
    assert store.problem is not None
    assert str(path) in store.problem
    assert f"line {line}" in store.problem
    assert why in store.problem
    assert re.search(r"\. [A-Z][^.]+\.$", store.problem), "no next step"
    with pytest.raises(StoreUnreadable, match=r"config\.toml"):
        store.save(replace(settings, theme="b"))
    assert path.read_bytes() == contents


def test_one_wrong_value_leaves_the_others(path: Path) -> None:
    store = written(path, 'theme = "a"\nmonthly_cap = "lots"\n')
    assert store.load() == Settings(theme="a")
    assert store.source("monthly_cap") == "default"


def test_a_corrected_file_can_be_written_again(path: Path) -> None:
    store = written(path, "theme = \n")
    store.load()
    written(path, 'theme = "a"\n')
    settings = store.load()
    assert store.problem is None
    store.save(replace(settings, theme="b"))
    assert SettingsFile(path, environment={}).load().theme == "b"


def test_a_file_broken_while_keytui_runs_is_not_overwritten(path: Path) -> None:
    store = written(path, 'theme = "a"\n')
    settings = store.load()
    written(path, "theme = \n")
    with pytest.raises(StoreUnreadable, match="line 1"):
        store.save(replace(settings, theme="b"))
    assert path.read_text() == "theme = \n"


def test_a_wrong_variable_is_named_and_does_not_stop_saving(path: Path) -> None:
    store = SettingsFile(path, environment={"KEYTUI_ANIMATIONS": "never"})
    settings = store.load()
    assert store.problem is not None
    assert store.problem.startswith("KEYTUI_ANIMATIONS: animations takes one of auto, on, off")
    store.save(replace(settings, setup="finished"))
    assert SettingsFile(path, environment={}).load().setup == "finished"


def test_a_folder_in_its_place_is_told(path: Path) -> None:
    path.mkdir(parents=True)
    store = SettingsFile(path, environment={})
    assert store.load() == Settings()
    assert store.problem is not None
    assert str(path) in store.problem


def test_a_place_that_cannot_be_written_is_told(path: Path) -> None:
    path.parent.parent.mkdir(exist_ok=True)
    path.parent.write_text("a file where the folder should be")
    store = SettingsFile(path, environment={})
    with pytest.raises(StoreUnreadable, match="cannot be written"):
        store.save(replace(Settings(), theme="b"))


texts = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: text.strip() and text.isprintable())
amounts = st.none() | st.decimals(min_value=0, max_value=10**9, places=4)


@given(
    st.builds(
        Settings,
        theme=texts,
        setup=st.sampled_from(CHOICES["setup"]),
        default_model=texts,
        monthly_cap=amounts,
        ask_above=amounts,
        base_url=st.none() | texts.map("https://".__add__),
        animations=st.sampled_from(CHOICES["animations"]),
    )
)
def test_whatever_is_saved_is_read_back(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> None:
    path = tmp_path_factory.mktemp("settings") / "config.toml"
    store = SettingsFile(path, environment={})
    store.load()
    store.save(settings)
    again = SettingsFile(path, environment={})
    assert again.load() == settings
    assert again.problem is None


def test_reading_is_light(path: Path) -> None:
    written(path, 'theme = "a"\n')
    read = (
        "import sys; from pathlib import Path; from keytui.adapters.settings import SettingsFile\n"
        f"SettingsFile(Path({str(path)!r})).load(); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", read], capture_output=True, text=True, check=True).stdout.split()
    assert not {"tomli_w", "platformdirs", "sqlite3", "textual", "pydantic", "keyring"} & set(loaded)


def test_the_own_proxy_stands_in_a_table_of_its_own(path: Path) -> None:
    store = written(path, 'theme = "a"\n[network]\nlater = 1\n')
    store.save(replace(store.load(), proxy="http://p:1", no_proxy="a, b"))
    kept = {"later": 1, "proxy": "http://p:1", "no_proxy": "a, b"}
    assert tomllib.loads(path.read_text()) == {"theme": "a", "network": kept}
    store = SettingsFile(path, environment={})
    assert (store.load().proxy, store.source("proxy")) == ("http://p:1", "file")
    store.save(replace(store.load(), proxy=None, no_proxy=None))
    assert tomllib.loads(path.read_text())["network"] == {"later": 1}
    assert SettingsFile(path, environment={"KEYTUI_PROXY": "socks5://q:2"}).load().proxy == "socks5://q:2"


@pytest.mark.parametrize("proxy", ["http://ann:hunter2@p:1", "socks4://p:1", "http://p:x"])
def test_a_proxy_that_may_not_stand_in_the_file(path: Path, proxy: str) -> None:
    store = written(path, f'theme = "a"\n[network]\nproxy = "{proxy}"\n')
    assert store.load().proxy is None
    assert store.problem is not None
    assert "line 3" in store.problem
    assert "hunter2" not in store.problem
