"""A sweep as a data frame."""

from __future__ import annotations

from pathlib import Path

import pytest

import spikingsampling as ss
from helpers.runs.sweeps import SLOWLY, results, sweep
from spikingsampling.errors import ResumeError


def test_the_frame_has_what_the_table_has(tmp_path: Path) -> None:
    directory = tmp_path / "sweep"
    code, _, err = sweep(*SLOWLY, "--set", "pause=0", "--workers", "2", "--out", str(directory))
    assert code == 0, err
    loaded = ss.load_sweep(directory)
    frame = loaded.to_dataframe()
    rows = results(directory)
    assert list(frame.columns[:4]) == ["run", "status", "seed", "circuit.temperature"]
    assert frame["run"].tolist() == [row["run"] for row in rows]
    assert frame["seed"].dtype.kind == "i"
    assert frame["mean"].tolist() == [float(row["mean"]) for row in rows]
    assert frame.groupby("circuit.temperature")["mean"].count().tolist() == [2, 2]
    assert repr(loaded).endswith(f"in {directory}, 4 of 4 runs done>")
    assert loaded._repr_html_().count("<td>done</td>") == 4
    run = ss.load_run(loaded.runs[0])
    assert repr(run).startswith("<FinishedRun: toy, ")
    assert "<td>mean</td>" in run._repr_html_()
    with pytest.raises(ResumeError, match="is not a sweep"):
        ss.load_sweep(tmp_path)
