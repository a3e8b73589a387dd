from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.adapters.setup_state import SetupState, decode, encode
from keytui.domain.keys import StoreUnreadable
from keytui.domain.plan import KeyPlan, Permissions, ProjectPlan, RateLimit, SetupPlan
from keytui.domain.setup import HAVE, NEED, PRACTISING, Habit, Progress, Step

amounts = st.none() | st.decimals(0, 10_000, places=2)
words = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
plans = st.builds(
    SetupPlan,
    project=st.builds(ProjectPlan, words, words, words, st.none() | st.just("EU_STORAGE")),
    permissions=st.builds(Permissions, st.sampled_from(["chat", "everything"]), st.lists(words, max_size=3).map(tuple)),
    rate_limits=st.lists(st.builds(RateLimit, words, st.none() | st.integers(1, 9)), max_size=2).map(tuple),
    spend_limit=amounts,
    alerts=st.lists(st.decimals(0, 100, places=2), max_size=2).map(tuple),
    key=st.builds(KeyPlan, words, words, expires_days=st.none() | st.integers(1, 365)),
    cap=amounts,
)
walks = st.builds(
    Progress,
    step=st.sampled_from(Step),
    way=st.sampled_from([HAVE.name, NEED.name, PRACTISING.name]),
    plan=plans,
    habit=st.builds(Habit, st.integers(0, 10_000), words),
    ticked=st.lists(words, max_size=3).map(tuple),
    left_out=st.lists(st.sampled_from(Step), unique=True).map(tuple),
    key_id=st.none() | words,
)


@given(walks)
def test_what_is_kept_comes_back(progress: Progress) -> None:
    assert decode(encode(progress)) == progress


def test_nothing_kept_is_none_and_forgotten_is_nothing(tmp_path: Path) -> None:
    state = SetupState(tmp_path / "setup.json")
    assert state.load() is None
    state.save(Progress(step=Step.KEY, plan=SetupPlan(cap=Decimal("2.50"))))
    kept = SetupState(tmp_path / "setup.json").load()
    assert kept is not None
    assert (kept.step, kept.plan.cap) == (Step.KEY, Decimal("2.50"))
    assert os.stat(tmp_path / "setup.json").st_mode & 0o777 == 0o600
    state.forget()
    state.forget()
    assert state.load() is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"format": 2}',
        '{"format": 1, "step": "NOWHERE"}',
        '{"format": 1, "step": "YOU", "way": "need", "plan": {"new": 1}}',
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_never_overwritten(text: str, tmp_path: Path) -> None:
    path = tmp_path / "setup.json"
    path.write_text(text)
    path.chmod(0o600)
    state = SetupState(path)
    with pytest.raises(StoreUnreadable, match=str(path)):
        state.load()
    with pytest.raises(StoreUnreadable, match=str(path)):
        state.save(Progress())
    assert path.read_text() == text


def test_what_a_newer_keytui_notes_beside_the_plan_is_left_out() -> None:
    written = encode(Progress())
    written["new"] = written["habit"]["new"] = 1
    assert decode(written) == Progress()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.raises(StoreUnreadable, match="cannot be"):
        SetupState(tmp_path / "state" / "setup.json").save(Progress())
