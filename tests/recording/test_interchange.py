"""Recordings, sweeps and histories in pandas, xarray and ArviZ."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest
from arviz_stats.base import array_stats

import spikingsampling as ss
from helpers.runs.recording_samples import LAYOUT, simulate
from helpers.small.simulations import items, simulation
from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.extras import MissingExtraError
from spikingsampling.recording.reader import RecordingReader


@pytest.fixture
def recording(tmp_path: Path) -> RecordingReader:
    simulate(tmp_path / "run")
    return ss.open_recording(tmp_path / "run")


def test_spikes_in_the_order_of_time_with_their_population(recording: RecordingReader) -> None:
    frame = recording.to_dataframe()
    assert list(frame.columns) == ["time", "population", "neuron"]
    assert frame["time"].is_monotonic_increasing
    for name in LAYOUT.populations:
        part = frame[frame["population"] == name]
        times, neurons = recording.spikes(name)
        np.testing.assert_array_equal(part["time"], times)
        assert np.bincount(part["neuron"]).tolist() == np.bincount(neurons).tolist()


def test_the_other_tables(recording: RecordingReader) -> None:
    assert recording.to_dataframe("segments")["stop"].tolist() == [s.stop for s in recording.segments]
    assert recording.to_dataframe("segments")["learning"].tolist() == [s.learning for s in recording.segments]
    events = recording.to_dataframe("events")
    assert events["kind"].tolist() == ["lesion"]
    assert events["time"].tolist() == [recording.events[0].time]
    presentations = recording.to_dataframe("presentations")
    np.testing.assert_array_equal(presentations["item"], recording.presentations["item"])
    np.testing.assert_array_equal(presentations["start"], recording.presentations["start"])
    synapses = recording.to_dataframe("synapses")
    forward = synapses[synapses["projection"] == "forward"]
    assert forward["pre"].tolist() == [0, 2, 2, 8]
    np.testing.assert_array_equal(forward["theta"], recording.theta("forward"))
    np.testing.assert_array_equal(forward["w"], recording.w("forward"))
    with pytest.raises(UnknownNameError, match="unknown table 'spike'"):
        recording.to_dataframe("spike")


def test_parameters_as_labelled_arrays(recording: RecordingReader) -> None:
    dataset = recording.to_xarray("lateral")
    assert dict(dataset.sizes) == {"time": 2, "synapse": 24}
    np.testing.assert_array_equal(dataset["time"], recording.snapshot_times("lateral"))
    np.testing.assert_array_equal(dataset["theta"], recording.theta("lateral", slice(None)))
    np.testing.assert_array_equal(dataset["w"].sel(time=20), recording.w("lateral", 20))
    onto = dataset["theta"].where(dataset["post"] == 3, drop=True)
    assert onto.sizes["synapse"] == 4
    assert (dataset["time"].attrs["units"], dataset.attrs["pre"]) == ("s", "auditory")
    late = recording.to_xarray("lateral", time=slice(30, None))
    assert late["time"].values.tolist() == [40]
    np.testing.assert_array_equal(late["theta"][0], recording.theta("lateral"))
    tree = recording.to_xarray()
    assert set(tree.children) == {"lateral", "forward"}
    np.testing.assert_array_equal(tree["forward"]["theta"], recording.theta("forward", slice(None)))


def test_chains_for_arviz(tmp_path: Path) -> None:
    readers = []
    for number in range(2):
        options = {"segment": 1.0, "recording": ss.Recording(snapshot_period="1 s")}
        with simulation(seed=number, directory=tmp_path / str(number), **options) as sim:
            sim.present(items(80), learning="sampling")
            (name, *_) = [projection.name for projection in sim.network.projections]
        readers.append(ss.open_recording(tmp_path / str(number)))
    chains = ss.to_arviz(readers, name, time=slice(3, None), synapses=[5, 7])
    theta = chains["posterior"]["theta"]
    assert theta.dims == ("chain", "draw", "synapse")
    assert theta["synapse"].values.tolist() == [5, 7]
    expected = np.stack([reader.theta(name, slice(3, None))[:, [5, 7]] for reader in readers])
    np.testing.assert_array_equal(theta, expected)
    assert expected.shape[1] == readers[0].snapshot_times(name).searchsorted(1e9) - 2
    assert array_stats.rhat(theta.values, chain_axis=0, draw_axis=1).shape == (2,)
    with pytest.raises(ParameterError, match="recordings: must be one at least"):
        ss.to_arviz([], name)
    simulate(tmp_path / "other")
    with pytest.raises(
        ParameterError, match=r"has 1 snapshots of 24 synapses and .* 2 of 24: must be of one network"
    ):
        simulate(tmp_path / "shorter", n_segments=2, finish=False)
        ss.to_arviz([ss.open_recording(tmp_path / name) for name in ("other", "shorter")], "lateral")


@pytest.mark.parametrize(("package", "call"), [("pandas", "to_dataframe"), ("xarray", "to_xarray")])
def test_a_package_that_is_missing_is_named(
    recording: RecordingReader, monkeypatch: pytest.MonkeyPatch, package: str, call: str
) -> None:
    def missing(name: str, *arguments: object) -> object:
        if name == package:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return original(name, *arguments)

    original = importlib.import_module
    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(
        MissingExtraError, match=rf"need the package '{package}'.*spikingsampling\[interchange\]"
    ):
        getattr(recording, call)()


def test_a_recording_shows_itself(recording: RecordingReader) -> None:
    assert repr(recording).startswith("<RecordingReader: ")
    assert "40 s in 4 segments" in repr(recording)
    html = recording._repr_html_()
    assert "<td>visual</td><td>6</td><td>200</td>" in html
    assert "<td>lateral</td><td>24</td><td>2</td>" in html
