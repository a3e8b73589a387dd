"""Where a plan is applied: the keys, the journal, the organisation, and what works there."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from keytui.adapters.apply_journal import ApplyJournal, journal_of
from keytui.adapters.keystore import Keys, open_keys
from keytui.adapters.paths import find
from keytui.adapters.settings import SettingsFile
from keytui.cli.address import put_right
from keytui.cli.ending import Stopped
from keytui.cli.keys.places import choose, prepare
from keytui.cli.network import Network
from keytui.cli.organization import handed_in
from keytui.cli.plan.means import means_for
from keytui.cli.saying import say
from keytui.domain.apply.run import Means
from keytui.domain.apply.unfinished import Unfinished
from keytui.domain.keys import FileState, Place
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Exit


@dataclass(frozen=True, slots=True)
class Ground:
    """Where this happens: the keys, the journal, and the organisation."""

    keys: Keys
    journal: ApplyJournal
    base_url: str
    secret: Secret | None
    """The practice service's admin key; None: it is to be asked for."""
    place: Place | None
    """Where the key will be kept, when there is no choice."""


@contextmanager
def folders(options: Namespace) -> Iterator[tuple[Keys, ApplyJournal]]:
    """The keys and the journal. Practice without an address leaves nothing: its service ends with the command."""
    paths = find(practice=options.practice)
    keys = open_keys(paths)
    if not options.practice or options.base_url:
        yield keys, journal_of(paths)
        return
    with TemporaryDirectory(prefix="keytui-") as folder:
        yield keys, ApplyJournal(Path(folder) / "plan.json")


@asynccontextmanager
async def opened(
    options: Namespace, keys: Keys, journal: ApplyJournal, kept: Unfinished | None
) -> AsyncGenerator[Ground, None]:
    """The organisation that this is about: named, or the one that a kept plan was for, or a practice service."""
    if options.practice and not options.base_url:
        from keytui.adapters.engine.client import Engine
        from keytui.cli.engine import command

        engine = Engine(command())
        engine.start()
        try:
            handed = await engine.practice(rate=None)
            admin = None if options.admin_key_stdin else Secret(handed["admin_key"])
            yield Ground(keys, journal, handed["base_url"], admin, Place.SESSION)
        finally:
            engine.close()
        return
    given = options.base_url or ("" if kept else os.environ.get("OPENAI_BASE_URL", ""))
    address = put_right(given) if given or kept is None else kept.base_url
    if kept is not None and address != kept.base_url:
        raise Stopped(f"that plan was for {kept.base_url}: leave out --base-url.", Exit.USAGE)
    if given and not options.base_url:
        say(f"OPENAI_BASE_URL is set, so this is about {address}; --base-url says otherwise.")
    yield Ground(keys, journal, address, None, None)


@asynccontextmanager
async def means_at(options: Namespace, ground: Ground) -> AsyncGenerator[Means, None]:
    """Everything that applying works with; at the end the admin key is let go of."""
    secret = ground.secret or handed_in(ground.base_url, stdin=options.admin_key_stdin)
    place = ground.place or await _place(options, ground.keys)
    for sentence in await ground.keys.heal():
        say(sentence)
    paths = find(practice=options.practice)
    network = Network(paths, SettingsFile(paths.settings_file), ground.keys, practice=options.practice)
    http = await network.clients()
    means = means_for(secret, ground.base_url, keys=ground.keys, place=place, journal=ground.journal, http=http)
    try:
        yield means
    finally:
        await means.admin.close()


async def _place(options: Namespace, keys: Keys) -> Place:
    """Where the key is kept, ready to take it; for a look alone, nothing has to be opened."""
    if not options.dry_run:
        return await choose(keys, options.vault, options.passphrase_fd)
    if options.passphrase_fd is not None and keys.file_state is FileState.LOCKED:
        await prepare(keys, Place.FILE, options.passphrase_fd)
    return Place(options.vault or "file")
