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
def without_openai_variables() -> Iterator[None]:
    """A while in which no ``OPENAI_*`` variable is set.

    The SDK takes whatever it was not told from them: keys, organisation, base URL, extra headers, and a log level that
    would write over the screen. They are put back afterwards, because programs started by keytui may need them.
    """
    with _environment:
        hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("OPENAI_")}
        try:
            yield
        finally:
            os.environ.update(hidden)


def load_sdk() -> Any:
    """The ``openai`` module. The first call takes about half a second: make it from a thread."""
    with without_openai_variables():
        import openai

        # The resources are imported lazily by the SDK; here they cost nothing that a user waits for.
        import openai.resources.chat
        import openai.resources.models
        import openai.resources.responses
    return openai


def client(
    secret: Secret, base_url: str, http: httpx2.AsyncClient, *, organization: str | None, project: str | None
) -> AsyncOpenAI:
    """The SDK's client for one key at one address. It retries nothing: waiting is the turn's, where it can be seen."""
    openai = load_sdk()
    with without_openai_variables():
        made: AsyncOpenAI = openai.AsyncOpenAI(
            api_key=secret.reveal(),
            base_url=base_url,
            organization=organization,
            project=project,
            max_retries=0,
            http_client=http,
        )
    return made
