"""Random keys all over the app, in practice with random faults: ``python -m tests.monkey [KEYS [SEED]]``."""

from tests.monkey.rounds import Report, round_of

__all__ = ["SIZES", "Report", "round_of"]

SIZES = ((110, 32), (80, 24), (40, 12))
"""Columns and rows of the rounds."""
