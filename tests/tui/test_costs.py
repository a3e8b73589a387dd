"""The costs pane, as it is used: keys pressed, what the screen says, and whether the numbers are true."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from keytui.adapters.prices import Prices
from keytui.domain.chat import Refused
from keytui.domain.conversations import Conversation
from keytui.domain.keys import OPENAI_BASE_URL
from keytui.domain.ledger import Entry
from keytui.domain.money import dollars
from keytui.domain.troubles import Signal, recognise
from keytui.domain.usage import Mark, Usage
from keytui.tui.background import in_background
from keytui.tui.panes.costs.words import month_name
from keytui.tui.widgets.day_bars import DayBars
from tests.adapters.ledger.making import entry
from tests.support.stage import Stage, on_stage

PRICES = Prices(practice=True)


def turn(name: str, at: datetime, usage: Usage, model: str = "gpt-6-luna", **more: object) -> Entry:
    """A request at its list price."""
    cost = PRICES.cost(model, usage, tier=None, at=at, base_url=OPENAI_BASE_URL)
    return replace(entry(name, at, model=model), usage=replace(usage, mark=Mark.BILLED), cost=cost, **more)


@asynccontextmanager
async def costs(size: tuple[int, int] = (110, 32), **options: bool) -> AsyncIterator[tuple[Stage, dict[str, Entry]]]:
    """The pane on a ledger with two months, two keys and three models in it."""
    async with on_stage(size=size, **options) as stage:
        await stage.until("practice ····" if not options else "practice ....", "~0 tokens")
        ledger, store = await stage.services.ledger(), await stage.services.conversations()
        now = stage.services.now()
        key = stage.services.keys.active()
        assert key is not None
        mine = {"key_id": key.id, "key_name": key.name}
        last_month = now.astimezone().replace(day=1, hour=12) - timedelta(days=3)
        for number, title in enumerate(["Tales of the cache", "A [bold] title"]):
            store.save(Conversation(f"c{number}", title, now, now))
        made = {
            "dear": turn("dear", now, Usage(50_000, 3_000), "gpt-6-sol", conversation="c0", **mine),
            "cached": turn("cached", now, Usage(90_000, 500, cached=81_920), conversation="c1", **mine),
            "other": turn("other", now, Usage(2_000, 100), "gpt-5.4-mini", conversation=None, app="editor",
                          key_id="k2", key_name="batch jobs"),
            "unknown": replace(entry("unknown", now, None, model="llama"), **mine, conversation="gone"),
            "before": turn("before", last_month, Usage(10_000, 1_000), conversation="c0", **mine),
        }  # fmt: skip
        for one in made.values():
            ledger.book(one)
        await stage.press("alt+3")
        await stage.until("gpt-6-sol", "requests")
        yield stage, made


def fetched(address: str | urllib.request.Request) -> bytes:
    """What is at an address on this machine."""
    with urllib.request.urlopen(address) as reply:
        body: bytes = reply.read()
        return body


async def told(stage: Stage, words: str) -> None:
    """Wait for a passing message."""
    await stage.when(lambda: any(words in one.message for one in stage.app._notifications), f"“{words}”")


def table(text: str) -> list[str]:
    """The rows of the table, without what is beside it and without the colour before a name."""
    lines = text.splitlines()
    head = next(number for number, line in enumerate(lines) if " by " in line and " first" in line)
    return [line[: 62 if "elsewhere" in lines[head] else None].replace("▌ ", "") for line in lines[head + 2 :]]


def cost(text: str, name: str) -> str:
    """What a row of the table says that it cost."""
    row = next(line for line in table(text) if line.strip().startswith(name))
    found = re.search(r"\$[\d.,?]+", row)
    assert found is not None, row
    return found[0]


@pytest.mark.parametrize("size", [(110, 32), (80, 24)])
async def test_with_nothing_booked_it_says_what_to_do(size: tuple[int, int]) -> None:
    async with on_stage(size=size) as stage:
        await stage.ready()
        await stage.press("alt+3")
        text = await stage.until("Nothing has been booked yet", "Ask something in the Playground (press 2)")
        assert "No key yet?" not in text
        assert "sort" not in text.splitlines()[-1]


async def test_what_is_shown_is_what_the_practice_service_charged() -> None:
    async with on_stage() as stage:
        await stage.ready()
        for question in ("What is a token?", "How does prompt caching work?", "And what breaks the prefix?"):
            await stage.type(question)
            await stage.press("enter")
            await stage.when(lambda: not stage.app.screen.query_one("PlaygroundPane").busy, "the answer")
        await stage.press("alt+3")
        text = await stage.until("gpt-6-luna", "3 requests")
        handed = await stage.services.practice_keys()
        address = handed.base_url.removesuffix("/v1") + "/practice/ledger"
        charged = Decimal(json.loads(await in_background(fetched, address))["total"])
        assert (await stage.services.ledger()).total().cost == charged > 0
        assert cost(text, "gpt-6-luna") == dollars(charged)


@pytest.mark.parametrize("size", [(110, 32), (80, 24)])
async def test_figures_bars_and_table(size: tuple[int, int]) -> None:
    async with costs(size) as (stage, made):
        text = stage.text()
        assert "4 requests" in text
        assert re.search(r"[█▇▆▅▄]", text)
        assert re.search(r"^ +(1 .*)?today", text, re.MULTILINE)
        assert cost(text, "gpt-6-sol") == dollars(made["dear"].cost.total)
        assert cost(text, "llama") == "$?"
        assert "1 at an unknown price ($?)" in text
        assert "prices of 23 Nov 2026" in text
        assert dollars(made["cached"].cost.saved) == "$0.0074"
        saved = "$0.0074" if size[0] == 80 else "58 % of input cached"
        assert saved in text


async def test_months_are_walked_with_the_arrows() -> None:
    async with costs() as (stage, made):
        await stage.press("left")
        month = month_name(made["before"].at.astimezone().date(), stage.services.now().astimezone().date())
        text = await stage.until(f"{month} by model", "spent on 1 of")
        assert cost(text, "gpt-6-luna") == dollars(made["before"].cost.total)
        assert not any("gpt-6-sol" in row for row in table(text))
        await stage.press("left")
        await stage.press("right")
        await stage.until("Forecast", "gpt-6-sol")


async def test_the_table_by_every_group_names_things_as_the_user_does() -> None:
    async with costs((80, 24)) as (stage, made):
        await stage.press("b")
        await stage.until("by day", f"{made['dear'].at.astimezone():%Y-%m-%d %a}")
        await stage.press("b")
        text = await stage.until("by key", "batch jobs")
        assert re.search(r"practice +3 ", text)
        await stage.press("b")
        await stage.until("by app", "editor")
        await stage.press("b", "b")
        text = await stage.until("by conversation", "Tales of the cache", "A [bold] title")
        assert "no conversation" in text
        assert "not kept any more" in text
        await stage.press("b")
        await stage.until("by tier", "standard")


async def test_sorting_is_shown_and_filtering_narrows() -> None:
    async with costs((80, 24)) as (stage, _):
        await stage.until("Cost ↓", "dearest first")
        await stage.press("s")
        await stage.until("Requests ↓", "most requests first")
        await stage.press("s")
        text = await stage.until("In ↓", "most input first")
        names = [line.split()[0] for line in table(text) if re.match(r"\s+(gpt|llama)", line)]
        assert names == ["gpt-6-luna", "gpt-6-sol", "gpt-5.4-mini", "llama"]
        await stage.press("slash")
        await stage.type("luna")
        await stage.press("enter")
        text = stage.text()
        assert "gpt-6-luna" in text.split("today", 1)[1]
        assert "gpt-6-sol" not in text.split("today", 1)[1]
        await stage.press("slash")
        await stage.type("x")
        await stage.until("nothing matches, esc shows all")
        await stage.press("escape")
        await stage.until("gpt-6-sol", "most input first")


async def test_the_same_month_elsewhere() -> None:
    async with costs((80, 24)) as (stage, made):
        await stage.press("e")
        text = await stage.until("The same month elsewhere", "all on gpt-6-sol", "without 1 request at $?")
        # 142,000 in (81,920 cached) and 3,600 out on gpt-6-luna: 0.10, 0.01 and 0.50 USD for a million tokens.
        expected = (60_080 * Decimal("0.10") + 81_920 * Decimal("0.01") + 3_600 * Decimal("0.50")) / 10**6
        assert dollars(expected) in next(line for line in text.splitlines() if "all on gpt-6-luna" in line)
        paid = sum((made[name].cost.total for name in ("dear", "cached", "other")), Decimal(0))
        batch = next(line for line in text.splitlines() if "as it is, batch" in line)
        assert dollars(paid / 2) in batch
        assert "-50 %" in batch
        await stage.press("e")
        await stage.until("by model")


async def test_the_dearest_turn_leads_to_its_conversation() -> None:
    async with costs((80, 24)) as (stage, _):
        await stage.press("d")
        text = await stage.until("Dearest turns", "Tales of the cache")
        turns = [line for line in text.splitlines() if "gpt-" in line and ":" in line]
        assert ["gpt-6-sol" in line for line in turns] == [True, False, False]
        await stage.press("enter")
        await stage.when(lambda: stage.app.screen.query_one("PlaygroundPane").display, "the playground")
        await stage.when(
            lambda: stage.app.screen.query_one("PlaygroundPane").thread.head.id == "c0",  # type: ignore[attr-defined]
            "the conversation",
        )


async def test_a_turn_without_a_conversation_says_so() -> None:
    async with costs() as (stage, _):
        await stage.press("d")
        await stage.press("down", "enter")
        await told(stage, "editor made this request")


async def test_all_can_be_narrowed_to_one_key() -> None:
    async with costs() as (stage, _):
        await stage.press("k")
        await stage.until("all keys")
        await stage.press("down", "enter")
        text = await stage.until("of practice by model", "3 requests")
        assert "gpt-5.4-mini" not in text
        assert "editor" not in text
        await stage.press("escape")
        await stage.until("gpt-5.4-mini")


async def test_the_cap_is_a_gauge_and_a_line() -> None:
    async with costs() as (stage, made):
        paid = sum((one.cost.total for name, one in made.items() if one.cost and name != "before"), Decimal(0))
        stage.app.change_settings(monthly_cap=paid * 2)
        await stage.press("alt+2")
        await stage.press("alt+3")
        await stage.until(f"50 % of {dollars(paid * 2)}", "╌ cap")


async def test_without_box_drawing_nothing_but_ascii_is_drawn() -> None:
    async with costs((80, 24), ascii_only=True) as (stage, _):
        body = "\n".join(stage.text().splitlines()[3:-1])
        assert "##" in body
        assert "November >=" in body
        assert "Cost v" in body
        assert {character for character in body if not character.isascii()} == set()


async def test_figures_stay_when_the_pane_is_shown_again_and_the_cursor_keeps_its_row() -> None:
    async with costs() as (stage, _):
        await stage.press("down")
        table = stage.app.screen.query_one("CostsPane #rows")
        before = table.cursor_row  # type: ignore[attr-defined]
        (await stage.services.ledger()).book(turn("new", stage.services.now(), Usage(400_000, 9), "gpt-6-sol"))
        await stage.press("alt+2")
        await stage.press("alt+3")
        await stage.until("5 requests")
        assert table.cursor_row == before == 1  # type: ignore[attr-defined]


async def test_caps_are_set_in_a_dialog_and_kept() -> None:
    async with costs() as (stage, _):
        await stage.press("c")
        text = await stage.until("Caps", "each month", "so far", "The platform's own, a month")
        assert "$0.13" in next(line for line in text.splitlines() if "each month" in line)
        assert re.search(r"the organisation +\$0\.00 +none", text)
        await stage.type("2.50")
        await stage.press("up", "up", "up")
        await stage.type("much")
        await stage.press("enter")
        await stage.until("“much”: it takes an amount of USD")
        await stage.press("ctrl+u")
        await stage.type("1")
        await stage.press("enter")
        await stage.until("of $2.50")
        kept = stage.services.settings.load()
        assert (kept.monthly_cap, kept.daily_warning) == (Decimal("2.50"), 1)


async def test_a_keys_own_cap_is_set_beside_the_others() -> None:
    async with costs() as (stage, _):
        await stage.press("c")
        await stage.press("down", "down")
        await stage.type("7")
        await stage.press("enter")
        await stage.until("of $7.00")
        key = stage.services.keys.active()
        assert key is not None
        assert key.monthly_cap == 7


async def test_practice_fetches_no_prices_and_says_so() -> None:
    async with costs() as (stage, _):
        pane = stage.app.screen.query_one("CostsPane")
        [update] = [command for command in pane.commands() if command.title == "Update prices"]  # type: ignore[attr-defined]
        update.callback()
        await told(stage, "In practice nothing is fetched")


async def test_a_cap_refuses_by_its_name_and_a_warning_warns_once() -> None:
    async with on_stage() as stage:
        await stage.ready()
        stage.app.change_settings(daily_cap=Decimal("0.0000001"))
        await stage.type("What is a token?")
        await stage.press("enter")
        await stage.until("the daily cap of $0.00000010")
        assert not (await stage.services.ledger()).total().cost
        stage.app.change_settings(daily_cap=None, daily_warning=Decimal("0.0000001"))
        await stage.press("ctrl+n")
        await stage.type("And what is a cache?")
        await stage.press("enter")
        await told(stage, "the daily warning at $0.00000010")
        await stage.until("billed")


async def elsewhere(stage: Stage, question: str) -> Decimal:
    """A request that another program makes with the same key, and what the service charges for it."""
    handed = await stage.services.practice_keys()
    body = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": question}]}
    headers = {"Authorization": f"Bearer {handed.api_key}", "Content-Type": "application/json"}
    request = urllib.request.Request(handed.base_url + "/chat/completions", json.dumps(body).encode(), headers)
    await in_background(fetched, request)
    accounts = handed.base_url.removesuffix("/v1") + "/practice/ledger"
    return Decimal(json.loads(await in_background(fetched, accounts))["entries"][-1]["cost"])


@pytest.mark.parametrize("size", [(110, 32), (80, 24)])
async def test_the_bill_stands_beside_the_ledger_and_what_is_missing_is_taken_over(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keytui.domain.bill.lines.SETTLED_AFTER", timedelta(days=-1))
    async with on_stage(size=size) as stage:
        await stage.ready()
        await stage.type("What is a token?")
        await stage.press("enter")
        await stage.when(lambda: not stage.app.screen.query_one("PlaygroundPane").busy, "the answer")
        ours = (await stage.services.ledger()).total().cost
        theirs = await elsewhere(stage, "What is a rate limit?")
        await stage.press("alt+3")
        await stage.press("p")
        text = await stage.until("The bill of", "other programs", "charged there", "can be taken over")
        assert re.search(rf"booked here .*{re.escape(dollars(ours))}", text)
        assert re.search(rf"other programs .*{re.escape('+' + dollars(theirs))}", text)
        assert re.search(rf"charged there .*{re.escape(dollars(ours + theirs))}", text)
        await stage.press("b", "b")
        await stage.until("by key", "practice")
        await stage.press("t")
        await stage.until(f"Book {dollars(theirs)} as spent elsewhere?")
        await stage.press("y")
        await stage.until("They agree, to the last digit.")
        assert (await stage.services.ledger()).total().cost == ours + theirs
        await stage.press("escape")
        await stage.until("by model", "elsewhere")


async def test_a_bill_that_cannot_be_read_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: object) -> None:
        raise Refused(recognise(Signal(where="admin", status=401, code="invalid_api_key")))

    monkeypatch.setattr("keytui.tui.panes.costs.bill.read_platform", refused)
    async with costs() as (stage, _):
        await stage.press("p")
        await stage.until("The bill of", "The server does not know this key")
        await stage.press("escape")
        await stage.until("by model")


async def test_bars_have_the_colours_of_the_rows_and_show_what_is_ahead() -> None:
    async with costs() as (stage, made):
        bars, today = stage.app.screen.query_one(DayBars), stage.services.now().astimezone().date()
        drawn = next(day for day in bars.days if day.on == today)
        assert drawn.parts[:3] == tuple(made[name].cost.total for name in ("dear", "other", "cached"))
        assert sum(drawn.parts) == drawn.cost
        assert all(day.ahead for day in bars.days if day.on > today and day.cost)
        await stage.press("b")
        await stage.until("by day")
        assert all(not day.parts for day in bars.days)


async def test_a_look_that_textual_brings_has_colours_for_the_bars_too() -> None:
    async with costs() as (stage, _):
        await stage.until("Forecast")
        for name in ("nord", "solarized-light", "dracula"):
            stage.app.theme = name
            await stage.pilot.pause()
        await stage.until("Forecast", "gpt-6-luna")
