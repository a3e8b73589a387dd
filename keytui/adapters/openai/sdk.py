"""Loading the SDK and making its client, without anything of the environment leaking into either."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from keytui.domain.secrets import Secret

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

_environment = threading.Lock()


@contextmanager
def without_variable(name: str) -> Iterator[None]:
    """A while in which one variable is not set, for what the SDK reads and cannot be told otherwise.

    It is put back afterwards, because programs started by keytui may need it.
    """
    with _environment:
        value = os.environ.pop(name, None)
        try:
            yield
        finally:
            if value is not None:
                os.environ[name] = value


def load_sdk() -> Any:
    """The ``openai`` module. The first call takes about half a second: make it from a thread."""
    # A log level in the environment would have the SDK write over the screen.
    with without_variable("OPENAI_LOG"):
        import openai

        # The resources are imported lazily by the SDK; here they cost nothing that a user waits for.
        import openai.resources.chat
        import openai.resources.models
        import openai.resources.responses
    return openai


def client(
    secret: Secret,
    base_url: str,
    http: httpx2.AsyncClient,
    *,
    organization: str | None = None,
    project: str | None = None,
    admin: bool = False,
) -> AsyncOpenAI:
    """The SDK's client for one key at one address; ``admin`` says that it is an admin key.

    It retries nothing: waiting is the turn's, where it can be seen.
    """
    openai = load_sdk()
    # None would have the SDK look into the environment; the empty values are taken back once it has not.
    with without_variable("OPENAI_CUSTOM_HEADERS"):
        made: AsyncOpenAI = openai.AsyncOpenAI(
            api_key="" if admin else secret.reveal(),
            admin_api_key=secret.reveal() if admin else "",
            organization=organization or "",
            project=project or "",
            webhook_secret="",
            base_url=base_url,
            max_retries=0,
            http_client=http,
        )
    made.webhook_secret = None
    if not admin:
        made.admin_api_key = None
    made.organization, made.project = organization or None, project or None
    return made
