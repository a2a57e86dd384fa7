from __future__ import annotations

import math

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.runs.recording_samples import ATTRIBUTES, LAYOUT, RECORDING, advance, initial_state
from spikingsampling.errors import ParameterError, RecordingError, UnknownNameError
from spikingsampling.recording.record import Event, Layout, ProjectionLayout, SegmentRecord
from spikingsampling.recording.settings import Recording
from spikingsampling.recording.writing import RecordingWriter


def segment(**changes):
    values = {"index": 0, "start": 0.0, "stop": 1.0, "learning": "off", "label": "", "spikes": {}, **changes}
    return SegmentRecord(**values)


@given(st.floats(0, 1e9))
def test_spike_times_survive_milliseconds(time):
    times, _ = segment(stop=2e9, spikes={"a": ([time], [0])}).spikes["a"]
    assert times * 1e3 / 1e3 == times
    assert abs(times[0] - time) <= math.ulp(time)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"index": -1}, "segment -1"),
        ({"start": 2.0}, "start <= stop"),
        ({"stop": math.nan}, "start <= stop"),
        ({"spikes": {"a": ([0.5, 0.4], [0, 0])}}, "sorted"),
        ({"spikes": {"a": ([0.5, np.nan], [0, 0])}}, "sorted"),
        ({"spikes": {"a": ([1.5], [0])}}, "within 0.0 s to 1.0 s"),
        ({"spikes": {"a": ([0.5], [0, 1])}}, "equally many"),
        ({"spikes": {"a": ([0.5], [-1])}}, "at least 0"),
        ({"spikes": {"a": ([0.5], [0.5])}}, "array of integers"),
        ({"snapshots": {"p": ([1.0, 2.0], [1.0])}}, "1-D and equal"),
        ({"schedule": {"s": [-2]}, "frame_period": 1.0}, "at least -1"),
        ({"schedule": {"s": [1]}}, "frame_period"),
        ({"items": [1]}, "presentation_period"),
    ],
)
def test_wrong_segments_are_refused(changes, message):
    with pytest.raises(RecordingError, match=message):
        segment(**changes)


def test_wrong_learning_mode_and_event():
    with pytest.raises(UnknownNameError, match="did you mean 'sampling'"):
        segment(learning="samplin")
    with pytest.raises(RecordingError, match="JSON"):
        Event(0.0, "lesion", "{")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Layout({"a": 0}), "size 0"),
        (lambda: Layout({"a/b": 1}), "'a/b'"),
        (lambda: Layout({"..": 1}), r"'\.\.'"),
        (lambda: Layout({"a": 2}, {"p": ProjectionLayout("a", "a", [0], [2])}), "less than 2"),
        (
            lambda: Layout({"a": 2}, {"p": ProjectionLayout("b", "a", [0], [1])}),
            "unknown population",
        ),
        (lambda: ProjectionLayout("a", "a", [0, 0], [1, 1]), "two synapses"),
        (lambda: ProjectionLayout("a", "a", [], []), "at least one"),
        (lambda: ProjectionLayout("a", "a", [0], [1, 2]), "equally many"),
    ],
)
def test_wrong_layouts_are_refused(make, message):
    with pytest.raises((RecordingError, UnknownNameError), match=message):
        make()


def test_a_record_does_not_change_with_the_arrays_it_was_made_from():
    times, theta = np.array([0.5]), np.ones(2, dtype=np.float32)
    record = segment(spikes={"a": (times, np.array([0]))}, snapshots={"p": (theta, theta)})
    times[:], theta[:] = 0.7, 5
    assert record.spikes["a"][0][0] == 0.5
    assert record.snapshots["p"][0][0] == 1


def test_choice_of_what_is_recorded():
    assert Recording().populations(LAYOUT) == ("visual", "auditory")
    assert Recording(spikes="visual").populations(LAYOUT) == ("visual",)
    with pytest.raises(UnknownNameError, match="did you mean 'visual'"):
        Recording(spikes=["visua"]).populations(LAYOUT)
    with pytest.raises(ParameterError, match="snapshot_period"):
        Recording(snapshot_period="-1 s")


@given(st.floats(0.1, 100), st.floats(0.1, 1000), st.integers(1, 60))
def test_snapshots_are_as_many_as_whole_periods(length, period, n):
    """Each whole period gives one snapshot, unless several end in the same segment."""
    recording = Recording(snapshot_period=period)
    due = sum(recording.snapshot_due(i * length, (i + 1) * length) for i in range(n))
    periods = math.floor(n * length / period + 1e-9)
    assert due == periods if period >= length else due <= min(n, periods)
    assert not Recording(snapshots=False).snapshot_due(0, 1e9)
    assert Recording(snapshot_period=0).snapshot_due(1, 2)


@pytest.mark.parametrize(("n_spikes", "n_segments"), [(20_000, 6), (500, 40), (0, 40)])
def test_memory_is_that_of_the_file(tmp_path, n_spikes, n_segments):
    """An upper bound within a factor of 2, and 256 KiB, for θ and w that hardly compress."""
    synapses = ProjectionLayout("visual", "visual", *np.divmod(np.arange(100 * 100), 100))
    layout = Layout({"visual": 100}, {"p": synapses})
    recording, rng = Recording(snapshot_period=0), np.random.default_rng(0)
    writer = RecordingWriter(tmp_path / "r.h5", layout, {}, recording)
    for index in range(n_segments):
        times = 10 * index + np.sort(rng.integers(0, 100_000, n_spikes)) * 1e-4
        theta = rng.normal(size=10_000)
        writer.append(
            segment(
                index=index,
                start=10.0 * index,
                stop=10.0 * index + 10,
                spikes={"visual": (times, rng.integers(0, 100, n_spikes))},
                snapshots={"p": (theta, np.maximum(0, theta))},
            )
        )
    writer.complete()
    size = (tmp_path / "r.h5").stat().st_size
    rate = n_spikes / 10 / 100
    estimate = recording.memory(layout, 10 * n_segments, rate, segment=10)
    assert size <= estimate <= 2 * size + 2**18
    assert recording.memory(layout, 10 * n_segments, {"visual": rate}, segment=10) == estimate


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"index": 1}, "number 0"),
        ({"spikes": {"visual": ([], [])}}, "must be of"),
        ({"spikes": {"visual": ([0.5], [6]), "auditory": ([], [])}}, "less than 6"),
        ({"snapshots": {"lateral": ([1.0], [1.0])}}, "one per synapse"),
        ({"snapshots": {"lat": ([1.0], [1.0])}}, "unknown projection"),
        ({"schedule": {"smell": [1]}, "frame_period": 1.0}, "unknown source"),
    ],
)
def test_a_record_must_fit_the_layout(tmp_path, changes, message):
    writer = RecordingWriter(tmp_path / "r.h5", LAYOUT, ATTRIBUTES, RECORDING)
    empty = {"visual": ([], []), "auditory": ([], [])}
    with pytest.raises((RecordingError, UnknownNameError), match=message):
        writer.append(segment(**{"spikes": empty, **changes}))
    writer.append(segment(spikes={**empty, "visual": ([1.0], [0])}))
    with pytest.raises(RecordingError, match=r"before .*1\.0 s"):
        writer.append(segment(index=1, start=0.5, stop=2.0, spikes=empty))
    with pytest.raises(RecordingError, match="before a spike of the last segment"):
        early = {**empty, "visual": ([1.0 - 2e-10], [0])}
        writer.append(segment(index=1, start=1.0 - 5e-10, stop=2.0, spikes=early))
    writer.close()


def test_reserved_attributes_are_refused(tmp_path):
    with pytest.raises(RecordingError, match="'complete'"):
        RecordingWriter(tmp_path / "r.h5", LAYOUT, {"complete": True}, RECORDING)


def test_layout_of_spikes_is_that_of_sonata(tmp_path):
    """SONATA developer guide, spike file: names, types, the enumeration and the unit."""
    writer = RecordingWriter(tmp_path / "r.h5", LAYOUT, ATTRIBUTES, RECORDING)
    record, _ = advance(0, initial_state())
    writer.append(record)
    writer.complete()
    with h5py.File(tmp_path / "r.h5") as file:
        assert file.attrs["magic"] == 0x0A7A
        assert file.attrs["version"].tolist() == [0, 1]
        assert set(file["spikes"]) == {"visual", "auditory"}
        group = file["spikes/visual"]
        sorting = h5py.check_enum_dtype(group.attrs.get_id("sorting").dtype)
        assert sorting == {"none": 0, "by_id": 1, "by_time": 2} and group.attrs["sorting"] == 2
        assert group["timestamps"].attrs["units"] == b"ms" and group["timestamps"].dtype == np.float64
        assert group["node_ids"].dtype == np.uint64
        assert group["timestamps"].compression is None and group["node_ids"].compression is None
        np.testing.assert_array_equal(group["timestamps"][:], record.spikes["visual"][0] * 1e3)
        np.testing.assert_array_equal(group["node_ids"][:], record.spikes["visual"][1])


def test_libsonata_reads_the_spikes(tmp_path):
    reason = "libsonata, the reference reader of SONATA, is not installed; the layout is checked above"
    libsonata = pytest.importorskip("libsonata", reason=reason)
    writer = RecordingWriter(tmp_path / "r.h5", LAYOUT, ATTRIBUTES, RECORDING)
    record, _ = advance(0, initial_state())
    writer.append(record)
    writer.complete()
    spikes = libsonata.SpikeReader(str(tmp_path / "r.h5"))["visual"]
    assert spikes.sorting == "by_time"
    times, ids = record.spikes["visual"]
    assert spikes.get() == list(zip(ids.tolist(), (times * 1e3).tolist(), strict=True))
