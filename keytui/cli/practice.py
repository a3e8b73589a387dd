"""``keytui practice``: the practice service alone, for other programs to practise on."""

from __future__ import annotations

import argparse
import math
import os
import signal
import sys
import threading
import time
from decimal import Decimal, InvalidOperation

from keytui.domain.troubles import Exit

_PR_SET_PDEATHSIG = 1
_POLL = 1.0
"""Seconds between two looks at the parent, where the system does not tell by itself that it has gone."""
_EXAMPLES = """\
examples:
  keytui practice --port 8100 --rate max
  keytui practice --situation no-credit    how your program takes that
"""


def run(arguments: list[str]) -> int:
    """Serve until ended; the first line of standard output is ``{"base_url", "api_key", "admin_key"}``.

    Ends quietly with 0 on SIGINT and SIGTERM and when its parent ends; 1 when the port is taken, 2 for bad arguments.
    """
    from keytui.servers.practice.situations import situations

    options = _parser(list(situations())).parse_args(arguments)
    parent = os.getppid()

    from keytui.adapters import paths, tokenizer
    from keytui.servers.practice import Handshake, PracticeService
    from keytui.servers.quiet import CannotListen

    service = PracticeService(
        tokenizer.load("o200k_base", paths.find().vocabulary),
        port=options.port,
        rate=options.rate,
        credit=options.credit,
        situation=options.situation,
    )

    def stop(*_: object) -> None:
        service.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    _end_with_parent(parent)

    def ready(handshake: Handshake) -> None:
        sys.stdout.write(handshake.line + "\n")
        sys.stdout.flush()

    try:
        service.run(ready)
    except CannotListen as taken:
        sys.stderr.write(
            f"keytui practice: port {options.port} {taken}; choose another one, or leave --port out to take any "
            "that is free.\n"
        )
        return Exit.FAILED
    except BrokenPipeError:
        # Whoever was to read the first line has gone, and with it the reason to serve.
        return Exit.FAILED
    return Exit.DONE


def _parser(names: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="keytui practice",
        description="Serve a practice organisation on this machine: it speaks the API's protocol and costs nothing.\n"
        'The first line of the output is JSON: {"base_url", "api_key", "admin_key"}.',
        epilog=f"situations:\n{_in_columns(names)}\n\n{_EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=_port, default=0, help="listen on this port (default: any that is free)")
    parser.add_argument(
        "--rate", type=_rate, default=80.0, metavar="TOKENS_PER_SECOND", help="speed of answers, or max (default: 80)"
    )
    parser.add_argument("--credit", type=_credit, default=Decimal(5), metavar="USD", help="credit (default: 5)")
    parser.add_argument("--situation", choices=names, metavar="NAME", help="put every key into a situation")
    return parser


def _in_columns(names: list[str]) -> str:
    """Names in three columns, none of them broken: each can be copied."""
    width = max(map(len, names)) + 2
    return "\n".join(
        "  " + "".join(name.ljust(width) for name in names[at : at + 3]).rstrip() for at in range(0, len(names), 3)
    )


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"“{text}” is no port: a number from 0 to 65535")
    return int(text)


def _rate(text: str) -> float | None:
    if text == "max":
        return None
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not math.isfinite(rate) or rate <= 0:
        raise argparse.ArgumentTypeError(f"“{text}” is no rate: tokens a second above 0, or max")
    return rate


def _credit(text: str) -> Decimal:
    try:
        credit = Decimal(text)
    except InvalidOperation:
        credit = Decimal("NaN")
    if not credit.is_finite() or credit < 0:
        raise argparse.ArgumentTypeError(f"“{text}” is no amount: USD such as 5 or 0.25")
    return credit


def _end_with_parent(parent: int) -> None:
    """See to it that the service ends when the process that started it does, however that one ended.

    Linux sends a signal by itself; elsewhere the parent is looked at once a second. A service that was an orphan
    before this call ends at once.
    """
    if sys.platform == "linux":
        import ctypes

        # Linux sends it already when the parent's *thread* ends that started this process, hence the look.
        def orphaned(*_: object) -> None:
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGTERM)

        signal.signal(signal.SIGUSR1, orphaned)
        library = ctypes.CDLL(None, use_errno=True)
        if library.prctl(_PR_SET_PDEATHSIG, signal.SIGUSR1, 0, 0, 0) == 0:
            orphaned()
            return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_POLL)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="parent").start()
