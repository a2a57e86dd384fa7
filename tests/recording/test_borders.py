"""A spike lies on one side of a border, wherever it is counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.recording.borders import count_spikes, first_after, first_at
from spikingsampling.recording.journal import RunStore
from spikingsampling.recording.reading import open_recording
from spikingsampling.recording.record import Layout, ProjectionLayout, SegmentRecord
from spikingsampling.recording.settings import Recording
from spikingsampling.simulation.response import Response

SIZE = 3


def test_borders_by_hand() -> None:
    """0.3 s as a sum of floats lies on either side of 0.3; a time within a step does not."""
    times = np.array([0.1, 0.1 + 0.2, 0.5])
    for border in (0.3, 0.1 + 0.2, np.nextafter(0.3, 0), 3 * 0.1):
        assert (first_at(times, border), first_after(times, border)) == (1, 2)
    assert first_at(times, 0.3004) == 2  # inside a step: that spike was before
    assert first_after(times, 0.2996) == 1
    np.testing.assert_array_equal(first_at(times, [-np.inf, np.inf]), [0, 3])
    np.testing.assert_array_equal(
        count_spikes(times, np.array([0, 2, 2]), np.array([[0.3, 0.6], [0, 0.3]]), 3), [[0, 0, 2], [1, 0, 0]]
    )


def spikes_of_segment(start: float, steps: int, dt: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Spikes as an engine and a segment make them: at a multiple of ``dt`` after the start, many at borders."""
    rng = np.random.default_rng(seed)
    fired = np.flatnonzero((rng.random(steps) < 0.3) | (np.arange(steps) % 10 == 0))
    return start + fired * dt, rng.integers(SIZE, size=len(fired))


@pytest.mark.parametrize(
    ("dt", "period", "timing"), [(1e-3, 0.2, "dt=0.001"), (1e-3, 0.06, None), (2.5e-4, 0.1, "dt=0.00025")]
)
def test_all_counts_agree_and_lose_nothing(
    dt: float, period: float, timing: str | None, tmp_path: Path
) -> None:
    """Segments begin at sums of floats, as in a long run; every place that counts shares out the same spikes."""
    n, n_segments = 7, 20
    start, steps, records, spikes = 0.0, round(n * period / dt), [], []
    attributes = {} if timing is None else {"timing": f"Timing({timing}, frame_period={period})"}
    with RunStore.create(tmp_path / "run", Layout({"p": SIZE}), attributes, Recording()) as store:
        for index in range(n_segments):
            stop = start + n * period
            fired = spikes_of_segment(start, steps, dt, index)
            records.append((start, fired))
            spikes.append(fired)
            store.commit(
                SegmentRecord(
                    index,
                    start,
                    stop,
                    "off",
                    "",
                    {"p": fired},
                    items=np.zeros(n, int),
                    presentation_period=period,
                ),
                {"x": np.zeros(1)},
            )
            start = stop
        store.finish()
    expected = np.concatenate(
        [
            np.histogram2d(
                np.rint((t - begin) / dt) // round(period / dt), k, (range(n + 1), range(SIZE + 1))
            )[0]
            for begin, (t, k) in records
        ]
    ).astype(int)
    times, neurons = (np.concatenate([part[k] for part in spikes]) for k in (0, 1))
    response = Response(
        np.zeros(n * n_segments, int), {}, 0.0, period, {"p": (times, neurons)}, {"p": SIZE}, dt=dt
    )
    np.testing.assert_array_equal(response.counts("p"), expected)
    with open_recording(tmp_path / "run") as recording:
        shown = recording.presentations
        intervals = np.stack([shown["start"], shown["stop"]], axis=1)
        np.testing.assert_array_equal(recording.counts("p", intervals), expected)
        windows = [recording.spikes("p", *map(float, window)) for window in intervals]
        assert sum(len(window[0]) for window in windows) == len(times) == expected.sum()
        for window, counts in zip(windows, expected, strict=True):
            np.testing.assert_array_equal(np.bincount(window[1], minlength=SIZE), counts)
        for wrong in (np.nan, [0.0]):
            with pytest.raises(ParameterError, match=r"start = .*: must be a time in s"):
                recording.spikes("p", start=wrong)


def test_a_snapshot_is_found_at_its_time(tmp_path: Path) -> None:
    """The time that one asks for is a product, the time of the snapshot a sum."""
    layout = Layout({"p": SIZE}, {"s_to_p": ProjectionLayout("s", "p", [0, 0], [0, 1])}, {"s": 1})
    start = 0.0
    with RunStore.create(tmp_path / "run", layout, {}, Recording(snapshot_period="0 s")) as store:
        for index in range(12):
            theta = np.full(2, float(index))
            store.commit(
                SegmentRecord(
                    index, start, start + 0.1, "off", "", {"p": ([], [])}, {"s_to_p": (theta, theta)}
                ),
                {"x": theta},
            )
            start += 0.1
        store.finish()
    with open_recording(tmp_path / "run") as recording:
        for index in range(12):
            assert recording.theta("s_to_p", (index + 1) / 10)[0] == index
            assert len(recording.theta("s_to_p", slice((index + 1) / 10, None))) == 12 - index
            assert len(recording.theta("s_to_p", slice(None, (index + 1) / 10))) == index + 1


def test_skipped_time_is_checked() -> None:
    response = Response(np.zeros(1, int), {}, 0.0, 0.2, {"p": (np.array([0.1]), np.array([0]))}, {"p": 1})
    assert response.counts("p", skip=np.float32(0.5)) == 0
    for wrong in (-0.1, np.nan, "0.1", True):
        with pytest.raises(ParameterError, match=r"skip = .*: must be a finite number, at least 0"):
            response.counts("p", skip=wrong)


def test_a_presentation_begins_at_the_very_time_of_a_spike_in_its_first_step(tmp_path: Path) -> None:
    """So that whoever compares times without a margin is right, too."""
    start, n = 0.0, 100
    with RunStore.create(
        tmp_path / "run", Layout({"p": 1}), {"timing": "Timing(dt=0.001)"}, Recording()
    ) as store:
        for index in range(8):
            stop = start + n * 0.06
            times = start + 1e-3 * np.arange(0, n * 60, 60)
            record = SegmentRecord(
                index,
                start,
                stop,
                "off",
                "",
                {"p": (times, np.zeros(n, int))},
                items=np.zeros(n, int),
                presentation_period=0.06,
            )
            store.commit(record, {"x": np.zeros(1)})
            start = stop
        store.finish()
    with open_recording(tmp_path / "run") as recording:
        shown, times = recording.presentations, recording.spikes("p")[0]
        np.testing.assert_array_equal(shown["start"], times)
        same = shown["segment"][1:] == shown["segment"][:-1]
        np.testing.assert_array_equal(shown["start"][1:][same], shown["stop"][:-1][same])
        np.testing.assert_allclose(shown["start"][1:], shown["stop"][:-1], rtol=1e-14)
        assert recording.dt == 1e-3
