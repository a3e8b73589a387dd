"""Fixtures of all tests; each lives in a module of ``tests/support``."""

from __future__ import annotations

import os

import hypothesis
import pytest

from tests.support.disk import disk
from tests.support.practice import practice, practice_fresh
from tests.support.proxy_programs import microsocks, ssh_socks, tinyproxy
from tests.support.sealed import sealed
from tests.support.secret_service import secret_service
from tests.support.settling import settling
from tests.support.sshd import sshd
from tests.support.terminal import terminal

__all__ = [
    "disk",
    "microsocks",
    "practice",
    "practice_fresh",
    "sealed",
    "secret_service",
    "settling",
    "ssh_socks",
    "sshd",
    "terminal",
    "tinyproxy",
]

# How long an example takes depends on what else the machine does; that is what benchmarks are for.
hypothesis.settings.register_profile("keytui", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("keytui")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Half as many processes again as cores: most tests wait, for a terminal, a server or a keyring."""
    return max(2, (os.cpu_count() or 1) * 3 // 2)
