"""What is read from a recording."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.runs.recording_samples import (
    ATTRIBUTES,
    LAYOUT,
    N_SEGMENTS,
    RECORDING,
    SEGMENT,
    advance,
    assert_equal_records,
    initial_state,
)
from spikingsampling.errors import ParameterError, RecordingError, UnknownNameError
from spikingsampling.recording.description import describe
from spikingsampling.recording.reading import open_recording
from spikingsampling.recording.record import Event, Layout, SegmentRecord
from spikingsampling.recording.settings import Recording
from spikingsampling.recording.writing import RecordingWriter


@pytest.fixture(scope="module")
def records():
    state, result = initial_state(), []
    for index in range(N_SEGMENTS):
        record, state = advance(index, state)
        result.append(record)
    return result


def test_everything_comes_back(run, records):
    with open_recording(run) as recording:
        assert recording.complete
        assert recording.populations == LAYOUT.populations
        assert recording.sources == LAYOUT.sources
        assert recording.projections == ("forward", "lateral")
        assert recording.duration == N_SEGMENTS * SEGMENT
        assert recording.attributes["configuration"] == ATTRIBUTES["configuration"]
        assert recording.attributes["seed"] == 7
        assert recording.attributes["numpy_version"] == np.__version__
        assert [segment.label for segment in recording.segments] == [record.label for record in records]
        assert recording.events == records[1].events
        for index, record in enumerate(records):
            assert_equal_records(record, recording.record(index))
        with pytest.raises(RecordingError, match="no segment 4"):
            recording.record(N_SEGMENTS)


def test_spikes_of_a_time_span(run, records):
    times, ids = (np.concatenate([r.spikes["visual"][i] for r in records]) for i in (0, 1))
    with open_recording(run / "recording.h5") as recording:
        for start, stop in ((None, None), (9.5, 10.5), (10.0, 20.0), (times[7], times[30]), (50, 60), (5, 4)):
            low = -np.inf if start is None else start
            high = np.inf if stop is None else stop
            inside = (times >= low) & (times < high)
            got = recording.spikes("visual", start, stop)
            np.testing.assert_array_equal(got[0], times[inside])
            np.testing.assert_array_equal(got[1], ids[inside])
        with pytest.raises(UnknownNameError, match="did you mean 'visual'"):
            recording.spikes("visul")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 420), st.integers(0, 60)), max_size=20))
def test_counts_agree_with_counting_one_by_one(run, intervals):
    edges = np.array([(start / 10, (start + length) / 10) for start, length in intervals]).reshape(-1, 2)
    with open_recording(run) as recording:
        counts = recording.counts("auditory", edges)
        assert counts.shape == (len(edges), 4)
        for row, (start, stop) in zip(counts, edges, strict=True):
            _, ids = recording.spikes("auditory", start, stop)
            np.testing.assert_array_equal(row, np.bincount(ids, minlength=4))


def test_counts_refuse_wrong_intervals(run):
    with open_recording(run) as recording:
        for wrong in ([1, 2], [[2, 1]], [[0, np.nan]], [[1, 2, 3]]):
            with pytest.raises(ParameterError, match="start <= stop"):
                recording.counts("visual", wrong)


def test_snapshots(run, records):
    due = [record for record in records if record.snapshots]
    assert [record.stop for record in due] == [20.0, 40.0]
    theta, w = (np.stack([record.snapshots["lateral"][i] for record in due]) for i in (0, 1))
    with open_recording(run) as recording:
        np.testing.assert_array_equal(recording.snapshot_times("lateral"), [20.0, 40.0])
        np.testing.assert_array_equal(recording.theta("lateral"), theta[1])
        np.testing.assert_array_equal(recording.theta("lateral", 39.9), theta[0])
        np.testing.assert_array_equal(recording.theta("lateral", 20.0), theta[0])
        np.testing.assert_array_equal(recording.w("lateral", slice(None)), w)
        np.testing.assert_array_equal(recording.w("lateral", slice(21, 40.0)), w[1:])
        with pytest.raises(RecordingError, match=r"at or before 19\.0 s"):
            recording.theta("lateral", 19.0)
        with pytest.raises(UnknownNameError, match="known: forward, lateral"):
            recording.theta("sideways")


def test_matrix(run, records):
    with open_recording(run) as recording:
        dense = recording.matrix("forward", "w")
        assert dense.shape == (9, 6)
        pre, post = recording.synapses("forward")
        np.testing.assert_array_equal(pre, [0, 2, 2, 8])
        assert np.isfinite(dense).sum() == 4
        np.testing.assert_array_equal(dense[pre, post], records[-1].snapshots["forward"][1])
        with pytest.raises(UnknownNameError, match="variable"):
            recording.matrix("forward", "W")


def test_stimuli(run, records):
    with open_recording(run) as recording:
        starts, frames = recording.schedule("sound")
        np.testing.assert_array_equal(frames, np.concatenate([r.schedule["sound"] for r in records[1:]]))
        np.testing.assert_allclose(starts, 10 + 0.5 * np.arange(60), rtol=1e-15)
        table = recording.presentations
        np.testing.assert_array_equal(table["item"], np.concatenate([r.items for r in records]))
        np.testing.assert_allclose(table["start"], np.arange(40.0), rtol=1e-15)
        np.testing.assert_allclose(table["stop"], 1 + np.arange(40.0), rtol=1e-15)
        np.testing.assert_array_equal(table["segment"], np.repeat(range(4), 10))


def test_the_description_says_what_is_there(run, records):
    with open_recording(run) as recording:
        text = describe(recording)
    for part in (
        "(complete)",
        "simulated 40 s in 4 segments",
        "test auditory – sound",
        "lesion",
        'tau_fall = "20 ms"',
    ):
        assert part in text
    rate = 50 / SEGMENT / 6
    lines = [line.split() for line in text.splitlines()]
    assert ["visual", "6", "200", f"{rate:.2f}"] in lines
    theta, w = records[-1].snapshots["lateral"]
    active = np.count_nonzero(w) / 24
    assert 0.2 < active < 0.8
    spread = [f"{theta.mean(dtype=float):.3f}", "±", f"{theta.std(dtype=float):.3f}"]
    assert ["lateral", "auditory", "→", "visual", "24", "2", "40", f"{active:.1%}", *spread] in lines


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@st.composite
def segments(draw):
    """Up to three segments of a small network, with anything that is allowed in them."""
    result, time = [], 0.0
    for index in range(draw(st.integers(0, 3))):
        start = time + draw(st.floats(0, 10))
        time = start + draw(st.floats(0, 100))
        spikes = sorted(draw(st.lists(st.floats(start, time), max_size=5)))
        finite = st.floats(-1024, 1024, width=32)
        theta = draw(st.none() | st.lists(finite, min_size=4, max_size=4))
        frames = draw(st.lists(st.integers(-1, 2**31 - 2), max_size=4))
        result.append(
            SegmentRecord(
                index,
                start,
                time,
                draw(st.sampled_from(["sampling", "map", "likelihood", "off"])),
                draw(texts),
                {"visual": (spikes, [draw(st.integers(0, 5)) for _ in spikes]), "auditory": ([], [])},
                {} if theta is None else {"forward": (theta, theta)},
                {"image": frames},
                1.0,
                frames[:2],
                2.0,
                tuple(Event(start, draw(texts), "[]") for _ in range(draw(st.integers(0, 2)))),
            )
        )
    return result


@settings(max_examples=25, deadline=None)
@given(segments())
def test_any_allowed_segments_come_back(tmp_path_factory, written):
    path = tmp_path_factory.mktemp("any") / "r.h5"
    writer = RecordingWriter(path, LAYOUT, {}, RECORDING)
    for record in written:
        writer.append(record)
    writer.complete()
    with open_recording(path) as recording:
        assert len(recording.segments) == len(written)
        for index, record in enumerate(written):
            assert_equal_records(record, recording.record(index))
        describe(recording)


def test_a_recording_of_a_network_without_synapses_and_stimuli(tmp_path):
    writer = RecordingWriter(tmp_path / "r.h5", Layout({"only": 3}), {}, Recording())
    writer.append(SegmentRecord(0, 0.0, 1.0, "off", "", {"only": ([], [])}))
    writer.complete()
    with open_recording(tmp_path / "r.h5") as recording:
        assert recording.projections == () and recording.sources == {}
        assert len(recording.presentations) == 0
        assert recording.counts("only", [[0, 1]]).tolist() == [[0, 0, 0]]


def test_a_run_with_several_recordings_names_them(run, tmp_path):
    for part in ("sampling", "training"):
        (tmp_path / part).mkdir()
        shutil.copy(run / "recording.h5", tmp_path / part)
    with pytest.raises(RecordingError, match=r"several recordings: .*sampling, .*training"):
        open_recording(tmp_path)
