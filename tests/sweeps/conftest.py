"""What the tests of sweeps share."""

from __future__ import annotations

import pytest

from helpers.runs.sweeps import SLOWLY, history, results, runs, sweep


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """The table that all the others must be equal to."""
    directory = tmp_path_factory.mktemp("undisturbed") / "sweep"
    code, out, err = sweep(*SLOWLY, "--set", "pause=0", "--workers", "2", "--out", str(directory))
    assert code == 0, err
    assert "4 done, 0 failed" in out
    assert err.count("done in") == 4
    for run in runs(directory):
        start, *segments = history(run)
        assert start.split()[2] == "1"  # one BLAS thread
        assert "machine: " in (run / "log.txt").read_text()
        assert len(segments) == 6
    return results(directory)
