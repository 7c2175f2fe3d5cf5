"""A Chromium for these tests; without one they are skipped, which says how to get it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import Browser, executable


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all tests here; each opens its own address."""
    if executable() is None:
        pytest.skip("Chromium is not installed here (make chromium, or: apt install chromium)")
    with Browser(tmp_path_factory.mktemp("chromium") / "profile") as browser:
        yield browser


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: the folder named by SHOTS, for a person to look at, or a scratch one."""
    named = os.environ.get("SHOTS")
    return Path(named) if named else tmp_path_factory.mktemp("shots")
