"""A server that says what it is told to, for every test of what is said to it and by it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.faulty import (
    Faulty,
    faulty_server,
)


@pytest.fixture
async def faulty() -> AsyncIterator[Faulty]:
    async with faulty_server() as server:
        yield server
