"""The conversation on the screen: streaming, scrolling, selecting, copying."""

from __future__ import annotations

import asyncio
import random

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.message import Message
from textual.pilot import Pilot
from textual.selection import Selection

from keytui.tui.widgets.transcript import Shown, Transcript
from keytui.tui.widgets.transcript.heights import Heights

ANSWER = "\n\n".join(f"## Part {number}\n\n" + f"Words of part {number}. " * 12 for number in range(8))
CODE = "Do:\n\n```python\nprint('one')\n```\n\nthen\n\n```sh\necho two\n```\n"


class Stage(App[None]):
    """A transcript and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Message] = []

    def compose(self) -> ComposeResult:
        yield Transcript()

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    @property
    def lines(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]

    def on_transcript_copy_requested(self, message: Transcript.CopyRequested) -> None:
        self.told.append(message)


def answer(text: str = ANSWER, **more: str) -> Shown:
    return Shown(id="a", role="assistant", title="model", text=text, **more)


async def until(pilot: Pilot[None], transcript: Transcript) -> None:
    """Wait until everything that was fed is drawn."""
    while transcript.is_drawing:
        await pilot.pause(0.01)
    await pilot.pause()


async def stream(pilot: Pilot[None], transcript: Transcript, text: str, seed: int = 1) -> None:
    chance = random.Random(seed)
    transcript.begin(answer("", state="streaming"))
    at = 0
    while at < len(text):
        size = chance.choice([1, 3, 20, 200])
        transcript.feed("a", text[at : at + size])
        at += size
        if chance.random() < 0.1:
            await pilot.pause(0.02)
    transcript.finish(answer(text, figures="1 in · 2 out"))
    await until(pilot, transcript)


async def test_a_streamed_answer_looks_as_if_it_had_been_loaded() -> None:
    streamed, loaded = Stage(), Stage()
    async with streamed.run_test(size=(60, 24)) as pilot:
        await stream(pilot, streamed.transcript, ANSWER + "\n\n" + CODE)
        streamed.transcript.scroll_home()
        await pilot.pause()
        first = streamed.lines
    async with loaded.run_test(size=(60, 24)) as pilot:
        loaded.transcript.load([answer(ANSWER + "\n\n" + CODE, figures="1 in · 2 out")])
        loaded.transcript.scroll_home()
        await pilot.pause()
        assert loaded.lines == first


async def test_the_header_has_the_name_left_and_the_figures_right() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        app.transcript.load([answer("text", figures="12 in · $0.01")])
        await pilot.pause()
        assert app.lines[0] == " model                    12 in · $0.01"


async def test_what_the_user_typed_is_shown_as_it_was_typed() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        app.transcript.append(Shown("u", "user", "You", text="# *not* [b]markup[/b]\n\x1b]0;x\x07\tend"))
        await pilot.pause()
        assert app.lines[1:3] == [" # *not* [b]markup[/b]", " ␛]0;x␇  end"]


async def test_it_follows_the_end_until_the_user_scrolls_and_again_when_back() -> None:
    app = Stage()
    async with app.run_test(size=(60, 16)) as pilot:
        transcript = app.transcript
        transcript.focus()
        await stream(pilot, transcript, ANSWER)
        assert transcript.follows
        await pilot.press("pageup")
        await pilot.pause()
        assert not transcript.follows
        before = [line[:58].rstrip() for line in app.lines]
        transcript.begin(Shown("b", "assistant", "model", state="streaming"))
        transcript.feed("b", "more text\n\n" * 30)
        await until(pilot, transcript)
        assert [line[:58].rstrip() for line in app.lines] == before
        await pilot.press("end")
        await pilot.pause()
        assert transcript.follows
        transcript.feed("b", "the very last words\n\n" * 20)
        await until(pilot, transcript)
        assert any("the very last words" in line for line in app.lines)


async def test_room_for_text_to_come_is_filled_when_none_comes_any_more() -> None:
    app = Stage()
    async with app.run_test(size=(60, 12)) as pilot:
        transcript = app.transcript
        transcript.begin(answer("", state="streaming"))
        words = "\n\n".join(f"line {number}" for number in range(9))
        transcript.feed("a", words)
        await until(pilot, transcript)
        assert app.lines[-4:] == ["", "", "", ""]
        transcript.finish(answer(words))
        await until(pilot, transcript)
        assert app.lines[-2:] == [" line 8", ""]


async def test_ten_thousand_messages_scroll_without_gaps() -> None:
    app = Stage()
    async with app.run_test(size=(50, 20)) as pilot:
        transcript = app.transcript
        transcript.focus()
        transcript.load(
            Shown(str(n), "user" if n % 2 else "assistant", f"n{n}", text=f"**{n}** " * (n % 40)) for n in range(10_000)
        )
        await pilot.pause()
        assert any("n9999" in line for line in app.lines)
        await pilot.press("home")
        await pilot.pause()
        assert app.lines[0].strip() == "n0"
        numbers: list[int] = []
        for _ in range(12):
            numbers += [int(line.strip()[1:]) for line in app.lines if line.strip().startswith("n")]
            await pilot.press("pagedown")
            await pilot.pause()
        assert sorted(set(numbers)) == list(range(max(numbers) + 1))
        drawn = sum(message.rows is not None for message in transcript._list.messages)
        assert drawn <= 260, "what is off the screen is let go of"


async def test_scrolling_up_over_guessed_heights_loses_no_row() -> None:
    app = Stage()
    async with app.run_test(size=(50, 10)) as pilot:
        transcript = app.transcript
        transcript.focus()
        transcript.load(Shown(str(n), "assistant", f"t{n}", text="a\n\n" * 9 + f"end of {n}") for n in range(30))
        await pilot.pause()
        seen: list[str] = []
        for _ in range(60):
            seen.append(app.lines[0].strip())
            await pilot.press("up")
            await pilot.pause()
        ends = [line for line in seen if line.startswith(("end of", "t"))]
        assert ends[:4] == ["t29", "end of 28", "t28", "end of 27"] or ends[:4] == [
            "end of 28",
            "t28",
            "end of 27",
            "t27",
        ]


async def test_another_width_wraps_anew_and_keeps_the_place() -> None:
    app = Stage()
    async with app.run_test(size=(80, 20)) as pilot:
        await stream(pilot, app.transcript, ANSWER)
        await pilot.resize_terminal(40, 20)
        # The new size may reach it a round after the screen.
        async with asyncio.timeout(20):
            while app.transcript.size.width != 40:
                await pilot.pause(0.01)
        await pilot.pause()
        assert app.transcript.follows
        assert any("part 7" in line for line in app.lines)
        assert all(len(line) <= 40 for line in app.lines)


async def test_thinking_is_folded_once_the_answer_comes() -> None:
    app = Stage()
    async with app.run_test(size=(60, 20)) as pilot:
        transcript = app.transcript
        transcript.focus()
        transcript.begin(answer("", state="streaming"))
        transcript.think("a", "First I weigh the words.")
        await until(pilot, transcript)
        assert any("weigh the words" in line for line in app.lines)
        transcript.feed("a", "The answer.")
        await until(pilot, transcript)
        assert any("▸ thinking · 5 words" in line for line in app.lines)
        assert not any("weigh the words" in line for line in app.lines)
        await pilot.press("t")
        await pilot.pause()
        assert any("weigh the words" in line for line in app.lines)


async def test_selected_text_is_copied_without_wraps_and_bars() -> None:
    app = Stage()
    async with app.run_test(size=(30, 20)) as pilot:
        transcript = app.transcript
        transcript.load([answer("one two three four five six seven eight\n\n```\nx = 1\ny = 2\n```")])
        await pilot.pause()
        selection = Selection(Offset(0, 1), Offset(30, transcript.virtual_size.height - 1))
        copied = transcript.get_selection(selection)
        assert copied is not None
        assert copied[0].rstrip() == "one two three four five six seven eight\n\nx = 1\ny = 2"


async def test_the_mouse_selects_and_shows_what_it_selects() -> None:
    app = Stage()
    async with app.run_test(size=(40, 12)) as pilot:
        app.transcript.load([answer("alpha beta gamma")])
        await pilot.pause()
        await pilot.mouse_down(Transcript, offset=(7, 1))
        await pilot.hover(Transcript, offset=(11, 1))
        await pilot.mouse_up(Transcript, offset=(11, 1))
        await pilot.pause()
        assert app.screen.get_selected_text() == "beta"


@pytest.mark.parametrize(("keys", "text"), [(["c"], "echo two"), (["k", "y"], CODE), (["k", "c"], "echo two")])
async def test_code_and_messages_are_copied_by_a_key(keys: list[str], text: str) -> None:
    app = Stage()
    async with app.run_test(size=(40, 30)) as pilot:
        app.transcript.load([Shown("u", "user", "You", text="how?"), answer(CODE)])
        app.transcript.focus()
        await pilot.press(*keys)
        await pilot.pause()
        [request] = app.told
        assert isinstance(request, Transcript.CopyRequested)
        assert request.text == text


async def test_code_is_copied_as_it_was_written_however_it_came() -> None:
    code = "def f():\n\treturn 'ünï✋🏽'  \n\n\n    # two blanks above, two behind"
    app = Stage()
    async with app.run_test(size=(40, 30)) as pilot:
        app.transcript.focus()
        await stream(pilot, app.transcript, f"1. In a list:\n\n```py\n{code}\n```\n\nDone.")
        await pilot.press("c")
        await pilot.pause()
        assert [request.text for request in app.told if isinstance(request, Transcript.CopyRequested)] == [code]


async def test_code_in_a_question_is_copied_and_a_message_without_any_says_so() -> None:
    app = Stage()
    told: list[str] = []
    async with app.run_test(size=(40, 30)) as pilot:
        app.transcript.notify = lambda words, **_: told.append(words)  # type: ignore[method-assign, assignment]
        app.transcript.load([Shown("u", "user", "You", text="why?\n```\n\tx = 1\n```"), answer("Because.")])
        app.transcript.focus()
        await pilot.press("k", "c")
        await pilot.pause()
        assert "no code block in this message" in told[0]
        assert not app.told
        await pilot.press("k", "c")
        await pilot.pause()
        [request] = app.told
        assert isinstance(request, Transcript.CopyRequested)
        assert request.text == "\tx = 1"


async def test_no_message_is_marked_any_more_once_another_one_was_sent() -> None:
    app = Stage()
    async with app.run_test(size=(40, 30)) as pilot:
        app.transcript.load([Shown("u", "user", "You", text="how?"), answer(CODE)])
        app.transcript.focus()
        await pilot.press("k", "k")
        assert app.transcript.marked == "u"
        app.transcript.append(Shown("v", "user", "You", text="and then?"))
        assert app.transcript.marked is None
        await pilot.press("c")
        await pilot.pause()
        [request] = app.told
        assert isinstance(request, Transcript.CopyRequested)
        assert request.text == "echo two"


async def test_an_answer_to_a_conversation_that_is_gone_is_let_fall() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        app.transcript.begin(answer("", state="streaming"))
        app.transcript.load([])
        app.transcript.feed("a", "late")
        app.transcript.finish(answer("late"))
        app.transcript.empty = ["Welcome", "here"]
        await pilot.pause()
        assert app.lines[1:3] == ["  Welcome", "  here"]


async def test_several_answers_come_at_once() -> None:
    app = Stage()
    async with app.run_test(size=(60, 30)) as pilot:
        transcript = app.transcript
        for name in "xyz":
            transcript.begin(Shown(name, "assistant", name, state="streaming"))
        for number in range(30):
            for name in "xyz":
                transcript.feed(name, f"{name}{number} ")
        await until(pilot, transcript)
        for name in "xyz":
            transcript.finish(Shown(name, "assistant", name, text=" ".join(f"{name}{n}" for n in range(30))))
        await until(pilot, transcript)
        screen = "\n".join(app.lines)
        assert all(f"{name}29" in screen for name in "xyz")


async def test_the_wheel_scrolls_at_once() -> None:
    app = Stage()
    async with app.run_test(size=(60, 12)) as pilot:
        app.transcript.load([answer()])
        await pilot.pause()
        before = app.transcript.scroll_offset.y
        app.transcript.post_message(
            events.MouseScrollUp(app.transcript, 5, 5, 0, 0, 0, False, False, False, screen_x=5, screen_y=5)
        )
        await pilot.pause()
        assert app.transcript.scroll_offset.y < before


def test_heights_agree_with_plain_sums() -> None:
    chance = random.Random(2)
    plain = [chance.randint(1, 9) for _ in range(37)]
    heights = Heights(plain)
    for _ in range(200):
        if chance.random() < 0.3:
            plain.append(chance.randint(1, 9))
            heights.append(plain[-1])
        place = chance.randrange(len(plain))
        plain[place] = heights[place] = chance.randint(1, 9)
        assert heights.total == sum(plain)
        assert heights.before(place) == sum(plain[:place])
        row = chance.randrange(heights.total)
        at, within = heights.find(row)
        assert sum(plain[:at]) + within == row
        assert within < plain[at]
