"""The metering proxy in the Network pane: turned on by a key, used by the SDK, shown, and gone with the app."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import AsyncExitStack
from dataclasses import replace

import openai
import pytest

from keytui.domain.metering import Handshake
from keytui.tui.panes.metering_part import MeteringPart
from keytui.tui.screens.main import MainScreen
from tests.support.stage import Stage, on_stage

SIZES = [(110, 32), (80, 24)]


async def opened(stage: Stage) -> None:
    await stage.ready()
    await stage.press("alt+4")
    await stage.until("direct, to a server on this machine")


async def turned_on(stage: Stage) -> Handshake:
    await opened(stage)
    return await switched_on(stage)


async def switched_on(stage: Stage) -> Handshake:
    await stage.press("o")
    await stage.when(lambda: stage.services.metering.handshake, "a metering proxy")
    handshake = stage.services.metering.handshake
    assert handshake is not None
    return handshake


async def asked(handshake: Handshake, words: str = "hello") -> str:
    async with openai.AsyncOpenAI(base_url=handshake.base_url, api_key=handshake.api_key.reveal()) as client:
        answer = await client.chat.completions.create(
            model="gpt-4o-mini", messages=[{"role": "user", "content": words}]
        )
    return answer.choices[0].message.content or ""


def listens(handshake: Handshake) -> bool:
    port = int(handshake.base_url.removesuffix("/v1").rpartition(":")[2])
    with socket.socket() as knocking:
        knocking.settimeout(5)
        return knocking.connect_ex(("127.0.0.1", port)) == 0


def proxies() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "metering proxy"]


@pytest.mark.parametrize("size", SIZES)
async def test_a_program_asks_through_it_and_is_seen_in_the_table_and_the_costs(size: tuple[int, int]) -> None:
    async with on_stage(size=size) as stage:
        handshake = await turned_on(stage)
        said = await stage.until(handshake.base_url, "OPENAI_BASE_URL=", "Nobody has asked yet.")
        assert handshake.api_key.reveal() not in said
        assert await asked(handshake)
        assert await asked(handshake)
        await stage.when(lambda: re.search(r"proxy +2 +[\d,]+ +\$0\.0", stage.text()), "both requests in the table")
        said = await stage.until("program", "requests", "tokens", "spend")
        assert "Nobody has asked yet." not in said
        await stage.when(lambda: "today $0.0" in stage.text() or "month $0.0" in stage.text(), "the sums")
        await stage.press("alt+3", "g")
        ledger = await stage.services.ledger()
        assert {entry.app for entry in ledger.latest()} == {"proxy"}
        await stage.press("alt+4", "o")
        await stage.when(lambda: stage.services.metering.handshake is None, "its end")
        await stage.until("Off. Press o")
        assert not listens(handshake)
        assert not proxies()


@pytest.mark.parametrize("size", SIZES)
async def test_a_program_with_a_key_of_its_own_has_a_row_of_its_own(size: tuple[int, int]) -> None:
    from keytui.cli.metering import local_keys

    async with on_stage(size=size) as stage:
        handshake = await turned_on(stage)
        notes = local_keys(stage.services.paths).add("notes", stage.services.now())
        assert await asked(handshake)
        assert await asked(Handshake(handshake.base_url, notes))
        await stage.when(lambda: not stage.services.metering.snapshot().now, "both answers")
        await stage.when(
            lambda: re.search(r"notes +1 +[\d,]+ +\$0.*\n +proxy +1 +[\d,]+ +\$0", stage.text()),
            "the one that asked last first",
        )


async def test_the_local_key_is_copied_and_never_the_real_one() -> None:
    async with on_stage() as stage:
        await opened(stage)
        assert "c local key" not in stage.text()
        handshake = await switched_on(stage)
        await stage.until("c local key", "l line")
        copied: list[str] = []
        stage.app.copy_to_clipboard = copied.append  # type: ignore[method-assign]
        await stage.press("c", "l")
        local = handshake.api_key.reveal()
        await stage.when(lambda: len(copied) == 2, "two copies")
        assert copied == [local, f"OPENAI_BASE_URL={handshake.base_url} OPENAI_API_KEY={local} "]
        real = (await stage.services.practice_keys()).api_key
        assert real not in "".join(copied)
        assert local not in stage.app.export_screenshot()
        assert real not in stage.app.export_screenshot()


async def test_nothing_is_drawn_while_nobody_asks() -> None:
    async with on_stage() as stage:
        handshake = await turned_on(stage)
        assert await asked(handshake)
        await stage.when(lambda: stage.services.metering.snapshot().spend > 0, "a booking")
        part = stage.app.screen.query_one(MeteringPart)
        await stage.when(lambda: part._soon is None, "the last look")
        looks: list[None] = []
        part._look = lambda: looks.append(None)  # type: ignore[method-assign]
        await stage.pilot.pause(0.6)
        assert not looks


async def test_a_request_under_way_is_ended_and_booked_when_the_app_closes() -> None:
    async with AsyncExitStack() as afterwards:
        async with on_stage(rate=5.0) as stage:
            handshake = await turned_on(stage)
            client = openai.AsyncOpenAI(base_url=handshake.base_url, api_key=handshake.api_key.reveal(), max_retries=0)
            await afterwards.enter_async_context(client)
            stream = await client.chat.completions.create(
                model="gpt-4o-mini", messages=[{"role": "user", "content": "a long story"}], stream=True
            )
            await afterwards.enter_async_context(stream)
            await anext(aiter(stream))
            assert stage.services.metering.snapshot().now == 1
            ledger = await stage.services.ledger()
        assert [entry.app for entry in ledger.latest()] == ["proxy"]
        assert not listens(handshake)
        assert not proxies()


async def test_another_key_is_put_in_once_it_is_in_use_and_without_one_it_is_off() -> None:
    async with on_stage() as stage:
        await turned_on(stage)
        main = stage.app.screen
        assert isinstance(main, MainScreen)
        assert main.key is not None
        main.key = replace(main.key, name="renamed")
        await stage.until("puts in    renamed ····")
        assert stage.services.metering.snapshot().key_name == "renamed"
        main.key = None
        await stage.until("Off. Press o")
        assert not proxies()


async def test_it_ends_with_the_app() -> None:
    async with on_stage() as stage:
        handshake = await turned_on(stage)
        assert listens(handshake)
    assert not listens(handshake)
    assert not proxies()


async def test_it_can_be_turned_on_again() -> None:
    async with on_stage() as stage:
        first = await turned_on(stage)
        await stage.press("o")
        await stage.when(lambda: stage.services.metering.handshake is None, "its end")
        await stage.press("o")
        await stage.when(lambda: stage.services.metering.handshake, "another one")
        second = stage.services.metering.handshake
        assert second is not None
        assert second.api_key.reveal() != first.api_key.reveal()
        assert await asked(second)


async def test_that_it_cannot_listen_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from keytui.servers.metering import CannotListen, proxy

    def listen(host: str, port: int) -> socket.socket:
        raise CannotListen(PermissionError(1, "Operation not permitted"))

    async with on_stage() as stage:
        await opened(stage)
        said: list[str] = []
        with monkeypatch.context() as broken:
            broken.setattr(proxy, "listen", listen)
            broken.setattr(stage.app, "notify", lambda message, **_: said.append(message))
            await stage.press("o")
            await stage.when(lambda: said, "a word on it")
        assert said == [
            "The metering proxy cannot start: 127.0.0.1 cannot be used (Operation not permitted). Try again with o."
        ]
        assert stage.services.metering.handshake is None
        assert await asked(await switched_on(stage))
