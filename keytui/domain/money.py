"""How amounts and token figures are written: true to the digit that matters, never ``$0.00`` for something.

Imports nothing that is slow: ``keytui status`` uses it too.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

TYPE_CHECKING = False  # the name alone is enough for type checkers; ``typing`` takes long to import
if TYPE_CHECKING:
    from keytui.domain.usage import Mark

UNKNOWN = "$?"
"""An amount whose price nobody knows. It is not zero."""

_CENT = Decimal("0.01")
_TENTH = Decimal("0.1")


def dollars(amount: Decimal | None, *, at_least: bool = False, digits: int = 2) -> str:
    """An amount for reading: ``$12.40``, ``$0.012``, ``$0.00021``, ``$0.00``, ``-$0.50``; ``$?`` when it is None.

    From ten cents upwards it has two decimals; below, as many as show ``digits`` significant ones. ``at_least`` marks a
    lower bound (some parts have no known price): ``≥ $1.20``.
    """
    if amount is None:
        return UNKNOWN
    sign = "-" if amount < 0 else ""
    return f"{'≥ ' if at_least else ''}{sign}${_digits(abs(amount), digits)}"


def dollars_exactly(amount: Decimal | None) -> str:
    """An amount to its last digit, without an exponent: ``$0.000000125``; ``$?`` when it is None."""
    return UNKNOWN if amount is None else f"${plain(amount)}".replace("$-", "-$")


def cents(amount: Decimal) -> str | None:
    """An amount below ten cents in cents, for large figures, with two digits that matter: ``8.6``, ``-0.049``.

    None for nothing, and for ten cents and more: those are written in dollars.
    """
    if not amount or abs(amount) >= _TENTH:
        return None
    hundredfold = amount * 100
    return plain(hundredfold.quantize(Decimal(1).scaleb(hundredfold.adjusted() - 1), rounding=ROUND_HALF_UP))


def plain(amount: Decimal) -> str:
    """A decimal number as plain digits, without an exponent and without zeros that say nothing: ``0.000000125``."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def column(amounts: list[Decimal | None]) -> list[str]:
    """Amounts for one column of a table: right-aligned, the decimal points below each other."""
    return points_below([dollars(amount) for amount in amounts])


def points_below(written: list[str]) -> list[str]:
    """Figures that are written already, made equally long with their decimal points below each other.

    Otherwise ``$0.0045`` looks like more than ``$0.34`` above it.
    """
    after = [len(text.partition(".")[2]) + (1 if "." in text else 0) for text in written]
    widest_end = max(after, default=0)
    padded = [text + " " * (widest_end - end) for text, end in zip(written, after, strict=True)]
    width = max(map(len, padded), default=0)
    return [text.rjust(width) for text in padded]


def tokens(count: int | None, mark: Mark) -> str:
    """A number of tokens with how it came to be known: ``~812``, ``812 ✓``, ``812 billed``; ``?`` when it is None."""
    if count is None:
        return "?"
    return {"estimated": f"~{count:,}", "counted": f"{count:,} ✓"}.get(mark.value, f"{count:,} billed")


def at_most(amount: Decimal | None) -> str:
    """A limit that must not be shown too low: rounded up. For "up to …"."""
    if amount is None:
        return UNKNOWN
    rounded = amount.quantize(_step(abs(amount), 2), rounding=ROUND_CEILING)
    return dollars(rounded)


def _digits(amount: Decimal, digits: int) -> str:
    rounded = amount.quantize(_step(amount, digits), rounding=ROUND_HALF_UP)
    return f"{rounded.quantize(_CENT) if rounded >= _TENTH else rounded:,f}"


def _step(amount: Decimal, digits: int) -> Decimal:
    """The place to round to: cents from ten cents upwards, below that the last of the significant digits."""
    if amount >= _TENTH or not amount:
        return _CENT
    return Decimal(1).scaleb(amount.adjusted() - digits + 1)
