"""The draft's field: keys in, text and screen out, every edit told as it happens."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual import events
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from keytui.tui.private.document import DraftDocument, DraftRows
from keytui.tui.widgets.composer import Composer


class Desk(App[None]):
    """A composer and nothing else."""

    def __init__(self, draft: str = "") -> None:
        super().__init__()
        self.draft = draft
        self.told: list[Message] = []

    def compose(self) -> ComposeResult:
        yield Composer(self.draft, placeholder="Write a message")

    def on_mount(self) -> None:
        self.composer.focus()

    @property
    def composer(self) -> Composer:
        return self.query_one(Composer)

    def on_composer_submitted(self, message: Composer.Submitted) -> None:
        self.told.append(message)

    def on_composer_recall(self, message: Composer.Recall) -> None:
        self.told.append(message)

    @property
    def screen_lines(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]


class Mirror:
    """The draft as somebody knows it who hears only of edits."""

    def __init__(self, composer: Composer) -> None:
        self.lines = composer.text.split("\n")
        composer.on_edit, composer.on_load = self.edited, self.loaded

    def loaded(self, text: str) -> None:
        self.lines = text.split("\n")

    def edited(self, top: tuple[int, int], bottom: tuple[int, int], text: str) -> None:
        before, after = self.lines[top[0]][: top[1]], self.lines[bottom[0]][bottom[1] :]
        self.lines[top[0] : bottom[0] + 1] = (before + text + after).split("\n")

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


async def paste(pilot: Pilot[None], text: str) -> None:
    pilot.app.post_message(events.Paste(text))
    await pilot.pause()


async def test_enter_sends_and_ctrl_j_begins_a_line() -> None:
    app = Desk()
    async with app.run_test() as pilot:
        await pilot.press("h", "i", "ctrl+j", "y", "o", "u", "enter")
        [sent] = app.told
        assert isinstance(sent, Composer.Submitted)
        assert sent.text == "hi\nyou"
        assert app.composer.text == "hi\nyou", "emptying it is the handler's matter"


async def test_keys_that_arrive_together_keep_their_order() -> None:
    app = Desk("one")
    async with app.run_test() as pilot:
        app.composer.move_cursor(app.composer.document.end)
        for key in ("backspace", "backspace", "x", "left", "y", "enter", "z"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert [message.text for message in app.told if isinstance(message, Composer.Submitted)] == ["oyx"]
        assert app.composer.text == "oyzx"


@pytest.mark.parametrize("key", ["shift+enter", "ctrl+enter", "alt+enter"])
async def test_other_keys_begin_a_line_where_the_terminal_tells_them(key: str) -> None:
    app = Desk()
    async with app.run_test() as pilot:
        await pilot.press("a", key, "b")
        assert app.composer.text == "a\nb"


async def test_it_grows_from_three_rows_to_eight_and_shrinks_again() -> None:
    app = Desk()
    async with app.run_test() as pilot:
        heights = [app.composer.size.height]
        for _ in range(9):
            await pilot.press("ctrl+j")
            await pilot.pause()
            heights.append(app.composer.size.height)
        assert heights == [3, 3, 3, 4, 5, 6, 7, 8, 8, 8]
        app.composer.load_text("")
        await pilot.pause()
        assert app.composer.size.height == 3


async def test_a_paste_keeps_its_lines_and_its_odd_characters() -> None:
    app = Desk()
    async with app.run_test() as pilot:
        await paste(pilot, "one\r\ntwo\rthree\x0bfour\x0cfive\u2028six\x85seven")
        assert app.composer.text == "one\ntwo\nthree\x0bfour\x0cfive\u2028six\x85seven"
        assert app.composer.document.line_count == 3


async def test_control_characters_are_shown_as_pictures() -> None:
    app = Desk("red \x1b[31m \u202eevil")
    async with app.run_test(size=(40, 10)):
        assert app.screen_lines[0].strip() == "red ␛[31m �evil"


async def test_undoing_the_paste_that_brought_the_scrollbar() -> None:
    app = Desk("before")
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press("end")
        await paste(pilot, "\n".join(f"line {number} " + "word " * 12 for number in range(40)))
        assert app.composer.show_vertical_scrollbar
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert app.composer.text == "before"
        await pilot.press("ctrl+y")
        await pilot.pause()
        assert app.composer.text.count("\n") == 39


async def test_up_in_an_untouched_draft_asks_for_what_was_sent_before() -> None:
    app = Desk()
    async with app.run_test() as pilot:
        await pilot.press("up")
        app.composer.recall("what was sent")
        await pilot.press("up", "down")
        await pilot.press("x", "up", "down")
        assert [message.step for message in app.told if isinstance(message, Composer.Recall)] == [-1, -1, 1]


async def test_selection_words_and_lines_work_as_in_any_text_area() -> None:
    app = Desk("alpha beta gamma\nsecond")
    async with app.run_test() as pilot:
        await pilot.press("end", "ctrl+w")
        assert app.composer.text == "alpha beta \nsecond"
        await pilot.press("ctrl+a", "ctrl+shift+right", "backspace")
        assert app.composer.text == " beta \nsecond"
        await pilot.press("f7")
        assert app.composer.selected_text == " beta \nsecond"
        await pilot.press("z")
        assert app.composer.text == "z"


async def test_the_mouse_puts_the_cursor_into_a_wrapped_line() -> None:
    app = Desk("word " * 30)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.click(Composer, offset=(6, 1))
        row = app.composer.wrapped_document.row_at(1)
        assert row is not None
        assert app.composer.cursor_location == (0, row[1] + 5)


KEYS = [
    "a", "b", "space", "ctrl+j", "tab", "backspace", "delete", "left", "right", "up", "down", "home", "end", "ctrl+z",
    "ctrl+y", "ctrl+w", "ctrl+u", "ctrl+k", "ctrl+x", "ctrl+v", "f6", "f7", "shift+left", "shift+up", "ctrl+left",
    "alt+delete",
]  # fmt: skip
PASTES = ["\rone\r\ntwo", "漢字 かな\t", "word " * 9, "\u2028\x0b\x1c", "e\u0301👩\u200d👩", "\n"]


@settings(max_examples=16, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.sampled_from(KEYS), st.sampled_from(PASTES)), max_size=60))
async def test_who_hears_every_edit_knows_the_draft(script: list[str]) -> None:
    app = Desk("first line\nsecond line of some length, so that it wraps")
    async with app.run_test(size=(30, 14)) as pilot:
        composer = app.composer
        mirror = Mirror(composer)
        for step in script:
            if step in KEYS:
                await pilot.press(step)
            else:
                await paste(pilot, step)
            assert mirror.text == composer.text
            afresh = DraftRows(DraftDocument(composer.text), composer.wrap_width, composer.indent_width)
            assert composer.wrapped_document.lines == afresh.lines
            assert composer.wrapped_document.height == afresh.height


async def test_the_whole_draft_can_be_replaced_and_is_told() -> None:
    app = Desk()
    async with app.run_test():
        mirror = Mirror(app.composer)
        app.composer.load_text("new\r\ntext")
        assert mirror.text == app.composer.text == "new\ntext"
