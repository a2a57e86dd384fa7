"""Principal components and regions of trajectories."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import kstest

from helpers.small_networks import chance
from spikingsampling.analysis import (
    block_permutation_p,
    choose_parameters,
    find_regions,
    principal_components,
    separation,
    sham_separations,
)
from spikingsampling.errors import ParameterError

TIMES = np.arange(8.0)
#: Around (0, 0) until 3 s, around (3, 4) afterwards, each with squared distances 1.
SQUARE = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]], dtype=float)
POINTS = np.vstack([SQUARE, SQUARE + np.array([3, 4])])


def test_the_same_generator_state_chooses_the_same_parameters() -> None:
    mask = np.arange(100) % 3 == 0
    chosen = choose_parameters(mask, 20, np.random.default_rng(1))
    np.testing.assert_array_equal(
        chosen, choose_parameters(np.flatnonzero(mask), 20, np.random.default_rng(1))
    )
    assert np.all(np.diff(chosen) > 0)
    assert mask[chosen].all()
    assert not np.array_equal(chosen, choose_parameters(mask, 20, np.random.default_rng(2)))


def test_every_candidate_is_as_likely() -> None:
    rng = np.random.default_rng(3)
    n = 4000
    counts = np.bincount(
        np.concatenate([choose_parameters([2, 5, 6, 9], 2, rng) for _ in range(n)]), minlength=10
    )
    assert set(np.flatnonzero(counts)) == {2, 5, 6, 9}
    assert np.all(np.abs(counts[[2, 5, 6, 9]] - n / 2) < chance(4) * np.sqrt(n / 4))


def test_principal_components_of_a_known_ellipse() -> None:
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    axes = np.linalg.qr(np.random.default_rng(4).normal(size=(6, 6)))[0]
    theta = 2.0 + np.outer(3 * np.cos(angle), axes[0]) + np.outer(np.sin(angle), axes[1])
    found = principal_components(theta, 3)
    np.testing.assert_allclose(found.explained, [0.9, 0.1, 0.0], atol=1e-12)
    np.testing.assert_allclose(np.abs(found.directions[:2] @ axes[:2].T), np.eye(2), atol=1e-10)
    np.testing.assert_allclose(np.abs(found.points[:, 0]), np.abs(3 * np.cos(angle)), atol=1e-10)
    assert found.participation_ratio == pytest.approx(1 / (0.81 + 0.01))
    # A rotation: distances stay what they are.
    np.testing.assert_allclose(
        np.linalg.norm(found.points[7] - found.points[90]), np.linalg.norm(theta[7] - theta[90])
    )


def test_separation_by_hand() -> None:
    found = separation(TIMES, POINTS, 3.0, 4.0)
    assert (found.distance, found.spread, found.ratio) == (5.0, 1.0, 5.0)
    # Two samples on each side: (0, 1), (0, −1) and (4, 4), (2, 4).
    near = separation(TIMES, POINTS, 3.0, 2.0)
    assert (near.distance, near.spread) == (5.0, 1.0)
    # The sample at the event is before it: (0, −1), (4, 4) and (2, 4), (3, 5).
    assert separation(TIMES, POINTS, 4.0, 2.0).distance == pytest.approx(np.hypot(0.5, 3.0))
    still = separation([0, 1, 2, 3], [[0.0], [0.0], [1.0], [1.0]], 1.0, 2.0)
    assert still.ratio == np.inf


def test_sham_events_keep_away_from_events() -> None:
    rng = np.random.default_rng(5)
    times = 10.0 * np.arange(61)
    points = rng.normal(size=(61, 3))
    when, ratios = sham_separations(times, points, [300.0], 100.0)
    np.testing.assert_array_equal(when, [*np.arange(100, 201, 10), *np.arange(400, 501, 10)])
    assert ratios[0] == separation(times, points, 100.0, 100.0).ratio
    jump = points + 50 * (times > 300)[:, None]
    np.testing.assert_allclose(sham_separations(times, jump, [300.0], 100.0)[1], ratios, rtol=1e-6)
    assert separation(times, jump, 300.0, 100.0).ratio > 10 * ratios.max()


def test_a_jump_is_significant_and_the_smallest_p_is_that_of_all_deals() -> None:
    rng = np.random.default_rng(6)
    times = np.arange(1, 81.0)
    points = rng.normal(size=(80, 3)) + 10 * (times > 40)[:, None]
    # Four blocks on each side: of the 70 deals, the true one and its mirror image are as far apart.
    assert block_permutation_p(times, points, 40.0, 40.0, block=10.0, rng=rng) == pytest.approx(2 / 70)
    drawn = block_permutation_p(times, points, 40.0, 40.0, block=4.0, rng=rng, n_permutations=199)
    assert drawn == 1 / 200


def ornstein_uhlenbeck(n: int, tau: float, rng: np.random.Generator) -> np.ndarray:
    decay = np.exp(-1 / tau)
    noise = rng.standard_normal((n, 5))
    path = noise[:1]
    for row in noise[1:]:
        path = np.vstack([path, decay * path[-1] + np.sqrt(1 - decay**2) * row])
    return path


def test_p_values_are_uniform_when_nothing_happens_and_blocks_are_long() -> None:
    rng = np.random.default_rng(7)
    times = np.arange(1, 201.0)
    p = [
        block_permutation_p(times, ornstein_uhlenbeck(200, 1.0, rng), 100.0, 100.0, block=20.0, rng=rng)
        for _ in range(60)
    ]
    assert kstest(p, "uniform").pvalue > 1e-4


def test_single_samples_as_blocks_ignore_the_autocorrelation_and_longer_ones_do_not() -> None:
    """With the autocorrelation ignored, slow noise looks like a change of region."""
    rng = np.random.default_rng(8)
    times = np.arange(1, 121.0)
    paths = [ornstein_uhlenbeck(120, 4.0, rng) for _ in range(40)]

    def share(block: float) -> float:
        p = [
            block_permutation_p(times, path, 60.0, 60.0, block=block, rng=rng, n_permutations=99)
            for path in paths
        ]
        return float(np.mean(np.array(p) <= 0.05))

    assert share(1.0) > 0.3
    assert share(15.0) < 0.05 + chance() * np.sqrt(0.05 * 0.95 / len(paths))


def test_regions_by_hand() -> None:
    back = np.vstack([POINTS, SQUARE])
    found = find_regions(back, np.repeat([1, 2, 4], 4))
    assert found.phases.tolist() == [1, 2, 4]
    np.testing.assert_allclose(found.centroids, [[0, 0], [3, 4], [0, 0]], atol=1e-12)
    np.testing.assert_allclose(found.spreads, 1)
    np.testing.assert_allclose(found.ratios, [[0, 5, 0], [5, 0, 5], [0, 5, 0]], atol=1e-12)
    # Phase 4 is back in the region of phase 1; phase 2 is on its own.
    assert found.nearest[1].tolist() == [0, 1, 0]
    assert found.nearest[2, 1] == 0
    np.testing.assert_allclose(found.nearest.sum(axis=1), 1)


def test_samples_between_the_phases_are_left_out() -> None:
    found = find_regions(POINTS, [0, 0, 0, 0, -1, 1, 1, 1])
    np.testing.assert_allclose(found.centroids[1], POINTS[5:].mean(axis=0))


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (
            lambda: choose_parameters([1, 2, 2], 3, np.random.default_rng(0)),
            "n_chosen = 3: must be from 1 to the 2",
        ),
        (lambda: principal_components(np.ones((4, 3))), "theta: does not change over time"),
        (lambda: principal_components(np.eye(4), 5), "n_components = 5: must be from 1 to 4"),
        (lambda: principal_components(np.ones(4)), r"theta has shape \(4,\)"),
        (lambda: principal_components([[1, np.nan]]), "theta holds nan"),
        (lambda: separation(TIMES, POINTS, 0.0, 4.0), "must hold two samples on each side, not 1 and 4"),
        (lambda: separation(TIMES[::-1], POINTS, 3.0, 4.0), "rising"),
        (lambda: separation(TIMES, POINTS[:5], 3.0, 4.0), r"points has shape \(5, 2\): must be \(8, n_dim"),
        (lambda: sham_separations(TIMES, POINTS, [3.0], 4.0), r"window = 4.0 s: no stretch of two windows"),
        (
            lambda: block_permutation_p(TIMES, POINTS, 3.0, 4.0, block=4.0, rng=np.random.default_rng(0)),
            r"block = 4.0 s: must leave at least two blocks",
        ),
        (lambda: find_regions(POINTS, np.zeros(8, dtype=int)), r"phase holds \[0\]: must hold at least two"),
        (lambda: find_regions(POINTS, [0, 1]), r"phase int64 \(2,\): must be integers of shape \(8,\)"),
        (lambda: find_regions(POINTS, np.zeros(8)), "phase float64"),
    ],
)
def test_wrong_input_is_named(act: Callable[[], object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        act()
