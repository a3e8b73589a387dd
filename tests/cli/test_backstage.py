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
