"""Exports: what is written is read back by other people's software."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers.runs.recording_samples import LAYOUT, SEGMENT
from helpers.runs.report_runs import write_run
from spikingsampling import cli
from spikingsampling.errors import ParameterError, RecordingError, UnknownNameError
from spikingsampling.extras import MissingExtraError
from spikingsampling.recording.reading import open_recording
from spikingsampling.report.export import export_run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", figures=())


def spikes_of(run: Path, population: str, neuron: int) -> np.ndarray:
    with open_recording(run) as recording:
        times, neurons = recording.spikes(population)
        return times[neurons == neuron]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_csv_has_everything(run: Path) -> None:
    written = export_run(run, "csv")
    folder = run / "csv"
    assert {path.name for path in written} == {path.name for path in folder.iterdir()}
    with open_recording(run) as recording:
        for name in LAYOUT.populations:
            times, neurons = recording.spikes(name)
            table = rows(folder / f"spikes-{name}.csv")
            np.testing.assert_array_equal([float(row["time_s"]) for row in table], times)  # all digits
            np.testing.assert_array_equal([int(row["neuron"]) for row in table], neurons)
        for number, time in enumerate(recording.snapshot_times("forward")):
            table = rows(folder / f"synapses-forward-{number:04d}.csv")
            assert {float(row["time_s"]) for row in table} == {time}
            assert [int(row["pre"]) for row in table] == LAYOUT.projections["forward"].pre_indices.tolist()
            values = np.array([float(row["theta"]) for row in table], dtype=np.float32)
            np.testing.assert_array_equal(values, recording.theta("forward", time))
        segments = rows(folder / "segments.csv")
        assert [row["label"] for row in segments] == [s.label for s in recording.segments]
        assert float(segments[2]["start_s"]) == 2 * SEGMENT
        assert len(rows(folder / "presentations.csv")) == len(recording.presentations)
    assert rows(folder / "events.csv")[0]["kind"] == "lesion"


def test_neo_reads_the_spikes(run: Path) -> None:
    pytest.importorskip("nixio", reason="nixio is not installed: export to NIX is not tested")
    neo = pytest.importorskip("neo", reason="neo is not installed: export to Neo is not tested")
    (path,) = export_run(run, "neo")
    with neo.NixIO(str(path), mode="ro") as file:
        (segment,) = file.read_block().segments
    assert len(segment.spiketrains) == sum(LAYOUT.populations.values())
    for train in segment.spiketrains:
        expected = spikes_of(run, train.annotations["population"], train.annotations["neuron"])
        np.testing.assert_array_equal(train.rescale("s").magnitude, expected)
        assert float(train.t_stop.rescale("s")) == 4 * SEGMENT
    assert segment.epochs[0].labels[2] == "test auditory – sound (off)"


def test_nwb_reads_the_spikes_and_is_valid(run: Path) -> None:
    pynwb = pytest.importorskip("pynwb", reason="pynwb is not installed: export to NWB is not tested")
    (path,) = export_run(run, "nwb")
    with pynwb.NWBHDF5IO(str(path), "r") as file:
        content = file.read()
        units = content.units.to_dataframe()
        assert len(units) == sum(LAYOUT.populations.values())
        for unit in units.itertuples():
            np.testing.assert_array_equal(unit.spike_times, spikes_of(run, unit.population, unit.neuron))
        epochs = content.epochs.to_dataframe()
        assert epochs["start_time"].tolist() == [0.0, 10.0, 20.0, 30.0]
        assert len(content.trials) == 40
        assert 'tau_fall = "20 ms"' in content.notes
    assert pynwb.validate(path=str(path)) in ([], ([], 0))


def test_every_recording_is_exported(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", recordings=("control", "lesion"), figures=())
    export_run(run, "csv", tmp_path / "tables")
    assert (tmp_path / "tables-control" / "segments.csv").exists()
    assert (tmp_path / "tables-lesion" / "segments.csv").exists()


def test_wrong_requests(run: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="format 'cvs'; did you mean 'csv'"):
        export_run(run, "cvs")
    export_run(run, "csv")
    with pytest.raises(ParameterError, match="csv: exists"):
        export_run(run, "csv")
    with pytest.raises(RecordingError, match="has no recording"):
        export_run(write_run(tmp_path / "other", recordings=()), "csv")


@pytest.mark.parametrize(("form", "module"), [("neo", "neo"), ("nwb", "pynwb")])
def test_a_missing_extra_is_named(run: Path, form: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf"spikingsampling\[{form}\]"):
        export_run(run, form)
    assert not list(run.glob("spikes*"))


def test_the_command(run: Path, capsys: Any) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["export", str(run), "--format", "csv"])
    assert not left.value.code
    assert str(run / "csv" / "segments.csv") in capsys.readouterr().out
