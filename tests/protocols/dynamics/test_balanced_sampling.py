"""What is measured in a balanced network, on arrays made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.models.dynamics.activity import Activity
from spikingsampling.protocols.dynamics.balanced_sampling import PROTOCOL
from spikingsampling.protocols.studies.dynamics.spiking.balanced import pair_correlation, survival


def activity(counts: np.ndarray, width: float = 20e-3) -> Activity:
    """Spikes at the beginning of the bins of (n_bins, n_neurons) counts."""
    bins, neurons = np.nonzero(counts)
    repeats = counts[bins, neurons]
    times = np.repeat(bins * width, repeats)
    return Activity(times, np.repeat(neurons, repeats).astype(np.int32), counts.shape[1], len(counts) * width)


def test_correlation_by_hand() -> None:
    one = np.array([0, 1, 0, 1, 1, 0])
    assert pair_correlation(activity(np.stack([one, one], axis=1))) == pytest.approx(1)
    assert pair_correlation(activity(np.stack([one, 1 - one], axis=1))) == pytest.approx(-1)
    # A silent neuron has no correlation, and does not count.
    assert pair_correlation(activity(np.stack([one, one, 0 * one], axis=1))) == pytest.approx(1)
    three = np.random.default_rng(1).poisson(2, (50, 3))
    expected = np.corrcoef(three.T)[np.triu_indices(3, 1)].mean()
    assert pair_correlation(activity(three)) == pytest.approx(expected)


def test_survivors_are_those_of_the_beginning() -> None:
    active = np.array([[1, 1, 1, 1, 0], [1, 1, 0, 1, 1], [1, 0, 0, 1, 1], [1, 1, 0, 0, 1]])
    assert survival(active).tolist() == [1, 0.75, 0.5, 0.5]


@pytest.mark.parametrize("preset", PROTOCOL.presets)
def test_presets_have_whole_segments(preset: str) -> None:
    c = PROTOCOL.configure(preset)
    for time in (c.settle, c.learn):
        assert time / c.network.segment == round(time / c.network.segment) > 0
