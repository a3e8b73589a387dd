"""The characters of a key, as a type that cannot be shown by accident."""

from __future__ import annotations

from typing import NoReturn


class Secret:
    """The characters of a key.

    It has no readable ``repr``, ``str`` or ``format``, cannot be pickled, and compares in constant time.
    ``reveal()`` is the one way to the characters: call it inside the expression that needs them and nowhere else.
    """

    __slots__ = ("_characters",)

    def __init__(self, characters: str) -> None:
        self._characters = characters

    def reveal(self) -> str:
        """The characters themselves. Never keep, log or show what this returns."""
        return self._characters

    @property
    def last4(self) -> str:
        """The last four characters, the part that may be shown; empty when the whole is too short to show a part."""
        return self._characters[-4:] if len(self._characters) >= 12 else ""

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        from hmac import compare_digest

        return compare_digest(
            self._characters.encode("utf-8", "surrogatepass"), other._characters.encode("utf-8", "surrogatepass")
        )

    def __hash__(self) -> int:
        return hash((Secret, self._characters))

    def __bool__(self) -> bool:
        return bool(self._characters)

    def __len__(self) -> int:
        return len(self._characters)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not to be pickled or copied to another process")
