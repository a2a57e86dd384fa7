"""The viewers of a report in a real browser: zoom, steps through time and snapshots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers.browser import press, view, visit
from helpers.runs.report_runs import write_run
from spikingsampling.recording.reading import open_recording
from spikingsampling.recording.record import Layout, SegmentRecord
from spikingsampling.recording.settings import Recording
from spikingsampling.recording.writing import RecordingWriter
from spikingsampling.report import write_report

N_SPIKES, DURATION, SIZE = 100_000, 200.0, 30


@pytest.fixture(scope="module")
def big_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose neurons fire one after the other, so that each window of time has its own raster."""
    directory = write_run(tmp_path_factory.mktemp("big") / "run", recordings=())
    rng = np.random.default_rng(1)
    writer = RecordingWriter(directory / "recording.h5", Layout({"only": SIZE}), {}, Recording())
    for index, label in enumerate(("train", "test")):
        start = index * DURATION / 2
        times = np.sort(start + rng.uniform(0, DURATION / 2, N_SPIKES // 2))
        neurons = (times / DURATION * SIZE).astype(int)
        mode = "sampling" if index == 0 else "off"
        writer.append(
            SegmentRecord(index, start, start + DURATION / 2, mode, label, {"only": (times, neurons)})
        )
    writer.complete()
    return directory


def test_the_raster_zooms_and_steps_through_time(chrome: Any, big_run: Path) -> None:
    visit(chrome, write_report(big_run))
    whole = view(chrome, "raster")
    assert whole[1].startswith("0.000 s to 200.000 s")
    assert "bins of 1 ms" in whole[1]
    # The browser has unpacked the same spikes: the fullest cell that it draws is that of NumPy.
    columns = 2 * (chrome.execute_script("return document.querySelector('canvas').clientWidth") - 70)
    with open_recording(big_run) as recording:
        times, neurons = recording.spikes("only")
    bins = np.floor(times * 1e3 + 1e-6)
    counts, *_ = np.histogram2d(
        np.floor(bins * columns * 1e-3 / 200 + 1e-6), neurons, [columns, SIZE], [[0, columns], [0, SIZE]]
    )
    assert f"darkest: {counts.max():.0f} spikes" in whole[1]
    press(chrome, "raster", "zoom in")
    zoomed = view(chrome, "raster")
    assert zoomed[1].startswith("75.000 s to 125.000 s")
    press(chrome, "raster", "one window later")
    later = view(chrome, "raster")
    assert later[1].startswith("125.000 s to 175.000 s")
    assert len({whole[0], zoomed[0], later[0]}) == 3
    slider = """
        const slider = document.querySelector("figure[data-view=raster] input.time");
        slider.value = 0; slider.dispatchEvent(new Event("input"));
    """
    chrome.execute_script(slider)
    first = view(chrome, "raster")
    assert first[1].startswith("0.000 s to 50.000 s")
    assert first[0] != later[0]
    press(chrome, "raster", "the whole recording")
    assert view(chrome, "raster") == whole


def test_the_histogram_steps_through_snapshots(chrome: Any, tmp_path: Path) -> None:
    visit(chrome, write_report(write_run(tmp_path / "run")))
    last = view(chrome, "histogram")
    with open_recording(tmp_path / "run") as recording:
        theta, w = recording.theta("forward"), recording.w("forward")
    mean = f"{theta.mean():.3f}".replace("-", "−")
    assert last[1] == f"t = 40 s (snapshot 2 of 2): {100 * np.mean(w > 0):.1f} % active, mean θ {mean}"
    press(chrome, "histogram", "the snapshot before")
    first = view(chrome, "histogram")
    assert "snapshot 1 of 2" in first[1]
    assert first[0] != last[0]
    press(chrome, "histogram", "zoom in")
    assert view(chrome, "histogram")[0] != first[0]
