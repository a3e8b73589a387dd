"""The check of a key, stage by stage, cheapest first; it stops at the first stage that fails."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Protocol

from keytui.domain.key_troubles import explain_known
from keytui.domain.keys import KeyRecord, KeyState
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Exit, Trouble
from keytui.domain.usage import Usage


class Stage(Enum):
    """The stages of a check, in their order."""

    SHAPE = "shape of the key"
    SHADOW = "no other key in the way"
    NAME = "name of the host"
    CONNECT = "connection"
    PROXY = "proxy"
    TLS = "certificate"
    ANSWER = "an API answers"
    MODELS = "key accepted"
    MODEL = "model allowed"
    COUNT = "exact count"
    PAID = "one tiny paid request"


class Verdict(Enum):
    """How a stage went."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """It does not apply here (no proxy, no TLS, the server has no such page); ``note`` says why."""
    WARNED = "warned"
    """It passed, but something should be known."""


@dataclass(frozen=True, slots=True)
class StageResult:
    """One stage, done."""

    stage: Stage
    verdict: Verdict
    seconds: float = 0.0
    note: str = ""
    trouble: Trouble | None = None
    usage: Usage | None = None
    """Tokens that the paid request was billed for, to be booked; only there."""


class Prober(Protocol):
    """Checks the route to an address, and a key there."""

    def key(
        self, secret: Secret, base_url: str, *, model: str | None = None, paid: bool = False
    ) -> AsyncGenerator[StageResult, None]:
        """Check a key. ``paid`` also sends one tiny request that costs money (ask first, with its price)."""
        ...

    def admin(self, secret: Secret, base_url: str) -> AsyncGenerator[StageResult, None]:
        """Check an admin key: the route, and whether it may look at the organisation."""
        ...

    def route(self, base_url: str) -> AsyncGenerator[StageResult, None]:
        """Check only the route to an address: name, proxy, connection, certificate, and whether an API answers."""
        ...


def state_after(results: Iterable[StageResult]) -> KeyState:
    """What a check says of a key; ``UNCHECKED`` when it says nothing."""
    failed = [result.trouble for result in results if result.verdict is Verdict.FAILED]
    if not failed:
        return KeyState.WORKS
    exits = {trouble.exit for trouble in failed if trouble is not None}
    if exits & {Exit.CREDIT, Exit.RATE}:
        return KeyState.LIMITED
    return KeyState.REFUSED if Exit.AUTHENTICATION in exits else KeyState.UNCHECKED


def of_known_key(result: StageResult, record: KeyRecord, now: datetime) -> StageResult:
    """The stage, with what the record of the key tells beyond a refusal."""
    known = result.trouble and explain_known(result.trouble, record, now)
    return result if known is result.trouble else replace(result, trouble=known)


def worth_probing(trouble: Trouble) -> bool:
    """Whether a trouble lies on the route to the server, so that walking it stage by stage shows more."""
    return trouble.exit is Exit.NETWORK
