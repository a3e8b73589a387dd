"""How every call of the Admin API goes out, and how its answer, its pages and its refusals are read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from keytui.adapters.network.http import HttpClients
from keytui.adapters.openai.failures import Asked
from keytui.adapters.openai.reading import document_signal
from keytui.adapters.openai.rows import flag, text
from keytui.domain.admin import Gone
from keytui.domain.admin_troubles import GONE, explain_admin, wrong_admin_key
from keytui.domain.chat import Refused
from keytui.domain.secrets import Secret
from keytui.domain.shapes import kind_of

if TYPE_CHECKING:
    from openai import AsyncOpenAI

ANSWER_WITHIN = 60.0
"""Seconds without a byte before a call is given up."""
_PAGE = 100
_MOST_PAGES = 200
"""Pages that are read of one list: far more than any organisation has, and an end to a server that never ends."""

R = TypeVar("R")


class Calling:
    """The SDK's client of one admin key, made at the first call."""

    def __init__(self, secret: Secret, base_url: str, http: HttpClients) -> None:
        """``secret`` is an admin key; it is sent to ``base_url`` only."""
        self.base_url = base_url
        self._secret: Secret | None = secret
        self._http = http
        self._client: AsyncOpenAI | None = None
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        """See ``AdminPort.close``."""
        client, self._client, self._secret = self._client, None, None
        if client is not None:
            client.admin_api_key = None
            await client.close()

    async def _call(self, ask: Callable[[Any], Awaitable[Any]]) -> Any:
        """What one call gives. Raises ``Refused``, and ``Gone`` for a 404."""
        return await self._read(ask, lambda answer: answer)

    async def _read(self, ask: Callable[[Any], Awaitable[Any]], read: Callable[[Any], R]) -> R:
        """What one call gives, read; an answer that cannot be read is refused as well. Raises as ``_call``."""
        asked = self._asked()
        client = await self._open(asked)
        page = ""
        try:
            answer = await ask(client.admin.organization)
            if "html" in answer.headers.get("content-type", ""):
                page = answer.http_response.text[:2000]
                raise ValueError("a web page where an answer was expected")
            return read(answer.parse())
        except Exception as error:  # the SDK lets ValueError, AttributeError and others through (openai-facts 3.10)
            signal = document_signal(error, asked, page)
        trouble = explain_admin(signal)
        # Not chained: what the SDK raised may hold the admin key.
        raise (Gone if trouble.id == GONE else Refused)(trouble) from None

    async def _gone_or(self, ask: Callable[[Any], Awaitable[Any]]) -> Any:
        """What one call gives, or None when what it is about is not there."""
        try:
            return await self._call(ask)
        except Gone:
            return None

    async def _every(self, ask: Callable[..., Awaitable[Any]], read: Callable[[Any], R]) -> tuple[R, ...]:
        """All rows of a list, page by page; a page that brings nothing new ends it."""
        found: dict[str, R] = {}
        after: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            page, rows = await self._read(partial(ask, limit=_PAGE, **after), _listed)
            fresh = {row.id: row for row in rows if text(row, "id") and row.id not in found}
            found |= {name: read(row) for name, row in fresh.items()}
            if not fresh or not flag(page, "has_more"):
                break
            after = {"after": text(page, "last_id") or [*fresh][-1]}
        return tuple(found.values())

    async def _buckets(self, ask: Callable[..., Awaitable[Any]], read: Callable[[Any, Any], R | None]) -> tuple[R, ...]:
        """All rows of all buckets; these lists are paged by hand (openai-facts 2.2)."""
        found: list[R] = []
        asked: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            page, buckets = await self._read(partial(ask, **asked), _listed)
            for bucket in buckets:
                rows = (read(bucket, row) for row in getattr(bucket, "results", None) or ())
                found += [row for row in rows if row is not None]
            following = text(page, "next_page")
            if not flag(page, "has_more") or not following or asked.get("page") == following:
                break
            asked = {"page": following}
        return tuple(found)

    def _asked(self) -> Asked:
        if self._secret is None:
            raise RuntimeError("the admin key was let go of")
        kind = kind_of(self._secret.reveal()).value
        return Asked("admin", self.base_url, None, kind, self._http.proxy_of(self.base_url), (self._secret,))

    async def _open(self, asked: Asked) -> AsyncOpenAI:
        """The SDK's client, made at first use. Raises ``Refused``."""
        assert self._secret is not None
        if (trouble := wrong_admin_key(self._secret, self.base_url)) is not None:
            raise Refused(trouble)
        async with self._opening:
            if self._client is None:
                try:
                    self._client = await asyncio.to_thread(self._make, self._secret)
                except Refused:
                    raise
                except Exception as error:  # a bad environment breaks construction in many ways (openai-facts 8.14)
                    raise Refused(explain_admin(document_signal(error, asked))) from None
            return self._client

    def _make(self, secret: Secret) -> AsyncOpenAI:
        from keytui.adapters.openai.sdk import client

        # No project's header goes with a call of the organisation (openai-facts 2.1).
        made = client(secret, self.base_url, self._http.client(self.base_url, answer_within=ANSWER_WITHIN), admin=True)
        # The SDK loads the hundreds of modules of its Admin API at first use: here, and not on the screen's time.
        _ = made.admin.organization
        return made


def _listed(page: Any) -> tuple[Any, list[Any]]:
    """A page and its rows. Raises ``ValueError`` for what is none."""
    rows = getattr(page, "data", "")
    if rows is None and ("data" in page.model_fields_set or text(page, "object") in ("list", "page")):
        # Gateways null or leave out the rows that they do not have; these say at least that this is a list.
        return page, []
    if not isinstance(rows, list):
        raise ValueError("a list that is none")
    return page, rows
