"""A terminal that turns out to be far away, and what is spared then."""

from __future__ import annotations

from time import monotonic

import pytest
from textual import messages
from textual.app import App, ComposeResult

from keytui.tui.widgets.transcript import Transcript
from tests.support.stage import Stage, on_stage


def answers_after(stage: Stage, seconds: float) -> None:
    """The terminal answers a question that was asked so long ago."""
    stage.app._asked = monotonic() - seconds
    stage.app.post_message(messages.TerminalSupportsSynchronizedOutput())


async def test_a_slow_terminal_is_found_out_and_spared() -> None:
    async with on_stage() as stage:
        await stage.ready()
        answers_after(stage, 0.4)
        await stage.when(lambda: stage.app.remote)
        (told,) = stage.app._notifications
        assert told.message.startswith("Your terminal is 0.4 s away")
        assert stage.app.screen.query_one(Transcript).remote
        await stage.press("alt+4")
        await stage.until("far away: drawn 5 times a second")


async def test_a_near_one_is_left_alone() -> None:
    async with on_stage() as stage:
        await stage.ready()
        answers_after(stage, 0.01)
        await stage.when(lambda: stage.app.round_trip is not None)
        assert not stage.app.remote


class Far(App[None]):
    """A transcript on a slow line."""

    sent = 0

    def compose(self) -> ComposeResult:
        yield Transcript(remote=True)


@pytest.mark.parametrize(("bytes_sent", "pause"), [(100, 0.2), (4_000, 1.0), (100_000, 2.0)])
async def test_what_a_frame_sent_keeps_the_next_one_waiting(bytes_sent: int, pause: float) -> None:
    app = Far()
    async with app.run_test():
        transcript = app.query_one(Transcript)
        transcript._due = now = monotonic()
        app.sent += bytes_sent
        assert transcript._pause(now) == pause
        app.sent += bytes_sent
        assert transcript._pause(now + 5) == 0.2, "what was sent long ago has arrived"
