from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.troubles.waiting import asked_wait, duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("6m0s", 360), ("120ms", 0.12), ("1s", 1), ("17", 17), ("1h2m3s", 3723), ("0s", 0), ("1.5s", 1.5), ("2d", 172800)],
)
def test_durations_of_rate_limit_headers(text: str, seconds: float) -> None:
    assert duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "soon", "1s later", "-1", "s", "1x", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_what_is_no_duration(text: str) -> None:
    assert duration(text) is None


@given(
    st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "date", "x-ratelimit-reset-requests"]), st.text())
)
def test_no_header_breaks_it(headers: dict[str, str]) -> None:
    wait = asked_wait(headers)
    assert wait is None or wait >= 0


def test_retry_after_comes_first_and_a_date_is_read_against_the_servers_own_clock() -> None:
    resets = {"x-ratelimit-reset-tokens": "6m0s"}
    assert asked_wait({"retry-after-ms": "250", "retry-after": "9", **resets}) == 0.25
    assert asked_wait({"retry-after": "9", **resets}) == 9
    dated = {"retry-after": "Mon, 23 Nov 2026 10:00:30 GMT", "date": "Mon, 23 Nov 2026 10:00:00 GMT"}
    assert asked_wait(dated) == 30
    assert asked_wait({"retry-after": "Mon, 23 Nov 2026 10:00:30 GMT"}) is None
    assert asked_wait({}) is None


def test_the_limit_that_is_used_up_decides() -> None:
    headers = {
        "x-ratelimit-remaining-requests": "12",
        "x-ratelimit-reset-requests": "6m0s",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "120ms",
    }
    assert asked_wait(headers) == pytest.approx(0.12)
