from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.troubles import Exit, Signal, explain, recognise
from keytui.domain.troubles.pages import PAGES
from keytui.domain.troubles.recognition import ROWS, fields
from keytui.domain.troubles.row import Row

WORDS = st.text(max_size=80)
KEY = "sk-proj-" + "aB3dE6gH9jK2" * 4


@given(
    st.builds(
        Signal,
        where=st.sampled_from(["", "models", "chat", "responses", "count", "admin", "vault"]),
        status=st.none() | st.integers(100, 599),
        code=st.none() | WORDS,
        type=st.none() | WORDS,
        param=st.none() | WORDS,
        message=WORDS,
        cause=WORDS,
        headers=st.dictionaries(st.sampled_from(["retry-after", "date", "x-ratelimit-reset-tokens"]), WORDS),
        host=WORDS,
        model=st.none() | WORDS,
        proxy=WORDS,
        answering=st.booleans(),
    )
)
def test_every_signal_gets_an_answer(signal: Signal) -> None:
    trouble = recognise(signal)
    assert trouble.id
    assert trouble.title
    assert trouble.remedy
    assert "\n" not in trouble.detail


@given(st.sampled_from(ROWS), st.text(string.ascii_letters + string.digits, min_size=20, max_size=60))
def test_no_words_of_a_trouble_hold_a_key(row: Row, body: str) -> None:
    key = f"sk-proj-{body}"
    words = f"about {key}"
    signal = Signal(message=words, cause=words, host=words, model=words, param=words, proxy=words, location=words)
    trouble = explain(row.id, signal)
    assert key not in f"{trouble}"


def test_the_code_is_trusted_before_the_type_the_words_the_cause_and_the_status() -> None:
    signs = {
        "code": "model_not_found",
        "type": "insufficient_quota",
        "message": "This key is blocked",
        "cause": "gaierror: Name or service not known",
        "status": 503,
    }
    expected = ["model-not-found", "no-credit", "key-blocked", "name-unknown", "overloaded"]
    for name, wanted in zip(list(signs), expected, strict=True):
        assert recognise(Signal(**signs)).id == wanted  # type: ignore[arg-type]
        del signs[name]
    assert recognise(Signal()).id == "unknown"


def test_a_code_that_is_only_the_status_leaves_the_word_to_the_message() -> None:
    empty = Signal(status=429, code="429", message="You exceeded your current quota, please check your plan.")
    assert recognise(empty).id == "no-credit"


def test_what_waiting_cannot_cure_is_never_retried() -> None:
    for signal in (
        Signal(status=429, code="insufficient_quota"),
        Signal(status=429, code="credit_balance_exhausted"),
        Signal(status=429, code="project_spend_limit_exceeded"),
        Signal(status=429, code="organization_spend_limit_exceeded"),
        Signal(status=429, code="organization_usage_limit_exceeded"),
        Signal(
            status=429, code="rate_limit_exceeded", message="Request too large for gpt-5: Limit 30000, Requested 40000"
        ),
        Signal(status=429, code="rate_limit_exceeded", message="Rate limit reached: Limit 0, Used 0"),
        Signal(status=401, code="invalid_api_key"),
        Signal(cause="ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED]"),
    ):
        assert not recognise(signal).retry, signal
    assert recognise(Signal(status=429, code="rate_limit_exceeded", message="Limit 500, Used 500")).retry


def test_too_long_a_wait_is_told_and_not_waited_for() -> None:
    limited = Signal(status=429, code="rate_limit_exceeded", headers={"retry-after": "7000"})
    trouble = recognise(limited)
    assert (trouble.id, trouble.retry, trouble.exit) == ("long-wait", False, Exit.RATE)
    assert "117 min" in trouble.title
    soon = recognise(Signal(status=429, code="rate_limit_exceeded", headers={"retry-after": "7"}))
    assert (soon.id, soon.wait) == ("rate-limited", 7.0)


def test_pages_of_the_platform_are_shown_only_for_the_platform() -> None:
    ours = recognise(Signal(status=429, code="insufficient_quota", host="api.openai.com"))
    assert ours.page == PAGES["billing"]
    theirs = recognise(Signal(status=429, code="insufficient_quota", host="gateway.example:4000"))
    assert theirs.page is None
    assert "gateway.example:4000" in theirs.remedy


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:11434", "[::1]:8080"])
def test_a_fault_of_a_server_on_this_machine_is_not_looked_up_on_the_platforms_status_page(host: str) -> None:
    for signal in (Signal(status=500, host=host), Signal(status=503, code="server_is_overloaded", host=host)):
        trouble = recognise(signal)
        assert trouble.page is None
        assert "status page" not in trouble.remedy
        assert host in trouble.remedy
    assert recognise(Signal(status=429, code="insufficient_quota", host=host)).page == PAGES["billing"]
    assert recognise(Signal(status=500, host="api.openai.com")).page == PAGES["status"]


def test_the_missing_scope_is_named() -> None:
    words = "You have insufficient permissions for this operation. Missing scopes: api.responses.write, model.request."
    assert "api.responses.write, model.request" in recognise(Signal(status=401, message=words)).title


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_is_whole(row: Row) -> None:
    for text in (row.title, row.remedy, row.elsewhere or "."):
        assert text.rstrip().endswith((".", "}", "socksio")), text
        assert set(re.findall(r"{(\w+)}", text)) <= set(fields(Signal(), None))
    for expression in (row.message, row.cause, row.also, row.content):
        re.compile(expression or "")
    assert row.page is None or row.page in PAGES
    assert all(code == code.lower() for code in row.codes | row.types)


def test_every_collected_trouble_has_a_row() -> None:
    assert {row.number for row in ROWS} >= set(range(1, 32))


def test_an_unknown_id_is_refused() -> None:
    with pytest.raises(KeyError):
        explain("no-such-trouble")


def test_all_pages_are_whole_addresses() -> None:
    assert all(page.startswith("https://") for page in PAGES.values())
