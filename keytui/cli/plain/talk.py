"""A conversation line by line: nothing is drawn, moved or coloured, so that a screen reader can follow it."""

from __future__ import annotations

import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Sequence
from typing import TypeVar

from keytui.cli.asking import hidden, typed
from keytui.cli.backstage import Backstage
from keytui.cli.plain.explaining import explained
from keytui.domain.explanations import TEXTS
from keytui.domain.probe import StageResult, Verdict
from keytui.domain.safe_text import safe_text
from keytui.domain.secrets import Secret
from keytui.domain.setup import Progress
from keytui.domain.setup_words import words_of
from keytui.domain.troubles import Trouble

T = TypeVar("T")

WIDEST = 100
"""Characters of a line; longer ones are hard to read, aloud as well."""

HELP = (
    "Enter takes what stands in brackets. At every question: “why” explains, “back” goes back, “skip” leaves the step "
    "out, “leave” ends it; how far you have come is kept. What you type in quotes is taken as it is."
)

VERDICTS = {
    Verdict.PASSED: "passed",
    Verdict.FAILED: "failed",
    Verdict.SKIPPED: "does not apply",
    Verdict.WARNED: "passed, with a remark",
}


class Back(Exception):
    """To the question, or the step, before."""


class Skip(Exception):
    """On without this step."""


class Leave(Exception):
    """The user ends the walk."""


_WORDS: dict[str, type[Exception]] = {"back": Back, "skip": Skip, "leave": Leave, "quit": Leave}


class Talk:
    """Says and asks. Words go to standard error, as those of all commands do."""

    def __init__(self, services: Backstage, *, ascii_only: bool = False) -> None:
        self.services = services
        self.progress = Progress()
        """As it stands now; what "why" explains depends on it."""
        self._ascii_only = ascii_only
        self._width = min(WIDEST, shutil.get_terminal_size().columns)

    # -- saying ---------------------------------------------------------------------------

    def say(self, text: str = "") -> None:
        """Some sentences, wrapped between words; addresses stay whole."""
        for line in safe_text(text).split("\n"):
            wrapped = textwrap.wrap(line, self._width, break_long_words=False, break_on_hyphens=False)
            self.exactly("\n".join(wrapped))

    def exactly(self, text: str) -> None:
        """Lines as they are."""
        sys.stderr.write(f"{self._spelt(text)}\n")
        sys.stderr.flush()

    def rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """A name and what belongs to it, a line each."""
        for name, value in rows:
            self.say(f"- {name}: {value}")

    def trouble(self, trouble: Trouble) -> None:
        """What is wrong, what to do, and the page to go to."""
        self.say(f"{trouble.title} {trouble.remedy}")
        if trouble.page:
            self.exactly(trouble.page)
        if trouble.detail:
            self.say(f"The server's words: {trouble.detail}")

    def stage(self, result: StageResult) -> None:
        """One stage of a check."""
        note = f": {result.note}" if result.note else ""
        self.say(f"- {result.stage.value}: {VERDICTS[result.verdict]}{note}")

    def _spelt(self, text: str) -> str:
        """The text as this terminal can show it."""
        if not self._ascii_only:
            return text
        simple = unicodedata.normalize("NFKD", text.translate(_PLAIN))
        return simple.encode("ascii", "replace").decode() if not simple.isascii() else simple

    def keep(self, progress: Progress) -> None:
        """Keep how far the user has come, in the middle of a step. Raises ``StoreUnreadable``."""
        self.progress = progress
        self.services.progress.save(progress)

    # -- asking ---------------------------------------------------------------------------

    async def ask(self, question: str, default: str = "") -> str:
        """What the user types. Raises ``Back``, ``Skip`` and ``Leave``."""
        return await self.read(question, default, str)

    async def read(self, question: str, default: str, take: Callable[[str], T]) -> T:
        """What the user types, as ``take`` reads it; a ``ValueError`` of it is said, and the question asked again.

        Raises ``Back``, ``Skip`` and ``Leave``.
        """
        while True:
            line = typed(self._spelt(f"{question} [{default}]: " if default else f"{question}: "))
            if line is None:
                # The end of the input, as with ctrl+d.
                raise Leave
            word = line.strip()
            if await self._meant(word):
                continue
            if len(word) >= 2 and word[0] == word[-1] == '"':
                word = word[1:-1]
            try:
                return take(word or default)
            except ValueError as problem:
                self.say(str(problem))

    async def choose(self, question: str, choices: Sequence[tuple[T, str, str]], default: int = 0) -> T:
        """One of several: value, name, what it means. Raises as ``ask`` does."""
        self.say(question)
        for number, (_, name, says) in enumerate(choices, 1):
            self.say(f"{number}. {name}{f': {says}' if says else ''}")

        def chosen(word: str) -> T:
            for number, (value, name, _) in enumerate(choices, 1):
                if word in (str(number), name):
                    return value
            raise ValueError(f"Type a number from 1 to {len(choices)}.")

        return await self.read(f"Number, 1 to {len(choices)}", str(default + 1), chosen)

    async def agree(self, question: str, *, default: bool = True) -> bool:
        """Yes or no. Raises as ``ask`` does."""

        def answer(word: str) -> bool:
            if word.lower() not in ("y", "yes", "n", "no"):
                raise ValueError("Type yes or no.")
            return word.lower() in ("y", "yes")

        return await self.read(f"{question} yes or no", "yes" if default else "no", answer)

    async def go_on(self) -> None:
        """Wait for enter. Raises as ``ask`` does."""
        await self.ask("Enter goes on")

    async def secret(self, question: str) -> Secret:
        """What is typed or pasted, hidden. Raises as ``ask`` does."""
        while True:
            secret = hidden(self._spelt(f"{question} (it stays hidden): "), missing="")
            word = secret.reveal().strip()
            if not await self._meant(word if len(word) < 10 else "") and word:
                return secret

    async def _meant(self, word: str) -> bool:
        """Whether a word was meant for this conversation, and not as an answer."""
        if word.lower() in _WORDS:
            raise _WORDS[word.lower()]
        asked, _, topic = word.lower().partition(" ")
        if asked not in ("why", "?") or (topic and topic not in TEXTS):
            return False
        for line in await explained(self.services, topic or words_of(self.progress).topic, self.progress):
            self.say(line)
        return True


_PLAIN = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "…": "...", "–": "-", "—": "-", "·": "-", "≥": ">=", "✓": "(counted)"}
)
