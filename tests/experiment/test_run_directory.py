"""Finished runs as they are read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.runs.report_runs import METRICS, write_run
from spikingsampling.errors import RecordingError, ResumeError
from spikingsampling.experiment.metrics import Curve, Metric
from spikingsampling.experiment.run_files import FinishedRun, load_run


def test_a_finished_run_has_settings_metrics_and_curves(tmp_path: Path) -> None:
    write_run(tmp_path / "run", seed=3, temperature=0.25, recordings=(), figures=())
    found = FinishedRun.read(tmp_path / "run")
    assert found is not None
    assert found.directory == tmp_path / "run"
    assert (found.settings["protocol"], found.settings["preset"]) == ("toy", "quick")
    assert (found.settings["seed"], found.settings["circuit.temperature"]) == (3, 0.25)
    assert found.content == METRICS
    assert found.metrics["joint.accuracy"] == 0.8125
    assert found.measured["joint.accuracy"] == Metric(0.8125, (0.7125, 0.9125), 300, (0, 1))
    curve = Curve("learning_curve", "seconds", [600.0, 1200.0], {"recall.accuracy": [0.7, 0.9625]})
    assert found.curves == {"learning_curve": curve}


def test_what_is_no_finished_run(tmp_path: Path) -> None:
    write_run(tmp_path / "going on", None, recordings=(), figures=())
    assert FinishedRun.read(tmp_path / "going on") is None
    (tmp_path / "going on" / "metrics.json").write_bytes(b"\xff")
    with pytest.raises(RecordingError, match="going on: the metrics are damaged"):
        FinishedRun.read(tmp_path / "going on")
    with pytest.raises(ResumeError, match="not a run directory"):
        FinishedRun.read(tmp_path)


def test_a_run_is_loaded_by_its_path(tmp_path: Path) -> None:
    write_run(tmp_path / "run")
    run = load_run(str(tmp_path / "run"))
    assert (run.directory, run.content) == (tmp_path / "run", METRICS)
    (tmp_path / "run" / "metrics.json").unlink()
    with pytest.raises(
        ResumeError, match=r"run is not finished; finish it with `spikingsampling run --resume .*run`"
    ):
        load_run(tmp_path / "run")
