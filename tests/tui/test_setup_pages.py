from __future__ import annotations

import pytest
import segno

from keytui.domain.explanations import TEXTS
from keytui.domain.troubles import explain
from keytui.domain.troubles.pages import PAGES, address
from keytui.domain.troubles.recognition import ROWS
from keytui.tui.screens.setup.qr import QUIET, QrDialog, qr_rows
from tests.tui.setup_walk import walk

DARK = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}


@pytest.mark.parametrize("name", PAGES)
def test_the_code_of_every_page_is_the_code_of_its_address_and_fits_24_rows(name: str) -> None:
    rows = qr_rows(address(name))
    assert len(rows) <= 23
    modules = []
    for row in rows:
        pairs = [DARK[character] for character in row]
        modules += [[top for top, _ in pairs], [bottom for _, bottom in pairs]]
    side = len(rows[0])
    inner = [row[QUIET : side - QUIET] for row in modules[QUIET : side - QUIET]]
    expected = segno.make(address(name), error="l", boost_error=False, micro=False).matrix
    assert inner == [[int(module) for module in row] for row in expected]
    plain = qr_rows(address(name), ascii_only=True)
    assert [[int(row[at] == "#") for at in range(0, len(row), 2)] for row in plain] == modules[:side]


async def test_a_page_is_shown_as_a_code_copied_and_linked() -> None:
    async with walk(start_at="account") as user:
        billing = address("billing")
        await user.press("down", "q")
        await user.until(lambda: isinstance(user.app.screen, QrDialog))
        assert billing in user.text
        await user.press("escape")
        await user.until(lambda: user.app.screen is user.screen)
        await user.press("c")
        assert user.app.clipboard == billing
        pages = user.screen.query_one("#pages")
        links = {
            segment.style.link for strip in pages.render_lines(pages.size.region) for segment in strip if segment.style
        }
        assert billing in links


async def test_every_explanation_opens_and_fits() -> None:
    assert {why.page for why in TEXTS.values()} <= set(PAGES)
    async with walk(start_at="account") as user:
        await user.press("question_mark")
        for why in (*TEXTS.values(), next(iter(TEXTS.values()))):
            await user.until(lambda why=why: why.title in user.text and address(why.page) in user.text)  # type: ignore[misc]
            assert user.app.screen.query_one("#why-place").max_scroll_y == 0
            await user.press("right")


def test_what_only_the_accounts_pages_show_is_told_somewhere() -> None:
    told = {name for why in TEXTS.values() for name in why.troubles}
    assert {row.number for row in ROWS if row.id in told} >= {1, 14, 24, 25, 26, 31}
    for why in TEXTS.values():
        for name in why.troubles:
            assert explain(name).remedy in why.whole
