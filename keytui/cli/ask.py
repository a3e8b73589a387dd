"""``keytui ask``: one question, its answer streamed to stdout, what it cost to stderr, and an entry in the ledger."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime

from keytui.adapters.keystore import open_keys
from keytui.adapters.paths import Paths, find
from keytui.cli.asking import interactive, yes
from keytui.cli.chosen import chosen_key
from keytui.cli.ending import ended
from keytui.domain.chat import Delta, Failed, Finished, Waiting
from keytui.domain.keys import KeyRecord
from keytui.domain.ledger import Entry, Outcome
from keytui.domain.money import dollars, tokens
from keytui.domain.probe import worth_probing
from keytui.domain.question import ChatMessage, Question
from keytui.domain.settings import Settings
from keytui.domain.sightings import secrets_in
from keytui.domain.troubles import Exit, Trouble, explain
from keytui.domain.turn import Booked, CapWarned, take_turn
from keytui.domain.usage import Mark

_ABOUT = "Ask one question. The answer goes to stdout as it comes, its tokens and cost to stderr."
_MORE = """\
Without PROMPT, or with -, the question is read from stdin. The request is booked in the ledger under the app “ask”,
also when it is stopped (ctrl+c) or cut.

exit status: 0 answered, 1 failed, 2 usage, 3 the key was refused, 4 no credit or a cap, 5 rate limit,
6 network or certificates, 7 the vault, 130 stopped

examples:
  keytui ask "What is a token?"
  keytui ask -m gpt-6-sol - < question.txt > answer.md    the cost still shows in the terminal
"""


def run(arguments: Sequence[str]) -> int:
    """Ask, stream, book; the exit status says how it went."""
    parser = _parser()
    options = parser.parse_args(arguments)
    prompt = _prompt(options.prompt, parser)
    # A terminal or a file that cannot show a character must not end the answer in the middle.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if not options.allow_secret and not _meant(prompt):
        return Exit.USAGE
    try:
        return ended(
            lambda: asyncio.run(_ask(prompt, options.model, options.key, options.passphrase_fd)),
            not_asked=Exit.VAULT,
            told=_say,
        )
    except BrokenPipeError:
        # The reader of the answer went away (as with “| head”): what came is booked, and nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="keytui ask",
        description=_ABOUT,
        epilog=_MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("-m", "--model", help="the model to ask (the key's own default, then that of the settings)")
    parser.add_argument("-k", "--key", metavar="NAME", help="the key to use (the active one)")
    parser.add_argument(
        "--passphrase-fd", type=int, metavar="N", help="read the passphrase of the encrypted file from descriptor N"
    )
    parser.add_argument("--allow-secret", action="store_true", help="send the question even if a key seems to be in it")
    parser.add_argument("prompt", metavar="PROMPT", nargs="?", help="the question; - is stdin")
    return parser


def _prompt(given: str | None, parser: argparse.ArgumentParser) -> str:
    if given not in (None, "-"):
        prompt = str(given)
    elif given is None and (sys.stdin is None or sys.stdin.isatty()):
        parser.error("give a PROMPT, or the question on stdin.")
    else:
        prompt = sys.stdin.buffer.read().decode("utf-8", "replace")
    if not prompt.strip():
        parser.error("the question is empty.")
    return prompt


def _meant(prompt: str) -> bool:
    """Whether the question may be sent as far as keys in it are concerned; asks where somebody can be asked."""
    sightings = secrets_in(prompt)
    if not sightings:
        return True
    _say(f"The question holds what looks like {sightings[0].name}. Sent, it is no secret any more.")
    if interactive() and yes("Send it all the same?"):
        return True
    _say("Nothing was sent. Take it out; if it is meant, add --allow-secret.")
    return False


async def _ask(prompt: str, model: str | None, key_name: str | None, passphrase_fd: int | None) -> int:
    from keytui.adapters.ledger import SqliteLedger
    from keytui.adapters.prices import Prices
    from keytui.adapters.settings import SettingsFile
    from keytui.cli.network import Network
    from keytui.domain.caps import caps_of

    paths = find()
    chosen = SettingsFile(paths.settings_file)
    settings, keys = chosen.load(), open_keys(paths)
    key, secret = await chosen_key(keys, key_name, passphrase_fd)
    question = Question(_model(model, key, settings), (ChatMessage("user", prompt),))
    network = Network(paths, chosen, keys)
    gateway = await network.gateway(key, secret)
    ledger = SqliteLedger(paths.database, journal=paths.journal, now=_now)
    status: int = Exit.FAILED
    turn = take_turn(
        question,
        gateway=gateway,
        ledger=ledger,
        prices=await asyncio.to_thread(Prices),
        count=_counter(question.model, paths),
        key=key,
        app="ask",
        conversation=None,
        now=_now,
        sleep=asyncio.sleep,
        caps=caps_of(settings, key),
        reservations=ledger,
        background=asyncio.to_thread,
    )
    wrote = False
    try:
        async with aclosing(turn) as events:
            async for event in events:
                match event:
                    case Delta(text):
                        sys.stdout.write(text)
                        sys.stdout.flush()
                        wrote = not text.endswith("\n")
                    case Waiting(seconds, attempt, trouble):
                        _say(f"{trouble.title} Asking again in {max(1, round(seconds))} s (attempt {attempt + 1}).")
                    case CapWarned(standing):
                        _say(f"This may pass {standing.cap.words}.")
                    case Finished():
                        wrote = _end_line(wrote)
                        status = Exit.DONE
                        _note_finish(event)
                    case Failed(trouble):
                        wrote = _end_line(wrote)
                        status = trouble.exit
                        _explain(trouble)
                    case Booked(entry):
                        _say(_figures(entry))
                        if ledger.held:
                            _say(f"The ledger could not take this request, so “keytui cost” lacks it. {ledger.problem}")
    finally:
        await gateway.close()
        network.settle()
    return status


def _model(named: str | None, key: KeyRecord, settings: Settings) -> str:
    return named or key.default_model or settings.default_model


def _counter(model: str, paths: Paths) -> Callable[[str], int | None]:
    """Counts for estimates; the vocabulary is loaded only if one is needed."""
    from functools import cache

    from keytui.adapters.tokenizer import load
    from keytui.domain.encodings import encoding_for

    tokenizer = cache(lambda: load(encoding_for(model).name, paths.vocabulary))
    return lambda text: tokenizer().count(text)


def _figures(entry: Entry) -> str:
    """What one request took, as one line; a refused one took nothing."""
    usage = entry.usage
    if entry.outcome is Outcome.FAILED:
        return f"{entry.model} · no answer, no cost"
    parts = [entry.model, f"{tokens(usage.input, usage.mark)} in"]
    if usage.cached:
        parts.append(f"{usage.cached:,} of them cached")
    parts.append(f"{tokens(usage.output, usage.mark)} out")
    if usage.reasoning:
        parts.append(f"{usage.reasoning:,} of them reasoning")
    parts.append(dollars(entry.cost.total if entry.cost else None))
    if usage.mark is Mark.ESTIMATED:
        parts.append("an estimate")
    return " · ".join(parts)


def _note_finish(finished: Finished) -> None:
    if finished.reason == "length":
        _say("The answer ends here because it reached the longest that was allowed.")
    elif finished.reason == "content_filter":
        _say("The answer ends here because the content filter stopped it.")
    if "stream" in finished.dropped:
        verification = explain("verification")
        _say(f"The answer came in one piece. {verification.title}\n{verification.page}")
    elif finished.dropped:
        _say(f"Not taken by the model, and left out: {', '.join(finished.dropped)}.")


def _explain(trouble: Trouble) -> None:
    _say(f"{trouble.title}\n{trouble.remedy}")
    if trouble.page:
        _say(trouble.page)
    if worth_probing(trouble):
        _say("“keytui doctor” checks the route to the server and says where it stops.")
    if trouble.detail:
        _say(f"({trouble.detail})")


def _end_line(wrote: bool) -> bool:
    """End the answer's last line, when it has none yet."""
    if wrote:
        sys.stdout.write("\n")
        sys.stdout.flush()
    return False


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def _now() -> datetime:
    return datetime.now(UTC)
