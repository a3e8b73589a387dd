"""The verb that checks a key, stage by stage."""

from __future__ import annotations

from dataclasses import replace

from textual.containers import VerticalScroll

from keytui.domain.keys import KeyKind, KeyRecord, KeyState
from keytui.domain.probe import StageResult, of_known_key, state_after
from keytui.tui.panes.pane import Pane
from keytui.tui.widgets.stages import Stages


async def verify(pane: Pane, record: KeyRecord) -> KeyRecord:
    """Check a key where everybody can watch; what came of it is kept with it. Raises ``VaultTrouble``."""
    stages = pane.query_one(Stages)
    pane.query_one("#details", VerticalScroll).scroll_home(animate=False)
    stages.restart(record.id)
    results: list[StageResult] = []
    try:
        secret = await pane.services.keys.secret(record)
        prober = await pane.services.prober()
        if record.kind is KeyKind.ADMIN:
            checked = prober.admin(secret, record.base_url)
        else:
            checked = prober.key(secret, record.base_url, model=record.default_model or pane.model)
        async for result in checked:
            results.append(of_known_key(result, record, pane.services.now()))
            stages.add(results[-1])
    finally:
        stages.running = False
    state = state_after(results)
    if state is KeyState.UNCHECKED:
        # The server was not reached: what was known of the key before is still the best that is known.
        return record
    changed = replace(record, verified=pane.services.now(), state=state)
    await pane.services.keys.replace(changed)
    return changed
