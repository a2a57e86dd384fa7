"""Clusters and tuning curves against the authors' code, and the measures of the environments."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import entropy

from spikingsampling.analysis.information import mutual_information
from spikingsampling.errors import DataError, ParameterError
from spikingsampling.experiment.discovery import load
from spikingsampling.models.clusters import (
    ClusterParameters,
    Clusters,
    TuningCurves,
    cluster_stimuli,
    draw_items,
)
from spikingsampling.protocols.studies.turnover import authors_table

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


def test_the_authors_clusters_are_read_from_their_statistics(authors: Path, tmp_path: Path) -> None:
    clusters = Clusters.read(authors / "reference_stats.npz")
    assert clusters.means.shape == (7, 3)
    assert clusters.transforms.shape == (7, 3, 3)
    with pytest.raises(DataError, match=r"must be the file reference_stats\.npz"):
        Clusters.read(tmp_path / "missing.npz")
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(DataError, match="gauss_means"):
        Clusters.read(tmp_path / "other.npz")


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


def test_items_are_of_the_clusters_asked_for() -> None:
    rng = np.random.default_rng(2)
    tuning = TuningCurves.draw(SMALL, rng)
    assert tuning.centres.shape == (30, 3)
    stimuli = cluster_stimuli(SMALL, Clusters.draw(SMALL, rng), tuning, rng)
    items, labels = draw_items(stimuli, (2, 4), 4000, rng)
    assert set(labels) == {2, 4}
    np.testing.assert_array_equal(stimuli.libraries["input"].labels[items["input"]], labels)
    assert abs((labels == 2).sum() - 2000) < 4 * np.sqrt(1000)
    assert len(np.unique(items["input"])) == 100
    with pytest.raises(DataError, match=r"there is no cluster 5 \(1 … 4\)"):
        draw_items(stimuli, (1, 5), 10, rng)


# --- information --------------------------------------------------------------------------------------------


def test_mutual_information_is_that_of_the_entropies() -> None:
    counts = np.random.default_rng(3).integers(0, 30, (6, 4))
    joint = counts / counts.sum()
    expected = entropy(joint.sum(1), base=2) + entropy(joint.sum(0), base=2) - entropy(joint.ravel(), base=2)
    assert mutual_information(counts) == pytest.approx(expected)
    assert mutual_information(np.eye(4)) == pytest.approx(2)
    assert mutual_information(np.outer([1, 2, 3], [5, 7])) == pytest.approx(0, abs=1e-12)
    for wrong in (np.zeros((2, 2)), [1, 2], [[1, -1]]):
        with pytest.raises(ParameterError, match="must be a matrix of counts"):
            mutual_information(wrong)


# --- the table beside the authors' code ---------------------------------------------------------------------


def test_a_value_outside_the_prediction_interval_is_counted() -> None:
    rng = np.random.default_rng(4)
    runs = [{"x": value} for value in rng.normal(0, 1, 10)]
    row = authors_table.compare(runs, {"x": np.array([0.0, 9.0])})[0]
    assert row.n_outside == 1
    assert row.interval[0] < -1.5 < 1.5 < row.interval[1]
    with pytest.raises(ParameterError, match="2 given, an interval needs at least 3"):
        authors_table.compare(runs[:2], {"x": np.zeros(2)})


def test_one_in_twenty_lies_outside_by_chance() -> None:
    """Runs of theirs from the same law as ours: the prediction interval is exact."""
    rng = np.random.default_rng(5)
    values = rng.normal(3, 2, (400, 11))
    outside = sum(
        authors_table.compare([{"x": v} for v in row[:10]], {"x": row[10:]})[0].n_outside for row in values
    )
    assert abs(outside - 20) < 4 * np.sqrt(400 * 0.05 * 0.95)


def test_their_statistics_have_the_names_of_our_metrics(authors: Path, tmp_path: Path, capsys) -> None:
    reference = authors_table.reference_metrics(authors / "reference_stats.npz")
    assert reference["active_after_se"].tolist() == [0.3908, 0.4023]
    assert reference["survival_ee_se_60min"] == pytest.approx([0.1772, 0.2447], abs=1e-4)
    folders = []
    for number in range(3):
        folders.append(tmp_path / str(number))
        folders[-1].mkdir()
        made = {name: float(values.mean()) + 1e-3 * number for name, values in reference.items()}
        (folders[-1] / "metrics.json").write_text(json.dumps(made))
    options = [*map(str, folders), "--reference", str(authors / "reference_stats.npz")]
    assert authors_table.main(options) == 0
    assert "| `formation_se` | 0.089 / 0.092 |" in capsys.readouterr().out
    assert authors_table.main([str(tmp_path / "none"), *options]) == 2


@pytest.mark.parametrize("standard", ["30 min", "20 min"])
def test_an_interval_that_begins_before_the_first_snapshot_is_refused(standard: str) -> None:
    with pytest.raises(ParameterError, match="must fit into every phase, and be shorter than the first"):
        load("enriched_environment").configure("quick", {"environments": {"standard": standard}})
