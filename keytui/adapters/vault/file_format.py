"""The bytes of the encrypted file: Argon2id and AES-256-GCM of the ``cryptography`` package.

The first line is a header in JSON (version and key derivation) and is authenticated with the rest; the second is
base64 of nonce, ciphertext and tag; names and characters are all inside (source: secrets-and-terminals 2.2).
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from keytui.domain.secrets import Secret

VERSION = 1


class TooNew(Exception):
    """A newer keytui wrote the file."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What deriving the key from the passphrase takes. The default is RFC 9106's second choice: about half a second."""

    rounds: int = 3
    memory: int = 64 * 1024
    """KiB."""
    lanes: int = 4

    @property
    def bounded(self) -> bool:
        """Whether a machine can be expected to do this: a header is not trusted before it is authenticated."""
        return 1 <= self.rounds <= 20 and 8 * 1024 <= self.memory <= 1024 * 1024 and 1 <= self.lanes <= 8


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of the file."""

    salt: bytes
    cost: Cost

    @classmethod
    def new(cls, cost: Cost) -> Header:
        """A header with a salt of its own."""
        return cls(os.urandom(16), cost)

    def line(self) -> bytes:
        """As it stands in the file."""
        return json.dumps(
            {
                "keytui": VERSION,
                "kdf": "argon2id",
                "salt": base64.b64encode(self.salt).decode("ascii"),
                "rounds": self.cost.rounds,
                "memory": self.cost.memory,
                "lanes": self.cost.lanes,
            }
        ).encode("ascii")


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """The derived key, and the header that it belongs to."""

    header: Header
    key: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Parts:
    """The file, taken apart."""

    header: Header
    line: bytes
    """The header as it stood in the file, byte by byte: that is what was authenticated."""
    body: bytes
    """Nonce (12 bytes), ciphertext and tag (16 bytes)."""


@dataclass(frozen=True, slots=True, repr=False)
class Contents:
    """What is inside, once it was decrypted."""

    keys: Mapping[str, str] = field(default_factory=dict)
    """Characters by id."""
    changes: int = 0
    """How often the file was written anew; it only grows, so that an older file put in its place can be told."""

    def with_key(self, key_id: str, characters: str) -> Contents:
        """The same with one key more, as the next state of the file."""
        return Contents({**self.keys, key_id: characters}, self.changes + 1)

    def without(self, key_id: str) -> Contents:
        """The same without a key, as the next state of the file."""
        kept = {name: characters for name, characters in self.keys.items() if name != key_id}
        return Contents(kept, self.changes + 1)


def parsed(raw: bytes) -> Parts:
    """The parts of a file; nothing of it is proven yet. Raises ``ValueError`` when it is damaged, and ``TooNew``."""
    line, _, rest = raw.partition(b"\n")
    try:
        head = json.loads(line)
        if head["keytui"] > VERSION:
            raise TooNew
        cost = Cost(int(head["rounds"]), int(head["memory"]), int(head["lanes"]))
        header = Header(base64.b64decode(head["salt"], validate=True), cost)
        body = base64.b64decode(rest.strip(), validate=True)
        sound = head["kdf"] == "argon2id" and cost.bounded and len(header.salt) >= 8 and len(body) >= 28
    except (ValueError, TypeError, KeyError, binascii.Error, RecursionError):
        sound = False
    if not sound:
        raise ValueError("not a whole vault file")
    return Parts(header, line, body)


def derive(header: Header, passphrase: Secret) -> Opened:
    """The key for a header, from a passphrase; slow on purpose. Raises ``MemoryError`` when there is too little."""
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    cost = header.cost
    derivation = Argon2id(
        salt=header.salt, length=32, iterations=cost.rounds, lanes=cost.lanes, memory_cost=cost.memory
    )
    return Opened(header, derivation.derive(passphrase.reveal().encode("utf-8", "surrogatepass")))


def encrypted(contents: Contents, opened: Opened) -> bytes:
    """A whole file with these contents, under a new nonce."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    line, nonce = opened.header.line(), os.urandom(12)
    inside = json.dumps({"keys": dict(contents.keys), "changes": contents.changes}).encode("utf-8")
    body = AESGCM(opened.key).encrypt(nonce, inside, line)
    return line + b"\n" + base64.b64encode(nonce + body) + b"\n"


def decrypted(parts: Parts, opened: Opened) -> Contents | None:
    """What is inside; None when the derived key is not the right one, or the file was changed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        inside = AESGCM(opened.key).decrypt(parts.body[:12], parts.body[12:], parts.line)
    except InvalidTag:
        return None
    document = json.loads(inside)
    return Contents(dict(document["keys"]), int(document.get("changes", 0)))
