"""Streams of events as servers may write them: ends of lines, the byte order mark, and what has no end."""

from __future__ import annotations

import time

import pytest

from keytui.adapters.openai import sse
from keytui.adapters.openai.sse import NoEventStream, SseReader

TWO = b'data: {"a": 1}\n\n: a comment\nevent: x\ndata: {"b":\ndata: 2}\n\n'
SAID = [b'{"a": 1}', b'{"b":\n2}']


def fed(stream: bytes, size: int) -> list[bytes]:
    """The data of the events of a stream that comes in pieces of this size."""
    reader = SseReader()
    events = [event for at in range(0, len(stream), size) for event in reader.feed(stream[at : at + size])]
    return [*events, *reader.finish()]


def fed_on(reader: SseReader, piece: bytes, times: int) -> None:
    for _ in range(times):
        reader.feed(piece)


@pytest.mark.parametrize("size", [1, 2, 3, 1_000])
@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"], ids=["LF", "CR", "CR LF"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\n \xef\xbb\xbf\n"], ids=["", "marked", "marked late"])
def test_every_end_of_a_line_and_a_mark_before_it_say_the_same(mark: bytes, end: bytes, size: int) -> None:
    assert fed(mark + TWO.replace(b"\n", end), size) == SAID


def test_an_event_is_there_as_soon_as_its_carriage_return_is() -> None:
    reader = SseReader()
    assert reader.feed(b"data: 1\r\r") == [b"1"]
    assert reader.feed(b"\ndata: 2\r") == []
    assert reader.feed(b"\r") == [b"2"]


@pytest.mark.parametrize(
    "piece", [b"x" * 1_000, b"data: x\n" * 100, b": wait\n\n" * 100, b"\n" * 1_000, b"event: x\n" * 100],
    ids=["a line", "an event", "comments", "empty lines", "fields"],
)  # fmt: skip
def test_what_has_no_end_is_given_up(piece: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "_LONGEST", 100_000)
    reader = SseReader()
    reader.feed(b"data: first\n\n")
    for _ in range(100_000 // len(piece) - 1):
        assert reader.feed(piece) == []
    with pytest.raises(NoEventStream, match="without an event"):
        fed_on(reader, piece, times=3)


def test_comments_between_events_may_go_on_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "_LONGEST", 1_000)
    reader = SseReader()
    assert sum(len(reader.feed(b": wait\n\n" * 50 + b"data: x\n\n")) for _ in range(100)) == 100


def test_a_long_line_in_small_pieces_is_not_copied_for_each_of_them() -> None:
    def cost(pieces: int) -> float:
        reader, begun = SseReader(), time.process_time()
        reader.feed(b"data: ")
        for _ in range(pieces):
            reader.feed(b"x" * 100)
        return time.process_time() - begun

    cost(1_000)
    # Eight times as many take about eight times as long; were each copied to the others, it would be 64 times.
    assert cost(80_000) / min(cost(10_000) for _ in range(3)) < 30
