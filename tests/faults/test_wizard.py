"""Every fault, struck at the walk to a key: at the check of the key, and at the first message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.widgets import Button

from keytui.domain.setup import Step
from tests.faults.cell import complaint, nothing_but_answers, written_with
from tests.faults.matrix import FAULTS, MARKER
from tests.support.faulty import Faulty, faulty_server
from tests.tui.setup_walk import Walk, walk
from tests.tui.test_setup_walk import enter_key


async def test_every_fault_is_told_by_the_check_and_the_walk_goes_on(sealed: Path) -> None:
    wrong: dict[str, str] = {}
    async with faulty_server() as server, walk(start_at="key") as user:
        await user.at(Step.KEY)
        for number, fault in enumerate(FAULTS):
            seen = None if number == 0 else user.view._part.results  # type: ignore[attr-defined]
            with fault.at(server) as base_url:
                if number == 0:
                    await enter_key(user, MARKER, base_url)
                else:
                    check_again(user, base_url)
                said = await checked(user, seen)
            if problem := complaint(said):
                wrong[fault.name] = problem
        nothing_but_answers(server)
        check_again(user, server.base_url)
        await user.proposes("Keep it")
        assert MARKER not in user.text
        assert not user.services.keys.records()
    assert not wrong
    assert not written_with(MARKER[8:40], sealed)


def check_again(user: Walk, base_url: str) -> None:
    """Press “Try again”, for another address when the fault is on the way."""
    view: Any = user.view
    view._candidate = view._candidate.__class__(**{**fields(view._candidate), "base_url": base_url})
    retry = user.screen.query_one("#retry", Button)
    (retry if retry.display else user.screen.query_one("#go-on", Button)).press()


def fields(candidate: Any) -> dict[str, Any]:
    return {name: getattr(candidate, name) for name in candidate.__dataclass_fields__}


async def checked(user: Walk, seen: object) -> str:
    """What the check says once it is over; ``seen`` are the results of the one before."""
    view: Any = user.view
    await user.until(lambda: view._part.results is not seen and user.said("#outcome") and not view.busy)
    return user.said("#outcome")


async def test_every_fault_is_told_at_the_first_message_and_it_can_be_sent_again(sealed: Path) -> None:
    wrong: dict[str, str] = {}
    async with faulty_server() as server, walk(start_at="key") as user:
        nothing_but_answers(server)
        await user.at(Step.KEY)
        await enter_key(user, MARKER, server.base_url)
        await user.proposes("Keep it")
        await user.choose_place()
        await user.press("enter")
        await user.proposes("Continue")
        await user.press("enter")
        await user.at(Step.MESSAGE)
        await user.until(lambda: "up to $" in user.said("#meter"))
        for fault in (fault for fault in FAULTS if fault.way is None):
            with fault.at(server, "/chat/completions"):
                said = await sent(user, server)
            if problem := complaint(said, answer="All of it" in said):
                wrong[fault.name] = problem
        nothing_but_answers(server)
        assert "billed" in await sent(user, server)
        entries = (await user.services.ledger()).latest(500)
        assert len(entries) >= len([fault for fault in FAULTS if fault.way is None])
        assert {entry.app for entry in entries} == {"set-up"}
        assert MARKER not in user.text
    assert not wrong
    assert not written_with(MARKER[8:40], sealed)


async def sent(user: Walk, server: Faulty) -> str:
    """Send the first message (again); gives what is said and shown below it."""
    view: Any = user.view
    again = user.screen.query_one("#again", Button)
    if again.display:
        again.press()
        await user.until(lambda: not view._answered)
    before = len(server.asked("/chat/completions"))
    user.screen.query_one("#go-on", Button).press()
    await user.until(lambda: len(server.asked("/chat/completions")) > before and not view.busy)
    answer = "\n".join(str(block._content) for block in user.screen.query("#answer > *") if hasattr(block, "_content"))
    return "\n".join((user.said("#plain"), answer, user.said("#billed"))).strip()
