"""``keytui proxy``: the metering proxy in the foreground, and the local keys of programs behind it."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from keytui.adapters.paths import Paths, find
from keytui.cli.chosen import chosen_key, passing_record
from keytui.cli.ending import ended
from keytui.domain.metering import DEFAULT_PROGRAM, Target, program_name
from keytui.domain.troubles import Exit

if TYPE_CHECKING:
    from keytui.servers.metering import MeteringProxy

_ABOUT = (
    "Pass requests of other programs on with the real key, book each in the ledger, and keep the caps.\n"
    'The first line of the output is JSON: {"base_url", "api_key"}; the key is a local one that opens nothing else.'
)
_MORE = """\
A program with a local key of its own (--add-program) is booked under its name. Answers come through as they are; what
the server says about tokens is booked, and what it does not say is estimated and marked so. A request that could pass
a hard cap is refused with status 429 and the code keytui_cap_reached. SIGINT and SIGTERM end it with status 0.

examples:
  keytui proxy --port 4141             for any program that can be given an address and a key
  keytui proxy --add-program editor    a local key of its own: its spend is told apart
"""


def run(arguments: Sequence[str]) -> int:
    """Serve until ended, or change the local keys; the exit status says how it went."""
    options = _parser().parse_args(arguments)
    paths = find(practice=options.practice)
    return ended(lambda: _run(paths, options), not_asked=Exit.VAULT, told=_say)


def _run(paths: Paths, options: argparse.Namespace) -> int:
    if options.programs or options.add_program or options.remove_program:
        return _programs(paths, options)
    with _target(paths, options) as target:
        return _serve(paths, target, options)


def answer_quickly() -> None:
    """Let passing take the interpreter from booking at once: by default it would wait up to 5 ms for it."""
    sys.setswitchinterval(0.0005)


def end_with_signals(proxy: MeteringProxy) -> None:
    """Let SIGINT and SIGTERM end a proxy."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: proxy.stop())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="keytui proxy",
        description=_ABOUT,
        epilog=_MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--port", type=_port, default=0, help="listen on this port (default: any that is free)")
    add("-k", "--key", metavar="NAME", help="the key to put in (the active one)")
    add("--program", type=_name, default=DEFAULT_PROGRAM, metavar="NAME", help="who asks with the key printed here")
    add("--practice", action="store_true", help="pass on to a practice service of its own; nothing real is touched")
    add("--host", default="127.0.0.1", metavar="ADDR", help="listen there; outside the loopback, programs need keys")
    add("--cache", action="store_true", help="answer identical requests from memory, up to an hour old")
    add("--max-parallel", type=_count, default=100, metavar="N", help="requests at once; others wait (default: 100)")
    add("--retries", type=_count, default=0, metavar="N", help="send again what surely did not arrive (default: 0)")
    add("--passphrase-fd", type=int, metavar="N", help="read the passphrase of the encrypted file from descriptor N")
    group = parser.add_argument_group("local keys").add_mutually_exclusive_group()
    group.add_argument("--add-program", type=_name, metavar="NAME", help="make a local key for a program; shown once")
    group.add_argument("--remove-program", type=_name, metavar="NAME", help="its local key opens nothing any more")
    group.add_argument("--programs", action="store_true", help="list the programs, as JSON")
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"“{text}” is no port: a number from 0 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 10_000:
        raise argparse.ArgumentTypeError(f"“{text}” is no number from 0 to 10000")
    return int(text)


def _name(text: str) -> str:
    try:
        return program_name(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _programs(paths: Paths, options: argparse.Namespace) -> int:
    """List, add or remove programs."""
    from keytui.cli.metering import local_keys

    keys = local_keys(paths)
    if options.add_program:
        try:
            key = keys.add(options.add_program, datetime.now(UTC))
        except ValueError as error:
            _say(f"{error}.")
            return Exit.FAILED
        _print({"program": options.add_program, "api_key": key.reveal()})
        _say("This local key is shown once. It works with every “keytui proxy” of yours, and nowhere else.")
    elif options.remove_program:
        if not keys.remove(options.remove_program):
            _say(f"there is no program “{options.remove_program}”; “keytui proxy --programs” lists them.")
            return Exit.FAILED
    else:
        _print([{"program": known.name, "added": known.added.isoformat()} for known in keys.programs()])
    return Exit.DONE


@contextmanager
def _target(paths: Paths, options: argparse.Namespace) -> Iterator[Target]:
    """The key that is put in, and where it goes."""
    if options.practice:
        with _practice() as target:
            yield target
        return
    from keytui.adapters.keystore import open_keys

    async def chosen() -> Target:
        keys = open_keys(paths)
        record, secret = await chosen_key(keys, options.key, options.passphrase_fd)
        if any(record.id == known.id for known in keys.records()):
            await keys.used(record.id)
        return Target(record, secret)

    yield asyncio.run(chosen())


@contextmanager
def _practice() -> Iterator[Target]:
    """A practice service in a thread of this process, until the block ends."""
    from keytui.adapters import tokenizer
    from keytui.servers.practice import Handshake, PracticeService

    service = PracticeService(tokenizer.load("o200k_base", find().vocabulary))
    handed: list[Handshake] = []
    listens = threading.Event()

    def ready(handshake: Handshake) -> None:
        handed.append(handshake)
        listens.set()

    thread = threading.Thread(target=service.run, args=(ready,), name="practice", daemon=True)
    thread.start()
    listens.wait()
    try:
        yield Target(passing_record("practice", handed[0].api_key, handed[0].base_url), handed[0].api_key)
    finally:
        service.stop()
        thread.join()


def _serve(paths: Paths, target: Target, options: argparse.Namespace) -> int:
    from keytui.cli.metering import ports
    from keytui.servers.metering import CannotListen, Handshake, MeteringProxy, ProxySettings

    answers = None
    if options.cache:
        from keytui.adapters.answer_cache import MemoryAnswers

        answers = MemoryAnswers()
    settings = ProxySettings(
        host=options.host, port=options.port, max_parallel=max(options.max_parallel, 1), retries=options.retries
    )
    try:
        proxy = MeteringProxy(
            target, ports(paths, practice=options.practice, answers=answers), settings, program=options.program
        )
    except ValueError:
        _say(
            f"{options.host} can be reached by others, so each program needs a local key of its own: make one with "
            "“keytui proxy --add-program NAME” first, or leave --host out."
        )
        return Exit.FAILED
    end_with_signals(proxy)
    answer_quickly()

    def ready(handshake: Handshake) -> None:
        sys.stdout.write(handshake.line + "\n")
        sys.stdout.flush()
        _say(f"passes requests on to {target.base_url} with the key “{target.key.name}”; ctrl+c ends it.")

    try:
        proxy.run(ready)
    except CannotListen as taken:
        where = f"port {options.port}" if options.port else options.host
        _say(f"{where} {taken}; choose another one, or leave it out.")
        return Exit.FAILED
    except BrokenPipeError:
        # Whoever was to read the first line has gone, and with it the reason to serve.
        return Exit.FAILED
    return Exit.DONE


def _print(data: object) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _say(words: str) -> None:
    sys.stderr.write(f"keytui proxy: {words}\n")
    sys.stderr.flush()
