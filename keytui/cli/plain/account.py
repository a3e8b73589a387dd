"""Step 2: account and credit."""

from __future__ import annotations

from keytui.cli.plain.talk import Talk
from keytui.domain.account import AS_OF, FACTS, PAGES, SOURCE
from keytui.domain.setup import Progress
from keytui.domain.troubles.pages import address


async def account(talk: Talk, progress: Progress) -> Progress:
    """What must be there before a key is of use."""
    talk.rows([(fact.name, fact.sentence) for fact in FACTS])
    talk.say("Pages:")
    talk.rows([(name, address(page)) for name, page in PAGES])
    practice = "Practice: nothing to buy here. " if talk.services.practice else ""
    talk.say(f"{practice}As of {AS_OF.day} {AS_OF:%B %Y}, {SOURCE}.")
    await talk.go_on()
    return progress
