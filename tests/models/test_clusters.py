"""Clusters and tuning curves against the authors' code, closed forms and moments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spikingsampling.errors import DataError
from spikingsampling.models.clusters import (
    ClusterParameters,
    Clusters,
    TuningCurves,
    cluster_stimuli,
    draw_items,
)

SMALL = ClusterParameters(n_inputs=30, n_clusters=4, samples=50)


def test_samples_and_rates_are_those_of_the_authors(authors: Path) -> None:
    with np.load(authors / "fixture_input.npz") as f:
        clusters = Clusters(f["gauss_means"].T, f["gauss_map"])
        tuning = TuningCurves(f["tuning_centres"].T, ClusterParameters(n_inputs=50))
        rng = FixedNormals(f["z"].T[:, None])
        points = np.array([clusters.samples(1, rng)[c, 0] for c in f["cluster"]])
        np.testing.assert_allclose(points, f["sample"].T, rtol=0, atol=1e-12)
        np.testing.assert_allclose(tuning.rates(points), f["rate_hz"].T, rtol=1e-12)


class FixedNormals:
    """A generator whose standard normal numbers are given, the same for all clusters of a draw."""

    def __init__(self, rows: np.ndarray) -> None:
        self.rows = iter(rows)

    def standard_normal(self, shape: tuple[int, ...]) -> np.ndarray:
        return np.broadcast_to(next(self.rows), shape)


def test_rates_by_hand() -> None:
    p = ClusterParameters(n_inputs=2, width=0.5, base_rate="3 Hz", peak_rate="10 Hz")
    tuning = TuningCurves(np.array([[0.0, 0.0, 0.0], [0.0, 0.3, 0.4]]), p)
    rates = tuning.rates(np.array([[0.0, 0.0, 0.0], [0.5, 0.0, 0.0]]))
    # Squared distances over width²: 0 and 1; 1 and 2.
    np.testing.assert_allclose(rates, 3 + 10 * np.exp([[0, -1], [-1, -2]]))


def test_drawn_clusters_have_the_moments_of_the_authors_law() -> None:
    p = ClusterParameters(n_clusters=1000)
    clusters = Clusters.draw(p, np.random.default_rng(0))
    n = clusters.means.size
    assert clusters.means.mean() == pytest.approx(0.5, abs=4 * 0.2 / np.sqrt(n))
    assert clusters.means.std() == pytest.approx(0.2, rel=4 / np.sqrt(2 * n))
    noise = clusters.transforms - 0.04 * np.eye(3)
    assert noise.std() == pytest.approx(0.01, rel=4 / np.sqrt(2 * noise.size))
    one = Clusters(clusters.means[:1], clusters.transforms[:1])
    points = one.samples(20_000, np.random.default_rng(1))[0]
    expected = one.transforms[0] @ one.transforms[0].T
    error = np.sqrt(2 * expected.max() ** 2 / len(points))
    np.testing.assert_allclose(np.cov(points.T), expected, atol=4.5 * error)
    # The mean: within 4.5 standard errors of the centre.
    sd = np.sqrt(np.diag(expected) / len(points))
    assert np.all(np.abs(points.mean(axis=0) - one.means[0]) < 4.5 * sd)


def test_the_library_holds_the_rates_of_the_points_of_each_cluster() -> None:
    clusters = Clusters(np.arange(12.0).reshape(4, 3) / 12, np.zeros((4, 3, 3)))  # points at the centres
    tuning = TuningCurves.draw(SMALL, np.random.default_rng(5))
    assert tuning.centres.shape == (30, 3)
    assert 0 <= tuning.centres.min() < 0.1
    assert 0.9 < tuning.centres.max() <= 1
    stimuli = cluster_stimuli(SMALL, clusters, tuning, np.random.default_rng(6), period=0.4)
    library = stimuli.libraries["input"]
    assert library.labels.tolist() == [1] * 50 + [2] * 50 + [3] * 50 + [4] * 50
    assert (library.silent_rate, stimuli.presentation_period) == (2.0, 0.4)
    np.testing.assert_allclose(library.rates[130, 0], tuning.rates(clusters.means[[2]])[0])


def test_items_are_of_the_clusters_asked_for() -> None:
    rng = np.random.default_rng(2)
    tuning = TuningCurves.draw(SMALL, rng)
    stimuli = cluster_stimuli(SMALL, Clusters.draw(SMALL, rng), tuning, rng)
    items, labels = draw_items(stimuli, (2, 4), 4000, rng)
    assert set(labels) == {2, 4}
    np.testing.assert_array_equal(stimuli.libraries["input"].labels[items["input"]], labels)
    assert abs((labels == 2).sum() - 2000) < 4 * np.sqrt(1000)
    assert set(items["input"]) == {*range(50, 100), *range(150, 200)}  # all points of both
    with pytest.raises(DataError, match=r"there is no cluster 5 \(1 … 4\)"):
        draw_items(stimuli, (1, 5), 10, rng)
