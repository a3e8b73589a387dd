"""What is added to an estimate when the worst case counts."""

from __future__ import annotations

from decimal import Decimal

LONGEST_ANSWER = 128_000
"""Tokens assumed for the longest answer of a model whose limit is not known: the highest of all (openai-facts 3.7)."""

INPUT_MARGIN = Decimal("1.1")
HIDDEN_INPUT = 64
"""A local count of the input may be too low; for a worst case a tenth and so many tokens are added."""
