"""What the playground says: its help, its welcome, the figures beside an answer."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from textual.content import Content

from keytui.domain.money import dollars
from keytui.domain.usage import Mark
from keytui.tui.widgets.transcript import Shown

if TYPE_CHECKING:
    from keytui.domain.conversations import StoredMessage
    from keytui.domain.keys import KeyRecord
    from keytui.domain.troubles import Trouble

HELP = """\
# Playground

Write below and press **enter**; **ctrl+j** makes a new line.

- The line under your draft counts its **tokens** while you type, and says what sending it would cost.
- `~812` is an estimate made on this machine; `812 billed` is what the server charged.
- **Input** is everything sent: your draft and all that was said before. **Output** is the answer, hidden reasoning
  included.
- A prefix of at least 1,024 tokens that was sent before is read from the **cache**, at a tenth of the price or less.
  The figures beside say how much of it is expected, for how long, and what an edit of an earlier message has lost.
- **Message format** is the few tokens that wrap each message. “encoding assumed”: OpenAI has not said how its newest
  models divide text, so keytui assumes that it is as before; “learnt so far” corrects it by what was billed.
- “out, at most” is the longest answer that the model gives; **f4** sets a shorter one.

**escape** stops an answer; what has arrived is kept, and booked as an estimate.

- **ctrl+t** shows the draft, or the message that **j** and **k** have marked, token by token.
- **f3** asks the server for an exact count: `812 ✓`.
- **ctrl+r** asks two or three models at once, side by side; without a draft, it puts the last question to others.
- **ctrl+o** finds, renames, pins and deletes conversations; **f8** writes an earlier message anew.
- **f4**: instructions, effort, longest answer. **f5**: your own editor. `/file PATH` puts a file into the draft.
- **ctrl+p** has the rest: branches, exports, the import from ChatGPT, the request as a program.
"""


def welcome(*, key: KeyRecord | None, practice: bool, first_time: bool) -> list[Content]:
    """The lines of an empty conversation: where you are, and the one thing to do now."""
    setup = "enter" if first_time else "f2"
    lines = [Content.styled("Welcome to keytui", "bold $accent"), Content("")]
    if practice:
        lines += [
            Content("You are practising: a service on this machine answers instead of OpenAI."),
            Content.styled("No account, no network, no cost. Numbers are counted as real ones are.", "$dim"),
        ]
    elif key is None:
        lines += [
            Content("From here to an OpenAI API key that can do only what you need and cannot overspend."),
            Content.styled(
                "A ChatGPT subscription is not API access: set-up explains the difference. "
                "There you can practise first, too, without an account.",
                "$dim",
            ),
        ]
    else:
        lines += [Content.assemble("Write below; it is sent with your key ", (key.name, "bold"), ".")]
    keys = {setup: "set-up: six short steps; nothing is made before you have seen it" if first_time else "set-up again"}
    if practice or key is not None:
        keys["type"] = "ask anything, for example: How does prompt caching work?"
    keys["f1"] = "help for what you are at, and its keys; ^ stands for ctrl"
    keys["ctrl+p"] = "everything you can do, by name" + ("; “Leave practice”, too" if practice else "")
    keys["ctrl+q"] = "leave; your draft and your conversation are kept"
    return [*lines, Content(""), *(_row(name, words) for name, words in keys.items())]


def _row(name: str, words: str) -> Content:
    return Content.assemble((f"{name:<8}", "bold $accent"), words)


def answer_figures(message: StoredMessage) -> str:
    """``412 in · 380 out · $0.0002``; an estimate has a tilde, an unknown price is ``$?``."""
    if message.usage is None:
        return ""
    sign = "" if message.usage.mark is Mark.BILLED else "~"
    cost = "$?" if message.cost is None else sign + dollars(Decimal(message.cost))
    return f"{sign}{message.usage.input:,} in · {sign}{message.usage.output:,} out · {cost}"


OUTCOMES = {"stopped": "stopped", "cut": "cut off", "failed": "no answer"}


def in_words(trouble: Trouble) -> str:
    """What went wrong, what to do, the page to do it on, and what shows more when the route to the server is broken."""
    from keytui.domain.probe import worth_probing

    more = "f9 checks the route to the server and says where it stops." if worth_probing(trouble) else ""
    return "\n".join(part for part in (trouble.title, trouble.remedy, trouble.page, more) if part)


PARAMETERS = {
    "effort": "the effort",
    "max_output": "the longest answer",
    "temperature": "the temperature",
    "tier": "the service tier",
    "verbosity": "the verbosity",
    "instructions": "the instructions",
}
"""Names in ``Finished.dropped`` of what a user set, in the user's words; the rest is nobody's concern."""


def left_out(model: str, dropped: tuple[str, ...]) -> str:
    """What was not sent because the server did not take it, in words; empty when all was."""
    if "stream" in dropped:
        from keytui.domain.troubles import explain  # the table of troubles is loaded when one is met

        return in_words(explain("verification"))
    names = [PARAMETERS[name] for name in dropped if name in PARAMETERS]
    if not names:
        return ""
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{model} did not take {listed}: the answer came without."


def shown(message: StoredMessage, problem: str = "") -> Shown:
    """A message as the transcript shows it; ``problem`` is what went wrong, in words."""
    title = "You" if message.role == "user" else message.model or "Answer"
    figures = answer_figures(message)
    if ended := OUTCOMES.get(message.outcome):
        figures = f"{ended} · {figures}" if figures else ended
    return Shown(
        id=message.id,
        role=message.role,
        title=title,
        figures=figures,
        text=message.text,
        thinking=message.thinking,
        state=message.outcome,
        note=problem,
    )
