"""The address that a key is for, asked for and put right."""

from __future__ import annotations

from keytui.cli.plain.talk import Talk
from keytui.domain.addresses import BaseUrl, base_url, is_loopback
from keytui.domain.keys import OPENAI_BASE_URL


async def ask_address(talk: Talk, question: str, begin: str | None) -> str:
    """The base URL as it will be asked; what was changed in it is said. ``begin`` is proposed, else OpenAI's."""
    address: BaseUrl = await talk.read(question, begin or OPENAI_BASE_URL, base_url)
    for change in address.changes:
        talk.say(change)
    if address.changes:
        talk.say(f"The address is {address.url}")
    if address.url.startswith("http://") and not is_loopback(address.url):
        talk.say(f"{address.url} is not encrypted: everybody on the way can read the key.")
    return address.url
