"""The protocol of the runs made by hand, and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from helpers.browser import browser
from helpers.runs.report_runs import PROTOCOL
from spikingsampling.report import of_run, of_sweep


@pytest.fixture(autouse=True)
def protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (of_run, of_sweep):
        monkeypatch.setattr(module, "find_protocol", lambda name: PROTOCOL if name == "toy" else None)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    with browser() as driver:
        yield driver
