from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.advice import LONGEST_TALK, STEPS, Demand, Measured, alert_below, fitting_cap, month_costs
from keytui.domain.cache import THRESHOLD, exact_steps
from keytui.domain.checklist import checklist
from keytui.domain.overhead import message_overhead
from keytui.domain.plan import SetupPlan
from keytui.domain.presets import PRESETS, preset
from keytui.domain.pricing import Cost, ModelFacts
from keytui.domain.setup import HAVE, NEED, PRACTISE, PRACTISING, Progress, Standing, Step, ways
from keytui.domain.setup_words import beside_the_words
from keytui.domain.snippets import snippets
from keytui.domain.troubles.pages import PAGES
from keytui.domain.usage import Usage

WALKS = [HAVE, NEED, PRACTISING]


@pytest.mark.parametrize("way", WALKS, ids=lambda way: way.name)
def test_forward_leads_through_the_steps_of_the_way_and_back_again(way) -> None:  # type: ignore[no-untyped-def]
    progress, seen = Progress(way=way.name), [Step.YOU]
    while not progress.last:
        progress = progress.forward()
        seen.append(progress.step)
    assert tuple(seen) == way.steps
    assert progress.forward().step is progress.step
    for step in reversed(way.steps[:-1]):
        progress = progress.back()
        assert progress.step is step
    assert progress.back() == progress


@given(st.sampled_from(Step), st.sampled_from([way.name for way in WALKS]), st.lists(st.booleans(), max_size=12))
def test_every_step_stands_somehow_and_only_one_is_current(step: Step, way: str, moves: list[bool]) -> None:
    progress = Progress(step=step, way=way)
    for skipping in moves:
        progress = progress.forward(skipping=skipping)
    standings = {one: progress.standing(one) for one in Step}
    assert [one for one, standing in standings.items() if standing is Standing.CURRENT] == [progress.step]
    for one in set(Step) - set(progress.steps) - {progress.step}:
        assert standings[one] is Standing.LEFT_OUT


def test_a_step_that_was_skipped_and_then_taken_is_no_longer_left_out() -> None:
    progress = Progress(step=Step.ACCOUNT).forward(skipping=True)
    assert progress.standing(Step.ACCOUNT) is Standing.LEFT_OUT
    assert progress.back().forward().standing(Step.ACCOUNT) is Standing.DONE


def test_practising_leads_out_of_a_real_walk_and_through_a_practised_one() -> None:
    assert PRACTISE in ways(practice=False)
    assert PRACTISE.elsewhere
    assert ways(practice=True)[0] is PRACTISING


def test_the_checklist_has_a_page_for_each_item_and_the_texts_of_the_plan() -> None:
    plan = SetupPlan().with_project(name="mail", description="sorts mail", intended_use="me")
    items = checklist(plan)
    assert [item.page for item in items if item.page not in PAGES] == []
    assert ("name", "mail") in items[0].entries
    assert ("description", "sorts mail") in items[0].entries
    assert ("limit a month, USD", "10") in items[1].entries
    assert [item.name for item in items[-2:]] == ["key", "credit"]


def test_presets_name_their_default_model_among_those_they_allow() -> None:
    for row in PRESETS:
        assert not row.models or row.default_model in row.models
        assert preset(row.name) is row


class Flat:
    """A price book in which every token costs a thousandth of a dollar, and one model has no price."""

    as_of = date(2026, 1, 1)

    def cost(
        self, model: str, usage: Usage, *, tier: str | None, at: datetime, base_url: str, regional: bool = False
    ) -> Cost | None:
        each = Decimal("0.001") / (1 if tier is None else 2)
        if model == "unknown":
            return None
        plain = usage.input - usage.cached - usage.written
        parts = (plain * each, usage.cached * each / 10, usage.written * each, usage.output * each)
        return Cost(*parts, tier or "standard", self.as_of, "test")

    def facts(self, model: str) -> ModelFacts:
        return ModelFacts(model)


def test_a_month_is_thirty_days_of_messages_and_an_unknown_price_stays_unknown() -> None:
    known, unknown = month_costs(
        Demand(2, 3, 90),
        prices=Flat(),
        now=datetime(2026, 1, 1, tzinfo=UTC),
        models=("known", "unknown"),
    )
    # Seven tokens surround a message of its own.
    assert known.amount == Decimal("6.000")
    assert (known.flex, known.batch, known.saved) == (Decimal(3), Decimal(3), 0)
    assert (unknown.amount, unknown.flex, unknown.batch, unknown.saved) == (None, None, None, None)


@given(st.integers(1, 60), st.integers(0, 4000), st.integers(0, 4000), st.sampled_from(["gpt-6-luna", "gpt-5"]))
def test_a_conversation_sends_again_what_was_said_and_the_cache_takes_the_long_beginnings(
    together: int, message: int, answer: int, model: str
) -> None:
    demand = Demand(10, message, answer, together)
    turns = min(together, LONGEST_TALK)
    cached, plain = demand.talk(model)
    asked = [(n + 1) * message + n * answer + message_overhead(2 * n + 1) for n in range(turns)]
    assert plain == Usage(input=sum(asked), output=turns * answer)
    step = 1 if exact_steps(model) else 128
    assert cached.cached == sum(one // step * step for one in asked[:-1] if one >= THRESHOLD)
    assert cached.cached + cached.written <= cached.input == plain.input
    assert round(demand.talks * turns, 9) == 10 * 30


def test_what_the_cache_saves_is_told_and_batch_has_none() -> None:
    (month,) = month_costs(Demand(10, 1000, 100, 10), prices=Flat(), now=datetime(2026, 1, 1, tzinfo=UTC), models=["m"])
    assert month.saved is not None
    assert month.saved > 0
    assert month.amount is not None
    assert month.batch is not None
    assert month.flex == month.amount / 2
    assert month.batch > month.flex


def test_a_month_of_measured_use_costs_what_its_requests_did() -> None:
    (month,) = month_costs(
        Measured(10, 1000, 500, 400, 0), prices=Flat(), now=datetime(2026, 1, 1, tzinfo=UTC), models=["m"]
    )
    # 300 requests of 600 tokens, 400 cached ones at a tenth, and an answer of 500; a thousandth of a dollar each.
    assert month.amount == 300 * Decimal("1.14")
    assert month.uncached == 300 * Decimal("1.5")
    assert (month.flex, month.batch) == (300 * Decimal("0.57"), 300 * Decimal("0.75"))


@given(st.decimals(0, 600, places=4))
def test_the_proposed_cap_is_the_smallest_with_room(month: Decimal) -> None:
    cap = fitting_cap(month)
    assert cap >= month * Decimal("1.5")
    assert not [step for step in STEPS if step < cap and step >= month * Decimal("1.5")]
    assert 0 < alert_below(cap) < cap


def test_snippets_hold_no_key_and_name_the_address_only_when_it_is_not_the_usual_one() -> None:
    usual = snippets(key_name="my key", base_url="https://api.openai.com/v1", model="gpt-6-luna")
    own = snippets(key_name="my key", base_url="http://127.0.0.1:4000/v1", model='odd"model')
    assert "OpenAI()" in usual[1].text
    assert 'base_url="http://127.0.0.1:4000/v1"' in own[1].text
    assert 'baseURL: "http://127.0.0.1:4000/v1"' in own[3].text
    assert "$OPENAI_API_KEY" in own[2].text
    assert usual[0].text == "keytui exec -k 'my key' -- your-program"
    compile(own[1].text, "hello.py", "exec")
    assert not [line for one in usual for line in one.text.splitlines() if len(line) > 74]


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        (
            Usage(input=20, output=157, reasoning=128),
            "7 of those in are message format; 128 of those out are reasoning",
        ),
        (Usage(input=20, output=29), "7 of those in are message format."),
        (Usage(input=13, output=29, reasoning=9), "9 of those out are reasoning, which is not shown."),
        (Usage(input=13, output=29), ""),
    ],
)
def test_tokens_that_nobody_typed_or_read_are_accounted_for(usage: Usage, said: str) -> None:
    words = beside_the_words(usage, 13)
    assert words.startswith(said)
    assert bool(words) is bool(said)
