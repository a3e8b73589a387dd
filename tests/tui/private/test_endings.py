from __future__ import annotations

import asyncio
from typing import ClassVar

import pytest
from textual.app import App
from textual.binding import BindingType
from textual.css.query import NoMatches
from textual.widget import MountError, Widget

from keytui.tui.private.endings import CalmEndings


class Late(Widget):
    """Looks for a child of its own that is not there, once it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    def on_mount(self) -> None:
        self.run_worker(self._look())

    async def _look(self) -> None:
        await self.go.wait()
        self.query_one("#gone")


class Lets(CalmEndings, App[None]):
    def compose(self) -> list[Widget]:  # type: ignore[override]
        return [Late()]


async def test_a_worker_whose_widget_is_taken_away_ends_nothing() -> None:
    app = Lets()
    async with app.run_test() as pilot:
        late = app.query_one(Late)
        late._pruning = True  # as it is between the end of its children and its own
        late.go.set()
        await pilot.pause()
        assert app.is_running
        assert app._exception is None


async def test_a_fault_in_a_widget_that_stays_is_still_one() -> None:
    with pytest.raises(Exception, match="gone") as caught:
        await _sought()
    assert isinstance(getattr(caught.value, "error", caught.value), NoMatches)


async def _sought() -> None:
    app = Lets()
    async with app.run_test() as pilot:
        app.query_one(Late).go.set()
        await pilot.pause()


async def test_what_a_key_opens_after_the_one_that_leaves_ends_in_nothing() -> None:
    app = Opens()
    async with app.run_test():
        app.simulate_key("q")
        await app.left.wait()
    assert app._exception is None
    assert app.return_code == 0


async def test_mounting_where_nothing_is_yet_is_still_a_fault() -> None:
    app = Opens()
    with pytest.raises(MountError):
        async with app.run_test():
            await Widget().mount(Late())


class Opens(CalmEndings, App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [("q", "leave", "leave")]

    def __init__(self) -> None:
        super().__init__()
        self.left = asyncio.Event()

    async def action_leave(self) -> None:
        self.exit()
        self.left.set()
        await self.screen.mount(Late())
