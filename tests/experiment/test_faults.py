"""Every call of the file layer fails once: the run goes on to the same bytes, or says that it cannot."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from helpers.faults.fault_runs import MODES, run_with_faults

pytestmark = pytest.mark.skipif(
    shutil.which("cc") is None or not sys.platform.startswith("linux"),
    reason="needs a C compiler and LD_PRELOAD",
)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("engine", "step"),
    [
        ("none", 37),
        ("runtime", 149),
        *(pytest.param(engine, 1, marks=pytest.mark.slow) for engine in ("none", "runtime", "standalone")),
    ],
)
def test_a_call_that_fails_changes_no_result(engine: str, step: int, mode: str, tmp_path: Path) -> None:
    figures = run_with_faults(engine, mode, step, tmp_path / "faults")
    print(engine, mode, figures)
    assert figures["faults"] >= figures["calls"] // step
    assert figures.get("told") or mode == "short"
    assert not figures.get("not resumed, told", 0)
