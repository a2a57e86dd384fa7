"""The authors' numbers in the package are those of the fixtures; the table beside our runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.experiment.discovery import load
from spikingsampling.experiment.run_files import FinishedRun
from spikingsampling.protocols.studies.turnover.authors import authors_clusters, authors_metrics
from spikingsampling.protocols.studies.turnover.authors_table import authors_table, compare_with_authors

PHASES = {"se": "se", "ee": "ee", "ee_ee": "eeee", "ee_se": "eese"}


def test_the_authors_numbers_are_those_of_the_fixtures(authors: Path) -> None:
    with np.load(authors / "reference_stats.npz") as file:
        data = dict(file)
    clusters = authors_clusters()
    np.testing.assert_array_equal(clusters.means, data["gauss_means"].T)
    np.testing.assert_array_equal(clusters.transforms, data["gauss_map"])
    expected = {
        "formation_se": data["paper_formation_SE_pct"] / 100,
        "formation_ee_first": data["formation_EE_first30_pct"] / 100,
        "formation_ee": data["paper_formation_EE_pct"] / 100,
    }
    for ours, theirs in PHASES.items():
        last_ten_minutes = data[f"{theirs}_rates_hz"][:, -10:].mean(axis=1)
        expected |= {
            f"active_after_{ours}": data[f"{theirs}_n_active"][:, -1].sum(axis=-1, dtype=float) / 10_000,
            f"{ours}.theta_mean": data[f"{theirs}_theta_mean"][:, -1],
            f"{ours}.theta_sd": data[f"{theirs}_theta_std"][:, -1],
            f"{ours}.w_mean": data[f"{theirs}_w_mean"][:, -1],
            f"{ours}.information_bits": data[f"{theirs}_mi_bits_last10min"],
            f"{ours}.rate_lowest": last_ten_minutes.min(axis=-1),
            f"{ours}.rate_highest": last_ten_minutes.max(axis=-1),
        }
    for ours in ("ee_ee", "ee_se"):
        survival = data[f"{PHASES[ours]}_survival_cum30min_pct"] / 100
        expected |= {f"survival_{ours}_30min": survival[:, 1], f"survival_{ours}_60min": survival[:, 2]}
    found = authors_metrics()
    assert found.keys() == expected.keys()
    for name, values in found.items():
        np.testing.assert_allclose(values, expected[name], rtol=1e-14, err_msg=name)


def test_a_prediction_interval_by_hand() -> None:
    """Mean 4, sample variance 4, t(0.975, 2) = 4.302653: 4 ± 4.302653 · 2 · √(4/3)."""
    (row,) = compare_with_authors([{"x": 2.0}, {"x": 4.0}, {"x": 6.0}], {"x": np.array([14.0, -5.9, 13.9])})
    half = 4.302653 * 2 * np.sqrt(4 / 3)
    assert (row.mean, row.sd) == (4, 2)
    assert row.interval == pytest.approx((4 - half, 4 + half), rel=1e-6)  # −5.937 … 13.937
    assert row.n_outside == 1
    assert row.cells == ["x", "14.000 / -5.900 / 13.900", "4.000 ± 2.000", "-5.937 … 13.937", "1 outside"]
    (inside,) = compare_with_authors([{"x": 2.0}, {"x": 4.0}, {"x": 6.0}], {"x": np.array([4.0])})
    assert inside.cells[-1] == ""


def test_one_in_twenty_lies_outside_by_chance() -> None:
    """Runs of theirs from the same law as ours: the prediction interval is exact."""
    rng = np.random.default_rng(5)
    values = rng.normal(3, 2, (400, 11))
    outside = sum(
        compare_with_authors([{"x": v} for v in row[:10]], {"x": row[10:]})[0].n_outside for row in values
    )
    assert abs(outside - 20) < 4 * np.sqrt(400 * 0.05 * 0.95)


def finished(metrics: dict[str, float]) -> FinishedRun:
    return FinishedRun(Path("run"), {}, metrics)


def test_the_table_of_runs_that_are_like_theirs() -> None:
    theirs = authors_metrics()
    runs = [{name: values.mean() + shift for name, values in theirs.items()} for shift in (-0.1, 0, 0.1)]
    (table,) = authors_table([finished(run) for run in runs])
    assert len(table.rows) == len(theirs)
    assert table.rows[0] == ["formation_se", "0.089 / 0.092", "0.090 ± 0.100", "-0.406 … 0.587", ""]
    assert table.title.startswith("0 of 70 values of the authors' code lie outside; 3 runs")
    far = [{name: value + 10 * (name == "ee.w_mean") for name, value in run.items()} for run in runs]
    assert authors_table([finished(run) for run in far])[0].title.startswith("2 of 70")
    assert load("enriched_environment").table("authors") is authors_table


def test_too_few_or_other_runs_are_refused() -> None:
    with pytest.raises(ParameterError, match="2 given, a prediction interval needs at least 3"):
        compare_with_authors([{"x": 1.0}, {"x": 2.0}], {"x": np.zeros(2)})
    with pytest.raises(ParameterError, match="one has no y; all must be of enriched_environment"):
        compare_with_authors([{"x": 1.0}] * 3, {"y": np.zeros(2)})
