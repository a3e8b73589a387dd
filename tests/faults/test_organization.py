"""Every fault, struck at the view of the organisation: where its projects are read, and where their keys are."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Static

from keytui.domain.secrets import Secret
from keytui.tui.dialogs.organization import OrganizationDialog
from tests.faults.cell import complaint, written_with
from tests.faults.matrix import FAULTS, MARKER
from tests.support.faulty import Faulty, faulty_server, reply
from tests.support.stage import Stage, on_stage

ADMIN = MARKER.replace("sk-proj-", "sk-admin-")
"""The marked key as that of an owner."""

PROJECT = {
    "id": "proj_1",
    "object": "organization.project",
    "name": "shop",
    "created_at": 1790000000,
    "status": "active",
}
PROJECTS = reply(200, {"object": "list", "data": [PROJECT], "has_more": False})
NOTHING = reply(200, {"object": "list", "data": [], "has_more": False})
NO_PAGE = reply(200, {"object": "page", "data": [], "has_more": False, "next_page": None})


def nothing_wrong(server: Faulty) -> None:
    server.on_only("/api_keys", NOTHING)
    server.on_only("/costs", NO_PAGE)
    server.on_only("/organization/projects", PROJECTS)
    server.on_only("", NOTHING)


@pytest.mark.parametrize("endpoint", ["/organization/projects", "/api_keys", "/costs"])
async def test_every_fault_is_told_and_the_view_can_be_opened_again(endpoint: str, sealed: Path) -> None:
    wrong: dict[str, str] = {}
    async with faulty_server() as server, on_stage(practice=False, size=(80, 24)) as stage:
        await stage.until("~0 tokens")
        nothing_wrong(server)
        usual = await opened(stage, server.base_url)
        for fault in FAULTS:
            nothing_wrong(server)
            with fault.at(server, endpoint) as base_url:
                if fault.way is None:
                    said = await read_again(stage, usual)
                else:
                    said = await read(stage, await opened(stage, base_url))
                    await stage.press("escape")
                    await stage.when(lambda: stage.app.screen is usual, "the end of the view")
            # Without costs all the rest is there, and a list under a wrong name is a list.
            if problem := complaint(said, answer=endpoint == "/costs" or fault.name == "a wrong content type"):
                wrong[fault.name] = problem
        nothing_wrong(server)
        assert "1 project" in await read_again(stage, usual)
        assert MARKER[8:40] not in stage.text()
    assert not wrong
    assert not written_with(MARKER[8:40], sealed)


async def opened(stage: Stage, base_url: str) -> OrganizationDialog:
    """Open the view, over the one that is open."""
    dialog = OrganizationDialog(stage.services, await stage.services.admin(Secret(ADMIN), base_url))
    await stage.app.push_screen(dialog)
    return dialog


async def read_again(stage: Stage, dialog: OrganizationDialog) -> str:
    dialog.query_one("#note", Static).update("Reading")
    await stage.press("f5")
    return await read(stage, dialog)


async def read(stage: Stage, dialog: OrganizationDialog) -> str:
    """What the view says once it has read what it can."""
    note = dialog.query_one("#note", Static)
    await stage.when(lambda: "Reading" not in str(note.render()) and not list(dialog.workers), "what the view says")
    return str(note.render())
