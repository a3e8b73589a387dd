"""What is learnt about estimates is kept, for each address and model."""

from __future__ import annotations

from pathlib import Path

from keytui.adapters.calibrations import SqliteCalibrations
from keytui.domain.overhead import Calibration

HERE, THERE = "https://api.openai.com/v1", "https://gateway.example/v1"


def test_nothing_is_known_at_first(tmp_path: Path) -> None:
    assert SqliteCalibrations(tmp_path / "keytui.db").at(HERE, "gpt-6-luna") == Calibration()


def test_what_was_learnt_is_there_the_next_time_and_belongs_to_one_address_and_model(tmp_path: Path) -> None:
    store = SqliteCalibrations(tmp_path / "keytui.db")
    learnt = store.learn(HERE, "gpt-6-luna", 100, 112)
    assert learnt.apply(200) == 212
    store.close()
    again = SqliteCalibrations(tmp_path / "keytui.db")
    assert again.at(HERE, "gpt-6-luna") == learnt
    assert again.at(THERE, "gpt-6-luna") == again.at(HERE, "gpt-6-sol") == Calibration()


def test_two_processes_learn_into_one(tmp_path: Path) -> None:
    one, two = SqliteCalibrations(tmp_path / "keytui.db"), SqliteCalibrations(tmp_path / "keytui.db")
    one.learn(HERE, "gpt-6-luna", 100, 112)
    assert two.learn(HERE, "gpt-6-luna", 1_000, 1_012).weight > 1.5
    assert one.at(HERE, "gpt-6-luna") == two.at(HERE, "gpt-6-luna")
