"""Step 1: what this machine already has, and the ways on."""

from __future__ import annotations

from dataclasses import replace

from keytui.cli.plain.talk import Talk
from keytui.domain.found import told
from keytui.domain.setup import HAVE, NEED, PRACTISING, Progress, ways


class Practise(Exception):
    """The walk is to begin again on the practice service."""


async def you(talk: Talk, progress: Progress) -> Progress:
    """Where the user stands. Raises ``Practise``."""
    found = await talk.services.look_around()
    talk.say("Found on this machine:")
    talk.rows([(name, words) for _, name, words in told(found, lambda last4: f" ending in {last4}")])
    offered = ways(practice=talk.services.practice)
    names = [way.name for way in offered]
    if progress != Progress() and progress.way in names:
        proposed = progress.way
    elif talk.services.practice:
        proposed = PRACTISING.name
    else:
        proposed = HAVE.name if found.keys else NEED.name
    choices = [(way, way.title, way.says) for way in offered]
    way = await talk.choose("Which is it?", choices, names.index(proposed))
    if way.elsewhere:
        raise Practise
    return replace(progress, way=way.name)
