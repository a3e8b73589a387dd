"""What the terminal shows after an update is what was put, whatever was there before."""

from __future__ import annotations

import random
import re

import pyte
import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from wcwidth import wcwidth

from keytui.tui.private.front import Front

WIDTH, HEIGHT, SIDE = 40, 16, 28
"""A screen with a side panel from column ``SIDE`` on."""

STYLES = [
    None,
    Style(color="red"),
    Style(bgcolor="#102030"),
    Style(color="#aabbcc", bgcolor="#102030", bold=True),
    Style(underline=True),
    Style(color="#ffffff", bgcolor="#000000", link="https://example.org"),
]
WORDS = ["alpha", " ", "    ", "              ", "漢字", "é", "x", "한", "panel"]
LINK = re.compile(r"\x1b\]8;[^\x1b]*\x1b\\")

Rows = list[tuple[Strip, Strip]]


class Erasing(pyte.Screen):
    """Rows that come in have the background of the moment, as in most terminals; pyte's own have none."""

    def delete_lines(self, count: int | None = None) -> None:
        super().delete_lines(count)
        bottom = self.margins.bottom if self.margins else self.lines - 1
        self._fill(range(bottom - (count or 1) + 1, bottom + 1))

    def insert_lines(self, count: int | None = None) -> None:
        top = self.cursor.y
        super().insert_lines(count)
        self._fill(range(top, top + (count or 1)))

    def _fill(self, rows: range) -> None:
        for y in rows:
            for x in range(self.columns):
                self.buffer[y][x] = self.cursor.attrs


class Emulator:
    """A terminal that shows what it is sent; links, which pyte does not know, are left out."""

    def __init__(self, width: int = WIDTH, height: int = HEIGHT, *, erase: bool = True) -> None:
        self.screen = (Erasing if erase else pyte.Screen)(width, height)
        self.screen.reset_mode(pyte.modes.DECAWM)
        self.stream = pyte.ByteStream(self.screen)

    def feed(self, text: str) -> None:
        self.stream.feed(LINK.sub("", text).encode())

    @property
    def lines(self) -> list[str]:
        return list(self.screen.display)


def strip_of(width: int, chance: random.Random) -> Strip:
    segments: list[Segment] = []
    cells = 0
    while cells < width:
        segment = Segment(chance.choice(WORDS), chance.choice(STYLES))
        if cells + segment.cell_length > width:
            segment = Segment(" " * (width - cells), None)
        segments.append(segment)
        cells += segment.cell_length
    return Strip(segments, width)


def put(front: Front, y: int, row: tuple[Strip, Strip]) -> None:
    front.put(y, 0, row[0])
    front.put(y, SIDE, row[1])


def fresh(chance: random.Random) -> tuple[Strip, Strip]:
    return strip_of(SIDE, chance), strip_of(WIDTH - SIDE, chance)


def change(rows: Rows, front: Front, chance: random.Random) -> Rows:
    """Edit a few rows, replace all, or move a part of them, with the side panel or without."""
    how = chance.choice(["edit", "all", "scroll", "scroll", "scroll with panel"])
    if how == "all":
        rows = [fresh(chance) for _ in range(HEIGHT)]
        changed = range(HEIGHT)
    elif how == "edit":
        changed = range(chance.randrange(HEIGHT), HEIGHT, 3)
        rows = [fresh(chance) if y in changed else row for y, row in enumerate(rows)]
    else:
        top = chance.randint(0, 4)
        changed = range(top, chance.randint(top + 4, HEIGHT - 1) + 1)
        step = chance.choice([1, 2, 3, -1, -2])
        moved = {y: rows[y + step] if y + step in changed else fresh(chance) for y in changed}
        whole = how == "scroll with panel"
        rows = [(moved[y][0], moved[y][1] if whole else row[1]) if y in moved else row for y, row in enumerate(rows)]
    for y in changed:
        put(front, y, rows[y])
    return rows


def assert_shown(emulator: Emulator, rows: Rows) -> None:
    assert emulator.lines == [left.text + right.text for left, right in rows]
    for y, row in enumerate(rows):
        x = 0
        for text, style, _ in [*row[0], *row[1]]:
            for character in text:
                cell = emulator.screen.buffer[y][x]
                back = style.bgcolor if style else None
                assert cell.bg == (back.name.lstrip("#") if back else "default")
                if character != " ":
                    color = style.color if style else None
                    assert cell.fg == (color.name.lstrip("#") if color else "default")
                    assert cell.bold == bool(style and style.bold)
                x += wcwidth(character)


@pytest.mark.parametrize("erase", [True, False])
@pytest.mark.parametrize("seed", range(15))
def test_random_screens_are_shown_to_the_cell(seed: int, erase: bool) -> None:
    chance = random.Random(seed)
    front, emulator = Front(WIDTH, HEIGHT, ColorSystem.TRUECOLOR, erase=erase), Emulator(erase=erase)
    rows = [fresh(chance) for _ in range(HEIGHT)]
    for y, row in enumerate(rows):
        put(front, y, row)
    cursor = (0, 0)
    for _ in range(25):
        if chance.random() < 0.3:
            cursor = (chance.randrange(WIDTH), chance.randrange(HEIGHT))
        emulator.feed(front.update(cursor))
        assert_shown(emulator, rows)
        assert (emulator.screen.cursor.x, emulator.screen.cursor.y) == cursor
        rows = change(rows, front, chance)


def test_a_screen_that_is_written_anew_is_not_drawn_with_the_pen_that_was_left() -> None:
    emulator, plain = Emulator(), (strip_of(SIDE, random.Random(1)), strip_of(WIDTH - SIDE, random.Random(2)))
    slanted = Strip([Segment("slanted".ljust(SIDE), Style(italic=True, bold=True, color="red"))])
    for rows in ([(slanted, plain[1])], [plain]):
        front = Front(WIDTH, HEIGHT, ColorSystem.TRUECOLOR)
        put(front, 0, rows[0])
        emulator.feed(front.update((0, 0)))
    assert not any(cell.italics for cell in emulator.screen.buffer[0].values())
    assert emulator.lines[0] == plain[0].text + plain[1].text


def test_one_changed_letter_takes_a_few_bytes() -> None:
    front = Front(80, 2, ColorSystem.TRUECOLOR)
    style = Style(color="#aabbcc", bgcolor="#112233")
    front.put(0, 0, Strip([Segment("the quick brown fox".ljust(80), style)]))
    front.update((0, 0))
    front.put(0, 0, Strip([Segment("the quick brown box".ljust(80), style)]))
    assert front.update((19, 0)) == "\x1b[16Cb\x1b[2C"


def test_nothing_is_sent_when_nothing_has_changed() -> None:
    front = Front(10, 1, ColorSystem.TRUECOLOR)
    front.put(0, 0, Strip([Segment("same      ")]))
    front.update((3, 0))
    front.put(0, 0, Strip([Segment("same      ")]))
    assert front.update((3, 0)) == ""


def test_a_cluster_of_doubtful_width_does_not_move_what_follows() -> None:
    front, emulator = Front(20, 1, ColorSystem.TRUECOLOR), Emulator(20, 1)
    front.put(0, 0, Strip([Segment("a ❤️ b 👩‍👩‍👧 c".ljust(20))]))
    emulator.feed(front.update((0, 0)))
    assert [emulator.screen.buffer[0][x].data for x in (0, 5, 10)] == ["a", "b", "c"]


def test_rows_that_moved_are_moved_by_the_terminal() -> None:
    front = Front(60, 12, ColorSystem.TRUECOLOR)
    chance = random.Random(1)
    lines = ["".join(chance.choices("abcdefgh ", k=60)) for _ in range(13)]
    for y in range(12):
        front.put(y, 0, Strip([Segment(lines[y])]))
    front.update((0, 0))
    for y in range(12):
        front.put(y, 0, Strip([Segment(lines[y + 1])]))
    sent = front.update((0, 0))
    assert lines[12].strip() in sent
    assert len(sent) < 100
