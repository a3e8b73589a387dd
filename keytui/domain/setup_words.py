"""What the walk says about each step, on the screen and line by line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from keytui.domain.setup import HAVE, Progress, Step
from keytui.domain.usage import Usage


@dataclass(frozen=True, slots=True)
class StepWords:
    """One step."""

    heading: str
    """The step in a few words."""
    why: str
    """Why it matters; at most 220 characters, which are three lines at 80 columns."""
    topic: str
    """The explanation behind it; a name in ``keytui.domain.explanations``."""


WORDS: Mapping[Step, StepWords] = {
    Step.YOU: StepWords(
        "Where do you stand?",
        "Six short steps to a key that can do only what you need and cannot overspend. "
        "Enter takes what is proposed; you can leave at any time.",
        "account",
    ),
    Step.ACCOUNT: StepWords(
        "Account and credit",
        "A ChatGPT subscription does not include the API. The API belongs to a platform "
        "account, and is paid from credit on it, message by message.",
        "account",
    ),
    Step.PROJECT: StepWords(
        "Your project",
        "A project keeps the keys, limits and spending of one purpose together. "
        "Small limits cost nothing: start with them, and raise them when you need to.",
        "project",
    ),
    Step.KEY: StepWords(
        "The key",
        "Whoever has the key can spend your money: it is hidden, checked, and kept where "
        "this machine keeps secrets. It goes to its own address, to no other.",
        "safe",
    ),
    Step.MESSAGE: StepWords(
        "Your first message",
        "Models read and write tokens, which are pieces of words. You pay for those you "
        "send and for those of the answer; keytui counts them as you type.",
        "tokens",
    ),
    Step.USE: StepWords(
        "Use it elsewhere",
        "Programs look for a key in their environment. “keytui exec” puts it there for "
        "one program while it runs; it never has to stand in a file.",
        "proxies",
    ),
}

WITH_KEY = StepWords(
    "What is it for?",
    "The name is how you will know the key. The cap is kept on this machine: above it, "
    "nothing is sent. Start small, and raise it when you need to.",
    "project",
)
"""The project's step for somebody who has a key already: there is no project to make."""

AUTOMATIC = StepWords(
    "Project, limits and key",
    "All that will be made, and nothing else. First you will see what it changes.",
    "admin",
)
"""The key's step with an admin key."""

ADMIN_KEY = (
    "An admin key manages the organisation and can ask no model anything. It is held in memory while this step "
    "lasts; the first thing done with it is to look, no more."
)

BY_HAND = (
    "Do this on the platform's pages, with the texts below. The key is shown there once: copy it, then go on and "
    "paste it."
)

NO_KEY = "There is no key to ask with yet. Go back to paste one, or go on without."
NO_ANSWERS = "This key makes embeddings and answers no questions. The next step shows a program for its first vector."


def words_of(progress: Progress) -> StepWords:
    """What is said about the step where somebody is now."""
    if progress.step is Step.PROJECT and progress.way == HAVE.name:
        return WITH_KEY
    if progress.step is Step.KEY and progress.automatic:
        return AUTOMATIC
    return WORDS[progress.step]


def beside_the_words(usage: Usage, written: int) -> str:
    """Tokens that were paid for besides the ``written`` ones and those of the answer; empty when there are none."""
    framing = usage.input - written
    parts = [f"{framing:,} of those in are message format"] if framing > 0 else []
    if usage.reasoning:
        parts.append(f"{usage.reasoning:,} of those out are reasoning, which is not shown")
    return f"{'; '.join(parts)}." if parts else ""


PRACTISED = "for practice only: it ends with keytui"
"""What becomes of the key that one practises with."""
FOR_REAL = "“keytui setup” is the same walk, on your own account"
"""What comes after practice."""
