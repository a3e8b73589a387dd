"""Names that the service gives out: identifiers, request ids, and the characters of keys."""

from __future__ import annotations

import hashlib
import secrets
import string

from keytui.domain.keys import KeyKind
from keytui.domain.secrets import Secret

PREFIXES = {
    KeyKind.PROJECT: "sk-proj-",
    KeyKind.SERVICE_ACCOUNT: "sk-svcacct-",
    KeyKind.ADMIN: "sk-admin-",
}
"""How a key of each kind begins (openai-facts 1.6)."""
_LETTERS = string.ascii_letters + string.digits
_HALF = 74


def identifier(prefix: str, length: int = 24) -> str:
    """A new identifier such as ``proj_…``: the prefix as given, then random letters and digits."""
    return prefix + "".join(secrets.choice(_LETTERS) for _ in range(length))


def request_id() -> str:
    """A new ``x-request-id``."""
    return "req_" + secrets.token_hex(16)


def new_secret(kind: KeyKind) -> Secret:
    """The characters of a new key, in the shape that secret scanners know: two halves around a fixed marker."""
    halves = ["".join(secrets.choice(_LETTERS + "_-") for _ in range(_HALF)) for _ in range(2)]
    return Secret(PREFIXES[kind] + "T3BlbkFJ".join(halves))


def digest(characters: str) -> str:
    """What the service keeps of a key's characters: enough to know it again, not to show it."""
    return hashlib.sha256(characters.encode("utf-8", "surrogatepass")).hexdigest()


def redacted(secret: Secret) -> str:
    """The form in which lists show a key: ``sk-abc...def``."""
    shown = secret.reveal()
    return f"{shown[:11]}...{shown[-4:]}"


def masked(characters: str) -> str:
    """The form in which an error names a key: its beginning, asterisks and its last four characters."""
    if len(characters) <= 8:
        return "*" * len(characters)
    begin = next((p for p in PREFIXES.values() if characters.startswith(p)), characters[:4])
    return begin + "*" * max(4, len(characters) - len(begin) - 4) + characters[-4:]
