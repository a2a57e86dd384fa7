"""Snapshots that a response carries: those of the recording, also when a run is resumed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from helpers.small.simulations import items, simulation
from spikingsampling import open_recording


def test_a_response_carries_the_snapshot_that_was_asked_for(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    with simulation("runtime", directory=directory) as sim:
        without = sim.present(items(10), learning="sampling")
        first = sim.present(items(10, 1), learning="sampling", snapshot=True)
        theta = {p.name: sim.theta(p.name) for p in sim.network.projections}
    assert not without.snapshots
    with open_recording(directory) as recording:
        for name in theta:
            np.testing.assert_array_equal(first.snapshots[name][0], theta[name].astype(np.float32))
            np.testing.assert_array_equal(first.snapshots[name][0], recording.theta(name, first.start + 2))
            np.testing.assert_array_equal(first.snapshots[name][1], recording.w(name, first.start + 2))
    with simulation("runtime", directory=directory, resuming=True) as sim:
        sim.present(items(10), learning="sampling")
        again = sim.present(items(10, 1), learning="sampling", snapshot=True)
    assert again.snapshots.keys() == first.snapshots.keys()
    for name, pair in first.snapshots.items():
        for before, after in zip(pair, again.snapshots[name], strict=True):
            np.testing.assert_array_equal(before, after, strict=True)
