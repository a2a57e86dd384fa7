"""What is read from bumps, on arrays made by hand and on processes whose law is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikingsampling.models.dynamics.activity import Activity
from spikingsampling.protocols.studies.dynamics.memory.bumps import (
    Bump,
    diffusion_of_paths,
    fit_bump,
    mean_squared_displacement,
    profile,
    vectors,
)
from spikingsampling.protocols.studies.dynamics.memory.spiking import Schedule, first_bump

DIRECTIONS = 2 * np.pi * np.arange(8) / 8


def activity(spikes: list[tuple[float, int]], duration: float, n: int = 8) -> Activity:
    times, neurons = zip(*spikes, strict=True)
    return Activity(np.array(times), np.array(neurons, dtype=np.int32), n, duration)


def test_population_vectors_by_hand() -> None:
    """Two spikes at 90°; one each at 0° and 90°; none; and one that comes after the last whole window."""
    shown = activity([(0.0, 2), (0.0999, 2), (0.1, 0), (0.15, 2), (0.31, 5)], 0.32)
    times, z = vectors(shown, DIRECTIONS, 0.1)
    np.testing.assert_allclose(times, [0.05, 0.15, 0.25])
    np.testing.assert_allclose(z, [1j, (1 + 1j) / 2, 0], atol=1e-12)
    assert np.abs(z[1]) == pytest.approx(math.sqrt(0.5))


def test_profile_by_hand() -> None:
    """The read-out goes from 0° to 90°; neurons at it and 45° above it fire. Two windows of 0.1 s, one neuron a bin."""
    shown = activity([(0.01, 0), (0.02, 0), (0.03, 1), (0.11, 2), (0.12, 3), (0.13, 6)], 0.2)
    distance, rates = profile(shown, DIRECTIONS + 1e-6, np.array([0.0, np.pi / 2]), 0.1, 8)
    np.testing.assert_allclose(np.degrees(distance), [-157.5, -112.5, -67.5, -22.5, 22.5, 67.5, 112.5, 157.5])
    np.testing.assert_allclose(rates, np.array([1, 0, 0, 0, 3, 2, 0, 0]) / 0.2)


def test_a_bump_is_found_again() -> None:
    bump = Bump(base=3.0, peak=21.0, width=0.4)
    distance = np.linspace(-np.pi, np.pi, 64, endpoint=False)
    found = fit_bump(distance, bump.rates(distance))
    assert (found.base, found.peak, found.width) == pytest.approx((3.0, 21.0, 0.4), rel=1e-5)
    assert bump.rates(np.array([bump.half_width]))[0] == pytest.approx(12.0)


def test_squared_displacements_by_hand() -> None:
    """A step of 1 rad per window, round the ring; and one that goes to and fro."""
    path = np.stack([np.angle(np.exp(1j * np.arange(8.0))), 0.5 * (np.arange(8) % 2)], axis=1)
    found = mean_squared_displacement(path, np.array([1, 2, 4]))
    np.testing.assert_allclose(found, [[1, 0.25], [4, 0], [16, 0]], atol=1e-12)
    # Windows of 0.5 s: v² (L2² − L1²)/(L2 − L1) with v = 2 rad/s.
    np.testing.assert_allclose(diffusion_of_paths(path, 0.5, 1.0, 2.0), [4 * 3, 0], atol=1e-12)


def test_diffusion_is_free_of_errors_of_the_read_out() -> None:
    """Brownian paths of 0.02 rad²/s, averaged over windows and read with an error: the mean of 4000 trials."""
    rng = np.random.default_rng(4)
    fine = np.cumsum(math.sqrt(0.02 * 0.01) * rng.standard_normal((600, 4000)), axis=0)
    path = fine.reshape(60, 10, 4000).mean(axis=1) + 0.05 * rng.standard_normal((60, 4000))
    found = diffusion_of_paths(path, 0.1, 0.3, 2.0)
    error = found.std() / math.sqrt(4000)
    assert error < 0.001
    assert found.mean() == pytest.approx(0.02, abs=4 * error)


def test_a_bump_has_come_when_it_stays() -> None:
    lengths = np.array([0.1, 0.3, 0.3, 0.1, 0.3, 0.4, 0.5, 0.1])
    times = np.arange(8) + 0.5
    assert first_bump(times, lengths) == 4.5
    assert first_bump(times, lengths - 0.2) == math.inf


def test_what_a_repetition_takes() -> None:
    s = Schedule(1.0, 2.0, 0.25, 375.0, 0.1, 0.5, 4.0, 1.5, 375.0, 1.0, 3, 0.1)
    assert s.duration == pytest.approx(3 + 3 * 6)
    assert s.lags == pytest.approx((0.3, 4 / 3))
    assert Schedule(1.0, 2.0, 0.25, 375.0, 0.1, 0.5, 1.2, 1.5, 375.0, 1.0, 3, 0.1).lags == pytest.approx(
        (0.2, 0.4)
    )


def test_the_first_seconds() -> None:
    shown = activity([(0.1, 1), (0.4, 2), (0.7, 3)], 1.0)
    early = shown.until(0.5)
    assert (early.duration, early.neurons.tolist()) == (0.5, [1, 2])
    assert shown.until(5.0).duration == 1.0
