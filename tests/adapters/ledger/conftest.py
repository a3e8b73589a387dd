from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.adapters.ledger import making


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Ledgers that a test made are closed after it."""
    yield
    while making.opened:
        making.opened.pop().close()
