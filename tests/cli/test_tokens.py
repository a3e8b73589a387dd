from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from keytui.adapters import vocabulary
from keytui.cli import main
from tests.support.encoders import encoder, nasty


def run(*arguments: str) -> int:
    """``keytui tokens`` with these arguments; the exit status."""
    try:
        return main(["tokens", *arguments])
    except SystemExit as ended:
        return int(ended.code or 0)


def give(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Put bytes on stdin."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), "utf-8"))


@pytest.fixture
def prose(tmp_path: Path) -> Path:
    file = tmp_path / "prose.txt"
    file.write_bytes("Grüße <|endoftext|>\r\nand more\n".encode())
    return file


# -- files ----------------------------------------------------------------------------------------


def test_a_file(prose: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("-m", "gpt-4o", str(prose)) == 0
    out, err = capsys.readouterr()
    assert out == f"{encoder('o200k_base').count(prose.read_bytes().decode())}  {prose}\n"
    assert err == ""


def test_several_files_are_a_right_aligned_table_with_a_total(
    tmp_path: Path, prose: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long = tmp_path / "long.txt"
    long.write_text("word " * 2_000)
    assert run("-m", "gpt-4o", str(long), str(prose)) == 0
    assert capsys.readouterr().out == f"2,001  {long}\n   13  {prose}\n2,014  total\n"


def test_json(prose: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--model", "gpt-4", "--json", str(prose)) == 0
    tokens = encoder("cl100k_base").count(prose.read_bytes().decode())
    file = {"name": str(prose), "tokens": tokens, "characters": 30, "exact": True}
    assert json.loads(capsys.readouterr().out) == {
        "model": "gpt-4", "encoding": "cl100k_base", "files": [file], "tokens": tokens
    }  # fmt: skip


@pytest.mark.parametrize("arguments", [[], ["-"]])
def test_stdin(arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    give(monkeypatch, b"hello world")
    assert run("-m", "gpt-4o", "--json", *arguments) == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert file == {"name": "-", "tokens": 2, "characters": 11, "exact": True}


def test_a_large_file_is_counted_in_slices_and_exactly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = nasty(Random(3), 200_000).replace("\0", "")
    file = tmp_path / "large"
    file.write_bytes(text.encode())
    assert run("-m", "gpt-4o", "--json", str(file)) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["files"][0]["characters"] == len(text)
    assert report["tokens"] == encoder("o200k_base").count(text)


def test_an_empty_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").touch()
    assert run("-m", "gpt-4o", str(tmp_path / "empty")) == 0
    assert capsys.readouterr().out == f"0  {tmp_path}/empty\n"


@pytest.mark.parametrize(
    ("contents", "sentence"),
    [
        (None, "cannot be read: No such file or directory."),
        (b"caf\xe9 au lait", "is not UTF-8 (near byte 3)"),
        (b"ends in the middle of \xe4\xb8", "is not UTF-8"),
        ("hello".encode("utf-16-le"), "is not a text: it holds zero bytes."),
        (b"x" * 300_000 + b"\xff", "is not UTF-8 (near byte 300,000)"),
    ],
    ids=["missing", "latin-1", "cut", "utf-16", "late"],
)
def test_what_cannot_be_counted_is_named_and_the_rest_is_counted(
    contents: bytes | None, sentence: str, tmp_path: Path, prose: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad"
    if contents is not None:
        bad.write_bytes(contents)
    assert run("-m", "gpt-4o", str(bad), str(prose)) == 1
    out, err = capsys.readouterr()
    assert out == f"13  {prose}\n13  total\n"
    assert err.startswith(f"keytui: {bad} {sentence}")
    assert err.count("\n") == 1


def test_a_folder_is_not_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("-m", "gpt-4o", "--json", str(tmp_path)) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["files"] == []
    assert err == f"keytui: {tmp_path} cannot be read: Is a directory.\n"


def test_a_files_name_drives_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = f"{tmp_path}/two\nlines\x1b[31m"
    Path(name).write_text("hello")
    assert run("-m", "gpt-4o", name) == 0
    assert capsys.readouterr().out == f"1  {tmp_path}/two lines[31m\n"
    assert run("-m", "gpt-4o", "--json", name) == 0
    assert json.loads(capsys.readouterr().out)["files"][0]["name"] == name


# -- how sure ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "sentence"),
    [("gpt-6-luna", "is not published; o200k_base is assumed"), ("llama-4", "o200k_base gives a rough count")],
)
def test_says_when_a_count_is_not_simply_exact(
    model: str, sentence: str, prose: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("-m", model, "--json", str(prose)) == 0
    out, err = capsys.readouterr()
    assert sentence in err
    assert json.loads(out)["files"][0]["exact"] is False


def test_the_default_model_is_that_of_the_settings(
    sealed: Path, prose: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = sealed / "keytui" / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('default_model = "gpt-4"\n')
    assert run("--json", str(prose)) == 0
    assert json.loads(capsys.readouterr().out)["model"] == "gpt-4"


def test_without_a_vocabulary_it_counts_roughly_and_says_so(
    prose: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(vocabulary, "find_spec", lambda name: None)
    assert run("-m", "gpt-4o", "--json", str(prose)) == 0
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert report["encoding"] == "characters/4"
    assert report["tokens"] == 8
    assert report["files"][0]["exact"] is False
    assert "No vocabulary is at hand" in err


# -- edits --------------------------------------------------------------------------------------------


def follow(*lines: object) -> list[str]:
    """What a real ``keytui tokens --follow`` answers to these lines."""
    data = b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
    command = [sys.executable, "-m", "keytui", "tokens", "-m", "gpt-4o", "--follow"]
    done = subprocess.run(command, input=data, capture_output=True, check=True)
    assert done.stderr == b""
    return done.stdout.decode().splitlines()


def test_following_edits() -> None:
    assert follow(
        {"text": "hello world"},
        {"at": 5, "delete": 1, "insert": "\n"},
        {"at": 0, "delete": 11},
        {"at": 0, "insert": "a"},
    ) == ["2", "3", "0", "1"]


def test_following_is_exact_on_every_step() -> None:
    random, count, text = Random(11), encoder("o200k_base").count, ""
    lines: list[object] = []
    expected = []
    for _ in range(3_000):
        at = random.randint(0, len(text))
        delete = min(len(text) - at, random.choice((0, 0, 1, 3)))
        insert = nasty(random, random.choice((0, 1, 2)))
        text = text[:at] + insert + text[at + delete :]
        lines.append({"at": at, "delete": delete, "insert": insert})
        expected.append(str(count(text)))
    assert follow(*lines) == expected


def test_following_survives_every_bad_line() -> None:
    bad = [
        b"not json\n", b"\xff\n", b"\n", b"[1]\n", b"{}\n", b"[" * 100_000 + b"\n", b'{"at": ' + b"9" * 5_000 + b"}\n",
        {"at": 12}, {"at": -1}, {"at": 0, "delete": 12}, {"at": True}, {"at": "0"}, {"at": 1.0}, {"insert": "x"},
        {"at": 0, "insert": 5}, {"text": None}, {"text": "x", "at": 0}, {"at": 0, "remove": 1},
    ]  # fmt: skip
    first, *errors, last = follow({"text": "hello world"}, *bad, b'{"at": 11, "insert": "!"}')
    assert (first, last) == ("2", "3")
    assert len(errors) == len(bad)
    for line in errors:
        assert [*json.loads(line)] == ["error"]


def test_following_answers_each_line_before_the_next_is_written() -> None:
    command = [sys.executable, "-m", "keytui", "tokens", "-m", "gpt-4o", "--follow"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as editor:
        assert editor.stdin is not None
        assert editor.stdout is not None
        editor.stdin.write('{"text": "hello world"}\n')
        assert editor.stdout.readline() == "2\n"
        editor.stdin.write('{"at": 0, "delete": 6}\n')
        assert editor.stdout.readline() == "1\n"
        editor.stdin.close()
        assert editor.wait(20) == 0


def test_following_ends_quietly_when_the_editor_has_gone() -> None:
    command = [sys.executable, "-m", "keytui", "tokens", "-m", "gpt-4o", "--follow"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as editor:
        assert editor.stdin is not None
        assert editor.stdout is not None
        assert editor.stderr is not None
        editor.stdout.close()
        editor.stdin.write(b'{"text": "hello world"}\n')
        editor.stdin.close()
        assert editor.stderr.read() == b""
        assert editor.wait(20) == 0


# -- usage --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [["--follow", "file"], ["--follow", "--json"], ["--jsn"], ["--mod", "gpt-4o", "-"]]
)
def test_what_is_not_understood_is_a_usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments) == 2
    assert capsys.readouterr().err.startswith("usage: keytui tokens")


def test_no_file_and_a_terminal_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    give(monkeypatch, b"")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    assert run() == 2
    assert "name a FILE" in capsys.readouterr().err


def test_help_says_what_becomes_of_files_that_are_not_utf8(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    assert "one that is not UTF-8 is refused" in capsys.readouterr().out
