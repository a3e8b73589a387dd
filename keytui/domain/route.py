"""How requests travel from this machine to the API, in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """The route to one base URL, as it would be taken now. Passwords in it are masked."""

    base_url: str
    base_url_source: str
    """Where the base URL was said: ``the key``, ``--base-url``, ``OPENAI_BASE_URL``, ``default``."""
    proxy: str | None
    """Address of the proxy with any password masked; None when the route is direct."""
    proxy_source: str
    """The variable's name it came from, or why there is none (``direct``, ``NO_PROXY covers api.openai.com``)."""
    certificates: str
    """Which certificate authorities are trusted, and who said so."""
    warnings: tuple[str, ...] = ()
    """What looks wrong in the environment, one sentence each, next step last."""
