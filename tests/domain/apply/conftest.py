from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.domain.apply.office import Office, Organization, office
from tests.support.practice import Practice, practice_service


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    """One organisation for all tests here; each works in projects of its own."""
    with practice_service(tmp_path_factory.mktemp("organisation"), "--rate", "max") as service:
        yield service


@pytest.fixture
def organization(service: Practice) -> Iterator[Organization]:
    organization = Organization(service)
    yield organization
    organization.close()


@pytest_asyncio.fixture
async def me(service: Practice, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(service, tmp_path / "me") as mine:
        yield mine


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A project's name that no other test uses."""
    return f"{request.node.originalname[5:45]} {zlib.crc32(request.node.name.encode()):x}"
