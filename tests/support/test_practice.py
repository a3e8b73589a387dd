from __future__ import annotations

from pathlib import Path

import httpx2

from tests.support.practice import Practice


def models(service: Practice) -> httpx2.Response:
    return httpx2.get(f"{service.base_url}/models", headers={"Authorization": f"Bearer {service.api_key}"})


def test_the_shared_service_answers(practice: Practice) -> None:
    assert models(practice).status_code == 200


def test_a_fresh_service_is_another_one(practice: Practice, practice_fresh: Practice) -> None:
    assert practice.base_url != practice_fresh.base_url
    assert models(practice_fresh).status_code == 200
    assert Path(f"/proc/{practice_fresh.pid}").exists()
