"""What is on the pictures: one short walk for each."""

from __future__ import annotations

from decimal import Decimal

from keytui.domain.conversations import Conversation
from keytui.tui.messages import EntryBooked
from tests.support.month import TITLES, month
from tests.support.stage import Stage


async def start(stage: Stage) -> None:
    """The first thing a newcomer sees."""


async def playground(stage: Stage) -> None:
    """A question, its answer, and the next draft with its price."""
    await stage.type("How does prompt caching work?")
    await stage.press("enter")
    await stage.until("practice answer", "billed")
    await stage.type("And what breaks the prefix?")
    await stage.until("~6 tokens")


async def keys(stage: Stage) -> None:
    """A key, checked stage by stage."""
    await stage.press("alt+1")
    await stage.press("v")
    await stage.until("shape of the key", "works")


async def costs(stage: Stage) -> None:
    """A month of use with a cap. It is made up; its prices are not."""
    ledger, store = await stage.services.ledger(), await stage.services.conversations()
    now, key = stage.services.now(), stage.services.keys.active()
    assert key is not None
    for number, title in enumerate(TITLES):
        store.save(Conversation(f"c{number}", title, now, now))
    booked = list(month(now, key))
    for one in booked:
        ledger.book(one)
    stage.app.change_settings(monthly_cap=Decimal(20))
    stage.app.screen.post_message(EntryBooked(booked[0]))
    await stage.press("alt+3")
    await stage.until("gpt-6-sol", "of $20.00", "Forecast")


async def network(stage: Stage) -> None:
    """The way to the API, walked."""
    await stage.press("alt+4")
    await stage.press("p")
    await stage.until("exact count ")


async def setup(stage: Stage) -> None:
    """The walk to a key, at the step where the project is planned."""
    await stage.press("enter")
    await stage.until("Where do you stand?")
    await stage.press("enter")
    await stage.until("Account and credit")
    await stage.press("enter")
    await stage.until("Your project", "a month")


async def setup_plan(stage: Stage) -> None:
    """A plan that an admin key has applied, step by step."""
    await stage.press("enter")
    await stage.until("Where do you stand?")
    await stage.press("down", "down", "down", "enter")
    await stage.until("Your project", "a month")
    await stage.press("enter")
    await stage.until("To the admin key")
    await stage.press("enter")
    await stage.until("an OpenAI admin key")
    await stage.press("enter")
    await stage.until("Make it")
    await stage.press("enter")
    await stage.until("Kept as")


SCENES = {
    "start": (start, "keytui-dark"),
    "playground": (playground, "keytui-dark"),
    "playground-light": (playground, "keytui-light"),
    "keys": (keys, "keytui-dark"),
    "costs": (costs, "keytui-dark"),
    "network": (network, "keytui-dark"),
    "setup": (setup, "keytui-dark"),
    "setup-plan": (setup_plan, "keytui-dark"),
}
"""Name of the picture -> the walk to it, and the theme."""
