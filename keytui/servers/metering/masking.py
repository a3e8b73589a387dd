"""Answers without the real key: a server may quote what it refuses, in one piece or across two."""

from __future__ import annotations

from keytui.domain.secrets import Secret

_HARMLESS = 12
"""Bytes of a key's beginning that may be seen: they tell its kind."""


class Masking:
    """Stars in place of a key, one for each byte, whatever pieces the bytes come in."""

    def __init__(self, secret: Secret) -> None:
        self._key = secret.reveal().encode()
        self._stars = b"*" * len(self._key)
        self._held = b""

    def whole(self, words: bytes) -> bytes:
        """Bytes that nothing follows, masked."""
        return words.replace(self._key, self._stars) if self._key else words

    def take(self, piece: bytes) -> bytes:
        """What may be passed on now: a beginning of the key at the end is held until it is known what follows."""
        words = self.whole(self._held + piece)
        begins = self._beginning(words)
        self._held = words[begins:]
        return words[:begins]

    def end(self) -> bytes:
        """What was held, as nothing follows it any more; nearly the whole key is masked like the whole."""
        rest, self._held = self._held, b""
        return rest if len(rest) <= _HARMLESS else self._stars[: len(rest)]

    def _beginning(self, words: bytes) -> int:
        """Where a beginning of the key stands at the end of some words; their length where none does."""
        at = words.find(self._key[:1], max(0, len(words) - len(self._key) + 1)) if self._key else -1
        while at >= 0 and not self._key.startswith(words[at:]):
            at = words.find(self._key[:1], at + 1)
        return at if at >= 0 else len(words)
