from __future__ import annotations

import asyncio

from keytui.cli.backstage import Backstage


async def test_who_asks_for_a_count_before_the_engine_was_started_waits_for_it(sealed: object) -> None:
    services = Backstage(practice=False, offline=True)
    try:
        counted = asyncio.create_task(services.count(["two words"], "gpt-4o"))
        await asyncio.sleep(0)
        assert not counted.done()
        await services.start()
        assert await counted == [2]
    finally:
        await services.close()
        services.end()


async def test_who_asks_for_the_practice_keys_before_the_engine_was_started_waits_for_them(sealed: object) -> None:
    services = Backstage(practice=True, offline=False, practice_rate=None)
    try:
        asked = asyncio.create_task(services.practice_keys())
        await asyncio.sleep(0)
        assert not asked.done()
        await services.start()
        assert (await asked).base_url.startswith("http://127.0.0.1:")
    finally:
        await services.close()
        services.end()
