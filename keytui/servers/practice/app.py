"""The pages of the service, and what they have in common: ids, headers and refusals."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from keytui.servers.practice import chat, control, embeddings, errors, identity, listing, responses
from keytui.servers.practice.admin.routes import PAGES as ADMIN_PAGES
from keytui.servers.practice.errors import ApiError
from keytui.servers.practice.inference import Call, Context
from keytui.servers.practice.reply import Html, Json, Reply
from keytui.servers.practice.situations import CAPTIVE_PORTAL

API_VERSION = "2020-10-01"
"""What ``openai-version`` says."""
Page = Callable[[Call], Awaitable[Reply]]

PAGES: dict[str, dict[str, Page]] = {
    "/v1/models": {"GET": listing.models},
    "/v1/models/{model}": {"GET": listing.model},
    "/v1/chat/completions": {"POST": chat.complete},
    "/v1/responses": {"POST": responses.create},
    "/v1/responses/input_tokens": {"POST": responses.count},
    "/v1/responses/{response_id}": {"GET": responses.retrieve, "DELETE": responses.delete},
    "/v1/embeddings": {"POST": embeddings.embed},
    **ADMIN_PAGES,
    "/practice/situations": {"GET": control.list_situations},
    "/practice/situation": {"POST": control.choose_situation},
    "/practice/ledger": {"GET": control.ledger},
    "/practice/credit": {"POST": control.add_credit},
}
"""Every page by its path and its methods."""


def make_app(context: Context) -> Starlette:
    """The ASGI application over a world."""
    routes = [Route(path, _Methods(context, path, methods)) for path, methods in PAGES.items()]

    async def nowhere(request: Request, error: Exception) -> Reply:
        return await _answered(_call(context, request), _unknown)

    handlers: dict[object, object] = {HTTPException: nowhere}
    app = Starlette(routes=routes, exception_handlers=handlers)  # type: ignore[arg-type]
    # The platform knows no page by a path with a slash too many, and a redirect would turn a POST into a GET.
    app.router.redirect_slashes = False
    return app


class _Methods:
    """One path: finds the page for the method."""

    def __init__(self, context: Context, path: str, pages: dict[str, Page]) -> None:
        self._context = context
        self._pages = pages
        self._control = path.startswith("/practice/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        page = self._pages.get(request.method, _wrong_method)
        try:
            reply = await _answered(_call(self._context, request), page, line=not self._control)
        except ClientDisconnect:
            return
        await reply(scope, receive, send)


def _call(context: Context, request: Request) -> Call:
    return Call(context, request, identity.request_id())


async def _unknown(call: Call) -> Reply:
    raise errors.unknown_url(call.request.method, call.request.url.path)


async def _wrong_method(call: Call) -> Reply:
    raise errors.wrong_method(call.request.method, call.request.url.path)


async def _answered(call: Call, page: Page, *, line: bool = True) -> Reply:
    """The reply of a page, with the headers that every reply has; a refusal becomes its body."""
    start = time.monotonic()
    try:
        reply = _portal(call) if line else None
        reply = reply or await page(call)
    except ApiError as error:
        reply = Json(error.body, error.status, dict(error.headers))
    reply.headers = {
        "date": formatdate(usegmt=True),
        "openai-version": API_VERSION,
        "openai-processing-ms": str(max(1, round((time.monotonic() - start) * 1000))),
        "x-request-id": call.id,
        **call.headers,
        **reply.headers,
    }
    return reply


def _portal(call: Call) -> Reply | None:
    """The page of whoever sits on the line, when the situation says so; its key need not be right for that."""
    world = call.context.world
    situation = world.situation_of(world.find_key(call.request.headers.get("authorization", "")[len("Bearer ") :]))
    return Html(CAPTIVE_PORTAL) if situation is not None and situation.html else None
