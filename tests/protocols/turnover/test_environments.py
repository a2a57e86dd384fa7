"""The measures of the enriched environment, on arrays made by hand and on the authors' own numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spikingsampling.analysis import SynapseHistory, fit_survival
from spikingsampling.errors import ParameterError
from spikingsampling.experiment.discovery import load
from spikingsampling.models.circuits import Environments
from spikingsampling.protocols.studies.turnover.environments import (
    parameter_metrics,
    response_metrics,
    survival_fit,
    turnover_metrics,
)

#: In steps of 10 s: standard environment until 30 s, enriched one until 60 s, follow-up until 90 s.
ENVIRONMENTS = Environments(standard="30 s", enriched="30 s", follow_up="30 s", interval="10 s")
COMMON = [
    [1, 1, 0, 0, 0, 0, 0, 0, 0, 0],  # 10 s
    [1, 1, 1, 1, 0, 0, 0, 0, 0, 0],  # 20 s
    [1, 1, 1, 0, 1, 0, 0, 0, 0, 0],  # 30 s: of four active one is new
    [1, 0, 1, 0, 0, 1, 1, 0, 0, 0],  # 40 s: two are new
    [1, 0, 0, 1, 0, 1, 0, 0, 0, 0],  # 50 s: one is new
    [1, 0, 0, 1, 0, 0, 1, 1, 1, 1],  # 60 s: four are new
]
#: The four that are new at 60 s, in the last columns: 4, 3 and 1 of them survive, or 2, 1 and 0.
STAYS = [
    [1, 0, 0, 0, 0, 0, 1, 1, 1, 1],
    [1, 0, 0, 0, 0, 0, 1, 1, 0, 1],
    [1, 0, 0, 1, 1, 0, 0, 1, 1, 0],  # the third one is back, and does not count
]
RETURNS = [
    [1, 1, 0, 0, 0, 0, 1, 0, 0, 1],
    [1, 1, 0, 0, 0, 0, 0, 0, 0, 1],
    [0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
]


def history(branch: list[list[int]]) -> SynapseHistory:
    return SynapseHistory(10.0 * np.arange(1, 10), np.array(COMMON + branch, dtype=bool))


HISTORIES = {"ee_ee": history(STAYS), "ee_se": history(RETURNS)}


def test_turnover_by_hand() -> None:
    assert turnover_metrics(HISTORIES, ENVIRONMENTS) == pytest.approx(
        {
            "formation_se": 1 / 4,  # 20 → 30 s, against 20 s
            "formation_ee_first": 2 / 4,  # 30 → 40 s, against 30 s
            "formation_ee": 4 / 4,  # 50 → 60 s, against 30 s; there are three active at 50 s
            "active_after_se": 0.4,
            "active_after_ee": 0.6,
            "active_after_ee_ee": 0.5,
            "survival_ee_ee_0.166667min": 4 / 4,
            "survival_ee_ee_0.333333min": 3 / 4,
            "survival_ee_ee_0.5min": 1 / 4,
            "active_after_ee_se": 0.1,
            "survival_ee_se_0.166667min": 2 / 4,
            "survival_ee_se_0.333333min": 1 / 4,
            "survival_ee_se_0.5min": 0,
        }
    )


def test_a_fit_needs_four_intervals_and_comes_with_its_intervals() -> None:
    assert survival_fit(HISTORIES["ee_ee"], ENVIRONMENTS) is None
    rng = np.random.default_rng(1)
    lifetimes = np.where(rng.random(200) < 0.6, rng.exponential(15, 200), rng.exponential(200, 200))
    later = lifetimes > 10.0 * np.arange(1, 5)[:, None]
    rows = np.vstack([np.zeros((5, 200), dtype=bool), np.ones((1, 200), dtype=bool), later])
    long = SynapseHistory(10.0 * np.arange(1, 11), rows)
    environments = ENVIRONMENTS.replace(follow_up="40 s")
    fit = survival_fit(long, environments)
    assert fit == fit_survival(long.cohort(50, 60), "two_exponentials")
    first = np.array(rows)
    first[:3, 0] = [True, False, True]  # so that formation has something to compare with
    first[2:4, 1] = [False, True]
    metrics = turnover_metrics({"ee_se": SynapseHistory(long.times, first)}, environments)
    fitted = {name: metrics[f"fit_ee_se.{name}"] for name in ("fraction", "tau_fast", "tau_slow")}
    for name, estimate in fitted.items():
        assert (estimate.value, estimate.interval) == (fit.parameters[name], fit.intervals[name])
        assert estimate.n == 200
        assert estimate.bounds == ((0, 1) if name == "fraction" else (0, np.inf))


def test_rates_and_information_by_hand() -> None:
    """Three neurons in four presentations of 0.5 s, one of cluster 3: 2, 6 and 4 spikes in 2 s."""
    counts = np.array([[2, 0, 1], [0, 5, 1], [0, 1, 1], [0, 0, 1]])
    metrics = response_metrics(counts, np.array([5, 3, 5, 5]), 0.5)
    assert (metrics["rate_lowest"], metrics["rate_highest"]) == (1.0, 3.0)
    # Spikes by cluster: 3 → (0, 5, 1), 5 → (2, 1, 3), of 12.
    joint = np.array([[0, 5, 1], [2, 1, 3]]) / 12
    independent = np.outer([6, 6], [2, 6, 4]) / 144
    terms = joint[joint > 0] * np.log2(joint[joint > 0] / independent[joint > 0])
    assert metrics["information_bits"] == pytest.approx(terms.sum())


def test_moments_of_the_parameters_by_hand() -> None:
    metrics = parameter_metrics(np.array([-1.0, 0.0, 1.0, 4.0]), 2.0)
    assert metrics == pytest.approx(
        {
            "theta_mean": 1.0,
            "theta_sd": np.sqrt(14 / 3),  # squares 4, 1, 0, 9 over n − 1
            "w_mean": (np.exp(-3) + np.exp(-2) + np.exp(-1) + np.exp(2)) / 4,
            "active": 0.5,  # θ = 0 is retracted
        }
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_moments_are_those_of_the_authors(authors: Path, seed: int) -> None:
    with np.load(authors / "reference_stats.npz") as numbers:
        metrics = parameter_metrics(numbers["se_theta_end"][seed].ravel().astype(float), 3.0)
        theirs = {
            "theta_mean": numbers["se_theta_mean"][seed, -1],
            "theta_sd": numbers["se_theta_std"][seed, -1],
            "w_mean": numbers["se_w_mean"][seed, -1],
            "active": numbers["se_n_active"][seed, -1].sum() / 10_000,
        }
    assert metrics == pytest.approx(theirs, rel=1e-6)  # θ is kept in single precision


@pytest.mark.parametrize("standard", ["30 min", "20 min"])
def test_an_interval_that_begins_before_the_first_snapshot_is_refused(standard: str) -> None:
    with pytest.raises(ParameterError, match="must fit into every phase, and be shorter than the first"):
        load("enriched_environment").configure("quick", {"environments": {"standard": standard}})


@pytest.mark.parametrize("name", ["standard", "enriched", "follow_up", "interval"])
def test_times_that_are_not_sampled_are_refused(name: str) -> None:
    with pytest.raises(
        ParameterError, match=rf"environments.{name} = .* must be a multiple of the time between"
    ):
        load("enriched_environment").configure("quick", {"environments": {name: "65 min"}})
