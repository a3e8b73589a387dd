"""The table of what was learnt about estimates."""

from __future__ import annotations

from keytui.adapters.schema.migration import Migration

MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        3,
        (
            # The fields of ``keytui.domain.overhead.Calibration``, tokens; billed is its ``measured``.
            """CREATE TABLE calibration (
                base_url TEXT NOT NULL,
                model TEXT NOT NULL,
                weight REAL NOT NULL,
                estimated REAL NOT NULL,
                billed REAL NOT NULL,
                variance REAL NOT NULL,
                covariance REAL NOT NULL,
                PRIMARY KEY (base_url, model)
            ) STRICT, WITHOUT ROWID""",
        ),
    ),
)
