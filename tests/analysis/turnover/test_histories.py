"""Parameters and histories are read from recordings one after another, and side by side."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest

from spikingsampling.analysis.turnover import histories
from spikingsampling.analysis.turnover.histories import read_history, read_parameters

#: Two recordings, the second from the end of the first; two projections; what the snapshots hold.
TIMES = {"trunk": [10.0, 20.0], "branch": [30.0]}
THETA = {
    ("trunk", "a"): [[0.5, -1.0], [-0.2, 0.3]],
    ("branch", "a"): [[0.1, -0.4]],
    ("trunk", "b"): [[1.0], [-2.0]],
    ("branch", "b"): [[-3.0]],
}


class Recorded:
    """As an open recording, as far as it is used."""

    def __init__(self, path: str) -> None:
        self.path = path

    def snapshot_times(self, projection: str) -> np.ndarray:
        return np.array(TIMES[self.path])

    def theta(self, projection: str, rows: slice) -> np.ndarray:
        return np.array(THETA[self.path, projection], dtype=np.float32)[rows]

    def w(self, projection: str, rows: slice) -> np.ndarray:
        """Half of θ where it is positive; the first synapse of ``b`` was removed by a lesion."""
        half = np.maximum(self.theta(projection, rows), 0) / 2
        return np.zeros_like(half) if projection == "b" else half


@pytest.fixture(autouse=True)
def recordings(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def open_recording(path: str):
        yield Recorded(path)

    monkeypatch.setattr(histories, "open_recording", open_recording)


def test_parameters_are_read_in_the_order_of_time() -> None:
    times, theta = read_parameters(["trunk", "branch"], "a")
    np.testing.assert_array_equal(times, [10, 20, 30])
    np.testing.assert_array_equal(theta, np.float32([[0.5, -1.0], [-0.2, 0.3], [0.1, -0.4]]))
    _, w = read_parameters(["trunk"], "a", "w")
    np.testing.assert_array_equal(w, np.float32([[0.25, 0], [0, 0.15]]))


def test_a_history_joins_projections_and_knows_lesions() -> None:
    history = read_history(["trunk", "branch"], "a", "b")
    np.testing.assert_array_equal(history.times, [10, 20, 30])
    assert history.active.tolist() == [[True, False, False], [False, True, False], [True, False, False]]
