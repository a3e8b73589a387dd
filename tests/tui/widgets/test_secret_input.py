"""The key's field: it takes whole pastes and gives nothing away."""

from __future__ import annotations

from textual import events
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from keytui.domain.secrets import Secret
from keytui.tui.widgets.secret_input import SecretInput

KEY = "sk-proj-abcdefghijklmnop"


class Stage(App[None]):
    """The field alone; every message is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.changes = 0

    def compose(self) -> ComposeResult:
        yield SecretInput(placeholder="paste it here")

    @property
    def field(self) -> SecretInput:
        return self.query_one(SecretInput)

    def on_input_changed(self) -> None:
        self.changes += 1


async def paste(pilot: Pilot[None], text: str) -> None:
    pilot.app.post_message(events.Paste(text))
    await pilot.pause()


async def test_a_paste_of_several_lines_is_taken_whole() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        await paste(pilot, f"\n{KEY[:9]}\n{KEY[9:]}\n")
        assert app.field.secret == Secret(f"\n{KEY[:9]}\n{KEY[9:]}\n")


async def test_editing_works_as_in_any_field() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        await pilot.press(*"abcd", "left", "backspace", "x", "home", "delete", "end", "y")
        assert app.field.secret == Secret("bxdy")
        await pilot.press("ctrl+w")
        assert not app.field.secret


async def test_nothing_that_leaves_it_holds_the_key() -> None:
    heard: list[Message] = []
    app = Stage()
    async with app.run_test(message_hook=heard.append) as pilot:
        await pilot.press(*KEY)
        await pilot.press("ctrl+a", "shift+end", "ctrl+c", "ctrl+x", "enter")
        await pilot.pause()
        assert app.clipboard == ""
        assert KEY not in app.export_screenshot()
        assert KEY not in repr(vars(app.field))
    assert not any(KEY in repr(vars(message)) for message in heard if hasattr(message, "__dict__"))


async def test_taking_it_empties_the_field() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        app.field.load(Secret(KEY))
        await pilot.pause()
        assert app.field.value == "•" * len(KEY)
        assert app.field.take() == Secret(KEY)
        await pilot.pause()
        assert not app.field.secret
        assert app.field.value == ""


async def test_another_key_of_the_same_length_is_told_as_a_change() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        app.field.load(Secret("aaaa"))
        await pilot.pause()
        before = app.changes
        app.field.load(Secret("bbbb"))
        await pilot.pause()
        assert app.changes == before + 1
