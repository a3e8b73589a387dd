"""The Network pane: an own proxy entered, tried and kept; the way, the server and this machine shown."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from textual.widgets import Input

from keytui.domain.own_route import LOOPBACK_TOO, OwnRoute
from keytui.tui.dialogs.own_route import OwnRouteDialog
from keytui.tui.widgets.secret_input import SecretInput
from tests.support.proxies import http_proxy
from tests.support.stage import Stage, on_stage


async def opened(stage: Stage) -> None:
    await stage.ready()
    await stage.press("alt+4")
    await stage.until("direct, to a server on this machine")


async def edited(stage: Stage, **fields: str) -> None:
    await stage.press("e")
    await stage.until("Your own proxy and certificates")
    for name, text in fields.items():
        stage.app.screen.query_one(f"#{name}", Input).focus()
        await stage.press("end", "ctrl+u")
        for character in text:
            await stage.pilot.press(character)
        await stage.pilot.pause()


def kept(stage: Stage) -> dict[str, str]:
    file = stage.services.paths.settings_file
    network = tomllib.loads(file.read_text()).get("network", {}) if file.exists() else {}
    assert isinstance(network, dict)
    return network


async def asks(stage: Stage) -> None:
    await stage.press("alt+2")
    await stage.type("hello")
    await stage.press("enter")
    await stage.until("billed")


@pytest.mark.parametrize("size", [(110, 32), (80, 24)])
async def test_a_proxy_is_tried_kept_and_taken_by_the_next_message(size: tuple[int, int]) -> None:
    async with http_proxy(sign_in="ann:right") as proxy, on_stage(size=size) as stage:
        await opened(stage)
        await asks(stage)
        assert proxy.targets == []
        await stage.press("alt+4")
        await edited(stage, proxy=f"127.0.0.1:{proxy.port}", user="ann", password="wrong")
        await stage.press("enter")
        await stage.until("refused those it got", "does not work yet", "Keep it anyway")
        assert kept(stage) == {}
        await edited_again(stage, password="right")
        stage.app.screen.query_one("#no-proxy", Input).value = LOOPBACK_TOO
        await stage.press("enter")
        await stage.until("through your own proxy", "http://ann:…@127.0.0.1")
        tried = len(proxy.targets)
        assert tried > 0
        assert kept(stage)["proxy"] == f"http://127.0.0.1:{proxy.port}"
        assert "right" not in stage.services.paths.settings_file.read_text()
        await asks(stage)
        await stage.when(lambda: len(proxy.targets) > tried, "a request through the proxy")
        stage.app.theme = "keytui-light"
        await stage.pilot.pause()
        assert kept(stage)["proxy"] == f"http://127.0.0.1:{proxy.port}"


async def edited_again(stage: Stage, **fields: str) -> None:
    for name, text in fields.items():
        stage.app.screen.query_one(f"#{name}", SecretInput).clear()
        stage.app.screen.query_one(f"#{name}", Input).focus()
        for character in text:
            await stage.pilot.press(character)
    await stage.pilot.pause()


async def test_a_way_that_does_not_work_can_be_kept_and_taken_back(unused_tcp_port: int) -> None:
    async with on_stage() as stage:
        await opened(stage)
        await edited(stage, proxy=f"127.0.0.1:{unused_tcp_port}")
        await stage.press("enter")
        await stage.until("cannot be reached", "Keep it anyway")
        await stage.pilot.click("#go")
        await stage.until("none: 127.0.0.1")
        assert kept(stage) == {"proxy": f"http://127.0.0.1:{unused_tcp_port}"}
        await stage.press("e")
        await stage.until("Your own proxy and certificates")
        said: list[str] = []
        stage.app.notify = lambda message, **_: said.append(message)  # type: ignore[method-assign]
        await stage.pilot.click("#none")
        await stage.when(lambda: said == ["The environment decides again."], "a word on it")
        assert kept(stage) == {}


async def test_a_pasted_address_loses_its_password_at_once() -> None:
    async with on_stage() as stage:
        await opened(stage)
        await stage.press("e")
        await stage.until("Your own proxy and certificates")
        line = stage.app.screen.query_one("#proxy", Input)
        line.value = "http://ann:hunter2@proxy.example:3128"
        await stage.pilot.pause()
        assert line.value == "http://proxy.example:3128"
        dialog = stage.app.screen
        assert isinstance(dialog, OwnRouteDialog)
        sign_in = dialog.entered.sign_in
        assert sign_in is not None
        assert (sign_in.user, sign_in.password.reveal()) == ("ann", "hunter2")
        assert "hunter2" not in stage.text()
        assert "hunter2" not in stage.app.export_screenshot()
        await stage.press("escape")
        assert kept(stage) == {}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"proxy": "socks4://p:1"}, "SOCKS4"),
        ({"user": "ann"}, "belong to a proxy"),
        ({"proxy": "p:1", "password": "x"}, "belongs to a user name"),
        ({"certificates": "ca.pem"}, "whole path"),
    ],
)
async def test_what_does_not_fit_is_said_before_anything_is_tried(fields: dict[str, str], said: str) -> None:
    async with on_stage() as stage:
        await opened(stage)
        await edited(stage, **fields)
        await stage.press("enter")
        await stage.until(said)
        assert kept(stage) == {}


async def test_what_a_server_has_is_shown_once_it_is_known() -> None:
    async with on_stage() as stage:
        await opened(stage)
        await stage.until("Nothing is known of it yet")
        await asks(stage)
        await stage.press("alt+4")
        await stage.until("the usage of streamed answers", "offered")


async def test_the_probe_walks_on_to_the_key_and_the_model() -> None:
    async with on_stage() as stage:
        await opened(stage)
        await stage.press("p")
        await stage.until("an API answers", "key accepted", "model allowed", "exact count")
        await stage.until("exact counts", "offered")


async def test_this_machine_is_examined_in_the_app(tmp_path: Path) -> None:
    async with on_stage(size=(80, 24)) as stage:
        await opened(stage)
        await stage.press("x")
        await stage.until("This machine, examined", "esc closes")
        names = {finding.name for finding in stage.app.screen.query_one("FindingList").findings}  # type: ignore[attr-defined]
        assert {"Python", "terminal", "clock", "key accepted", "prices", "vocabulary"} <= names
        await stage.press("escape")
        await stage.until("The route to the API")


@pytest.mark.parametrize("size", [(110, 32), (80, 24)])
async def test_a_chat_whose_connection_fails_leads_to_the_probe(size: tuple[int, int], unused_tcp_port: int) -> None:
    async with on_stage(size=size) as stage:
        await stage.ready()
        network = await stage.services.network()
        await network.keep(OwnRoute(f"http://127.0.0.1:{unused_tcp_port}", LOOPBACK_TOO))
        await stage.type("hello")
        await stage.press("enter")
        await stage.until("cannot be reached", "f9 checks the route", seconds=40)
        await stage.press("f9")
        await stage.until("The route to 127.0.0.1", "It stops here.")
        await network.keep(OwnRoute())
        await stage.press("r")
        await stage.until("The route is open")
        await stage.press("escape")
        await stage.until("~0 tokens")
