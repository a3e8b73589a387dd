"""How far an answer is, told from its events."""

from __future__ import annotations

from keytui.domain.chat import Delta, Started, Thinking, Waiting
from keytui.domain.counting import LiveCounter
from keytui.domain.progress import Progress
from keytui.domain.progress_meter import ProgressMeter
from keytui.domain.troubles import explain


class Clock:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_an_answer_goes_from_sent_to_writing_and_has_a_speed() -> None:
    clock = Clock()
    meter = ProgressMeter(LiveCounter(lambda text: len(text.split())), clock)
    assert meter.now == Progress("sent", 0, 0.0, None)
    clock.at += 0.5
    assert meter.take(Started("chat"))
    assert meter.take(Thinking("hm"))
    assert meter.now.phase == "thinking"
    assert meter.take(Delta("one two"))
    assert not meter.take(Delta(" three four"))
    clock.at += 2
    assert meter.now == Progress("writing", 4, 2.5, 0.5)
    assert meter.now.speed == 2.0


def test_a_wait_counts_down_and_forgets_what_came_before() -> None:
    clock = Clock()
    meter = ProgressMeter(LiveCounter(lambda text: len(text.split())), clock)
    meter.take(Delta("one"))
    assert meter.take(Waiting(4.0, 1, explain("rate-limited")))
    clock.at += 1
    assert meter.now == Progress("waiting", 0, 1.0, None, wait=3.0)
