"""``keytui tokens``: exact local counts of files, or of a text that an editor keeps editing."""

from __future__ import annotations

import argparse
import codecs
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import BinaryIO

from keytui.domain.counting import LiveCounter, count_in_parts
from keytui.domain.encodings import encoding_for
from keytui.domain.safe_text import safe_text
from keytui.domain.tokens import ROUGH, Encoding, Exactness, Tokenizer
from keytui.domain.troubles import Exit

_ABOUT = "Count tokens exactly, on this machine, without a key or a network."
_MORE = """\
With --follow each line of stdin is one JSON object, answered by one line of stdout: the tokens of the whole text as
it then is. {"text": T} begins anew with a text; {"at": N, "delete": N, "insert": T} edits it (code points, from 0;
delete and insert may be left out). A line that cannot be followed is answered by {"error": WHY} and changes nothing.

Files are read as UTF-8; one that is not UTF-8 is refused by name, and the others are counted all the same.
Names of special tokens, such as <|endoftext|>, count as the ordinary text that they are in a message.

examples:
  keytui tokens notes.md
  git diff | keytui tokens -m gpt-6-sol
"""
_SLICE = 1 << 18
"""Bytes of a file in hand at a time."""
_FOLLOWED = {"text", "at", "delete", "insert"}


@dataclass(frozen=True, slots=True)
class Counted:
    """One file's figures."""

    name: str
    tokens: int
    characters: int


class Unreadable(Exception):
    """A file that cannot be counted; its text is the sentence for the user."""


def run(arguments: Sequence[str]) -> int:
    """Count; 0 when every file was counted, 1 when one was not, 2 when the command was not understood."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.follow and (options.files or options.json):
        parser.error("--follow reads edits from stdin: it takes no FILE, and its output is always one line for each.")
    if not options.files and not options.follow and sys.stdin is not None and sys.stdin.isatty():
        parser.error("name a FILE, or give the text on stdin (FILE may be -).")
    model = options.model or _default_model()
    encoding = encoding_for(model)
    tokenizer = _tokenizer(encoding)
    rough = tokenizer.name == ROUGH
    _explain(model, encoding, rough)
    if options.follow:
        return _follow(tokenizer)
    return _count(options.files or ["-"], model, encoding, tokenizer, as_json=options.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="keytui tokens",
        description=_ABOUT,
        epilog=_MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("-m", "--model", help="whose tokens to count (the default model of the settings)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--follow", action="store_true", help="follow the edits of a text, for editors")
    parser.add_argument("files", metavar="FILE", nargs="*", help="what to count; - is stdin, as is no FILE")
    return parser


def _default_model() -> str:
    from keytui.adapters.paths import find
    from keytui.adapters.settings import SettingsFile

    return SettingsFile(find().settings_file).load().default_model


def _tokenizer(encoding: Encoding) -> Tokenizer:
    from keytui.adapters.paths import find
    from keytui.adapters.tokenizer import load

    return load(encoding.name, find().vocabulary)


def _explain(model: str, encoding: Encoding, rough: bool) -> None:
    """Say on stderr what a count is worth when it is not simply exact."""
    if rough:
        _say("No vocabulary is at hand, so four characters make a token. Installing keytui again brings it back.")
    elif encoding.exactness is Exactness.ASSUMED:
        _say(f"The encoding of {model} is not published; {encoding.name} is assumed. The bill settles it.")
    elif encoding.exactness is Exactness.ROUGH:
        _say(f"{model} has a tokenizer of its own that is not known here; {encoding.name} gives a rough count.")


# -- files ------------------------------------------------------------------------------------


def _count(names: Sequence[str], model: str, encoding: Encoding, tokenizer: Tokenizer, *, as_json: bool) -> int:
    status = Exit.DONE
    counted: list[Counted] = []
    for name in names:
        try:
            counted.append(_counted(name, tokenizer))
        except Unreadable as trouble:
            _say(str(trouble))
            status = Exit.FAILED
    if as_json:
        exact = encoding.exactness is Exactness.EXACT and tokenizer.name != ROUGH
        report = {
            "model": model,
            "encoding": ROUGH if tokenizer.name == ROUGH else encoding.name,
            "files": [
                {"name": file.name, "tokens": file.tokens, "characters": file.characters, "exact": exact}
                for file in counted
            ],
            "tokens": sum(file.tokens for file in counted),
        }
        print(json.dumps(report, ensure_ascii=False))
    else:
        _table(counted, asked=len(names))
    return status


def _table(counted: Sequence[Counted], *, asked: int) -> None:
    rows = [(f"{file.tokens:,}", _printable(file.name)) for file in counted]
    if asked > 1:
        rows.append((f"{sum(file.tokens for file in counted):,}", "total"))
    width = max((len(tokens) for tokens, _ in rows), default=0)
    for tokens, name in rows:
        print(f"{tokens:>{width}}  {name}")


def _counted(name: str, tokenizer: Tokenizer) -> Counted:
    characters = 0

    def texts() -> Iterator[str]:
        nonlocal characters
        for text in _texts(name):
            characters += len(text)
            yield text

    tokens = count_in_parts(texts(), tokenizer.count)
    return Counted(name, tokens, characters)


def _texts(name: str) -> Iterator[str]:
    """The text of a file in slices, line ends as they are. Raises ``Unreadable``."""
    decode = codecs.getincrementaldecoder("utf-8")().decode
    shown = _printable(name)
    read = 0
    try:
        with _opened(name) as stream:
            while data := stream.read(_SLICE):
                # A zero byte is valid UTF-8, but it is what UTF-16 and programs are full of, and texts never hold.
                if 0 in data:
                    raise Unreadable(f"{shown} is not a text: it holds zero bytes. Convert it to UTF-8 first.")
                yield decode(data)
                read += len(data)
            decode(b"", True)
    except UnicodeDecodeError as error:
        at = max(0, read + error.start)
        raise Unreadable(f"{shown} is not UTF-8 (near byte {at:,}). Convert it first: iconv -t UTF-8.") from None
    except OSError as error:
        raise Unreadable(f"{shown} cannot be read: {error.strerror or error}.") from None


def _opened(name: str) -> AbstractContextManager[BinaryIO]:
    if name != "-":
        return open(name, "rb")
    if sys.stdin is None:
        raise Unreadable("There is nothing on stdin.")
    return nullcontext(sys.stdin.buffer)


# -- edits ------------------------------------------------------------------------------------


def _follow(tokenizer: Tokenizer) -> int:
    counter = LiveCounter(tokenizer.count, at_once=None)
    for line in sys.stdin.buffer:
        try:
            _apply(line, counter)
            answer = str(counter.total)
        except (ValueError, RecursionError) as error:
            answer = json.dumps({"error": _why(error)})
        try:
            print(answer, flush=True)
        except BrokenPipeError:
            # The editor has gone. What is still buffered must not be tried again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            break
    return Exit.DONE


def _apply(line: bytes, counter: LiveCounter) -> None:
    """Do what a line says. Raises ``ValueError``, and then has changed nothing."""
    edit = json.loads(line)
    if not isinstance(edit, dict) or not edit or edit.keys() - _FOLLOWED:
        raise ValueError('a line is {"text": T} or {"at": N, "delete": N, "insert": T}')
    if "text" in edit:
        if len(edit) > 1:
            raise ValueError('"text" begins anew and stands alone')
        counter.load(_text(edit["text"], "text"))
    elif "at" not in edit:
        raise ValueError('"at" is missing: where the edit begins')
    else:
        insert = _text(edit.get("insert", ""), "insert")
        counter.edit_at(_number(edit["at"], "at"), _number(edit.get("delete", 0), "delete"), insert)


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f'"{name}" must be a string')
    return value


def _number(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f'"{name}" must be a whole number')
    return value


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError | RecursionError):
        return f"the line is not JSON: {error}"
    return str(error)


def _printable(name: str) -> str:
    """A file's name as it may be shown: whatever it holds, it is one line and drives no terminal."""
    return "stdin" if name == "-" else safe_text(name).replace("\n", " ").replace("\t", " ")


def _say(sentence: str) -> None:
    print(f"keytui: {sentence}", file=sys.stderr)
