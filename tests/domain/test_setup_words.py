"""What the walk says: three lines at most, for every step and way."""

from __future__ import annotations

import pytest

from keytui.domain.chat import Capabilities
from keytui.domain.endpoints import described, lacks
from keytui.domain.explanations import TEXTS
from keytui.domain.setup import HAVE, NEED, OWN, Progress, Step
from keytui.domain.setup_words import AUTOMATIC, WITH_KEY, WORDS, StepWords, beside_the_words, words_of
from keytui.domain.usage import Usage


@pytest.mark.parametrize("words", [*WORDS.values(), WITH_KEY, AUTOMATIC], ids=lambda words: words.heading)
def test_why_a_step_matters_fits_three_lines_and_leads_to_an_explanation(words: StepWords) -> None:
    assert 0 < len(words.why) <= 220
    assert TEXTS[words.topic].whole


@pytest.mark.parametrize(
    ("step", "way", "words"),
    [
        (Step.PROJECT, HAVE.name, WITH_KEY),
        (Step.PROJECT, NEED.name, WORDS[Step.PROJECT]),
        (Step.KEY, OWN.name, AUTOMATIC),
        (Step.KEY, NEED.name, WORDS[Step.KEY]),
        (Step.USE, OWN.name, WORDS[Step.USE]),
    ],
)
def test_a_step_says_what_it_is_on_this_way(step: Step, way: str, words: StepWords) -> None:
    assert words_of(Progress(step=step, way=way)) is words


@pytest.mark.parametrize(
    ("usage", "written", "says"),
    [
        (Usage(input=10), 10, ""),
        (Usage(input=9), 10, ""),
        (Usage(input=1_017), 10, "1,007 of those in are message format."),
        (Usage(input=10, reasoning=1_280), 10, "1,280 of those out are reasoning, which is not shown."),
        (
            Usage(input=17, reasoning=64),
            10,
            "7 of those in are message format; 64 of those out are reasoning, which is not shown.",
        ),
    ],
)
def test_what_was_paid_for_besides_the_words(usage: Usage, written: int, says: str) -> None:
    assert beside_the_words(usage, written) == says


def test_of_a_server_only_what_was_found_out_is_said() -> None:
    assert (lacks(Capabilities()), described(Capabilities())) == ([], [])
    known = Capabilities(responses=True, count=False, unaccepted=frozenset({("m", "temperature"), ("a", "seed")}))
    assert lacks(known) == ["exact counts"]
    assert described(known) == [
        ("the Responses API", "offered", False),
        ("exact counts", "not offered: drafts are counted here", True),
        ("seed", "refused by a: it is left out", True),
        ("temperature", "refused by m: it is left out", True),
    ]
