"""What is on the pictures: one short walk for each."""

from __future__ import annotations

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
    """What some questions cost."""
    for question in ("What is a token?", "How does prompt caching work?", "What is a rate limit?"):
        await stage.type(question)
        await stage.press("enter")
        await stage.when(lambda: not stage.app.screen.query_one("PlaygroundPane").busy, "the answer")  # type: ignore[attr-defined]
    await stage.press("alt+3")
    await stage.until("gpt-6-luna", "3 requests")


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
