"""Notices on the screen."""

from __future__ import annotations

from textual.app import App

from keytui.tui.private.notices import SaidOnce


class Teller(SaidOnce, App[None]):
    """Says what it is told to."""


async def test_what_is_said_again_takes_the_place_of_what_was_said_before() -> None:
    app = Teller()
    async with app.run_test(notifications=True) as pilot:
        for words in ("still coming", "something else", "still coming", "still coming"):
            app.notify(words)
        await pilot.pause()
        await pilot.pause()
        assert [notice.message for notice in app._notifications] == ["something else", "still coming"]
        assert len(app.screen.query("Toast")) == 2
