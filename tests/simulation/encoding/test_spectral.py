"""Spectral edges: rises and falls of hand-made spectra."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.simulation.encoding import spectral_edges


def test_a_peak_rises_below_and_falls_above_it() -> None:
    levels = np.array([0.0, 0.1, 0.4, 1.0, 0.6, 0.6, 0.0])
    edges = spectral_edges(levels)
    np.testing.assert_allclose(edges, [0.4, 0.9, 0.2, 0, 0, 0, 0, 0, 0.4, 0.6], atol=1e-15)
    np.testing.assert_array_equal(spectral_edges(levels[::-1]), edges[::-1])


def test_what_all_channels_share_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    levels = rng.uniform(0, 0.5, (4, 8, 20))
    np.testing.assert_allclose(
        spectral_edges(levels + rng.uniform(0, 0.5, (4, 8, 1))), spectral_edges(levels), atol=1e-15
    )
    assert not spectral_edges(np.full((8, 20), 0.7)).any()


def test_frames_do_not_mix_and_loudness_scales() -> None:
    levels = np.random.default_rng(2).uniform(0, 1, (3, 8, 20))
    edges = spectral_edges(levels)
    assert edges.shape == (3, 8, 36)
    np.testing.assert_array_equal(spectral_edges(levels[1, 5]), edges[1, 5])
    np.testing.assert_allclose(spectral_edges(levels / 4), edges / 4)
    np.testing.assert_allclose(edges[..., :18] - edges[..., 18:], levels[..., 2:] - levels[..., :-2])
    assert not (edges[..., :18] * edges[..., 18:]).any()  # nothing rises and falls at once


@pytest.mark.parametrize(
    ("activity", "message"),
    [
        (0.5, r"shape \(\): must have at least 3 channels"),
        (np.ones((5, 2)), r"shape \(5, 2\): must have at least 3 channels"),
        (np.full((2, 5), -0.1), r"in \[-0.1, -0.1\]: must be in \[0, 1\]"),
        (np.full((2, 5), np.nan), r"in \[nan, nan\]"),
    ],
)
def test_wrong_activity(activity: object, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        spectral_edges(activity)
