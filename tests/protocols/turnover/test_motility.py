"""The measures of spine motility on arrays made by hand and on closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import kstest, norm

from spikingsampling.analysis import PriorTurnover, SynapseHistory
from spikingsampling.errors import ParameterError
from spikingsampling.experiment.discovery import load
from spikingsampling.inference.priors import GaussianPrior, LaplacePrior
from spikingsampling.protocols.studies.turnover.motility import (
    PRIORS,
    autocorrelation,
    autocorrelation_metrics,
    expected_metrics,
    law_metrics,
    tempered_cdf,
    turnover_metrics,
)

#: Every 30 s; an interval is 60 s, so every other row counts. What a synapse does between them does not.
ROWS = [
    [1, 1, 0, 0, 0, 0, 0],
    [0, 1, 1, 0, 0, 0, 0],
    [1, 1, 0, 1, 1, 1, 0],  # three new: columns 3, 4, 5
    [1, 1, 0, 0, 1, 1, 0],
    [1, 0, 1, 1, 1, 0, 0],  # one new: column 2
    [1, 1, 0, 1, 1, 1, 0],
    [1, 1, 1, 1, 0, 0, 0],  # one new: column 1, too late to be followed for two intervals
    [1, 1, 1, 0, 0, 0, 0],
    [0, 1, 0, 1, 0, 0, 1],  # one new: column 6, as late
]
HISTORY = SynapseHistory(30.0 * np.arange(1, 10), np.array(ROWS, dtype=bool))


def test_turnover_by_hand() -> None:
    metrics = turnover_metrics(HISTORY, 60.0, 2)
    assert metrics == pytest.approx(
        {
            "active": np.mean(ROWS),
            # New: 3 + 1 + 1 + 1, of 2 + 5 + 4 + 4 that are active at the starts.
            "formation_1min": 6 / 15,
            # Of columns 3, 4, 5 and 2 all but 5 survive one interval; 3 survives two, 4 and 2 do not.
            "survival_1min": 3 / 4,
            "survival_2min": 1 / 4,
        }
    )


def test_the_expected_values_have_the_names_of_the_measures() -> None:
    law = PriorTurnover(GaussianPrior(0.2, 1.5), b=1e-3, interval=60.0, temperature=0.5)
    expected = expected_metrics(law, 2)
    assert expected.keys() == turnover_metrics(HISTORY, 60.0, 2).keys()
    assert (expected["active"], expected["formation_1min"]) == (law.active, law.formation)
    assert [expected[f"survival_{k}min"] for k in (1, 2)] == law.survival(2)[1:].tolist()


def test_autocorrelation_by_hand() -> None:
    """Two synapses about a mean of 1: (1, 3, −2) and (0, 2, 4)."""
    theta = 1 + np.array([[1.0, 0.0], [3.0, 2.0], [-2.0, 4.0]])
    square = (1 + 9 + 4 + 0 + 4 + 16) / 6
    lag_1, lag_2 = (1 * 3 + 3 * -2 + 0 * 2 + 2 * 4) / 4, (1 * -2 + 0 * 4) / 2
    np.testing.assert_allclose(
        autocorrelation(theta, 1.0, [1, 2, 0]), [lag_1 / square, lag_2 / square, 1], rtol=1e-12
    )


def test_autocorrelations_stand_beside_their_closed_form() -> None:
    law = PriorTurnover(GaussianPrior(0.5, 2.0), b=1e-3, interval=120.0)
    assert autocorrelation_metrics(np.array([0.9, 0.7]), law) == pytest.approx(
        {
            "autocorrelation_2min": 0.9,
            "expected.autocorrelation_2min": np.exp(-0.12 / 4),
            "autocorrelation_4min": 0.7,
            "expected.autocorrelation_4min": np.exp(-0.24 / 4),
        }
    )


@pytest.mark.parametrize("temperature", [0.25, 1.0, 4.0])
def test_the_tempered_law_of_a_gaussian_has_its_variance_times_t(temperature: float) -> None:
    points = np.array([-3.0, 0.2, 0.5, 1.7])
    expected = norm.cdf(points, 0.5, 1.5 * np.sqrt(temperature))
    found = tempered_cdf(GaussianPrior(0.5, 1.5), temperature, points)
    # The grid has steps of 5e-4: linear interpolation and the trapezoid rule err by its square.
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-7)


def test_the_tempered_law_of_laplace_is_t_times_as_wide() -> None:
    points = np.array([-4.0, 0.5, 2.0])
    distance = np.abs(points - 0.5) / (0.8 * 2.5)
    expected = np.where(points < 0.5, np.exp(-distance) / 2, 1 - np.exp(-distance) / 2)
    np.testing.assert_allclose(tempered_cdf(LaplacePrior(0.5, 0.8), 2.5, points), expected, rtol=0, atol=1e-6)


def test_the_distance_from_a_law_by_hand() -> None:
    """At the quantiles 0.1, 0.2 and 0.9: the empirical law is 2/3 just above 0.2, so the distance is 2/3 − 0.2."""
    theta = norm.ppf([0.2, 0.9, 0.1], 0.5, 0.5)
    metrics = law_metrics(theta, GaussianPrior(0.5, 1.0), 0.25)
    assert metrics["ks_distance"] == pytest.approx(2 / 3 - 0.2, abs=1e-6)
    assert metrics["p_value"] == pytest.approx(kstest([0.2, 0.9, 0.1], "uniform").pvalue, abs=1e-5)


def test_the_priors_are_different_and_one_is_the_default() -> None:
    assert PRIORS["gaussian"] == GaussianPrior(0.5, 1.0)
    for prior in PRIORS.values():
        assert tempered_cdf(prior, 1.0, [50.0])[0] == pytest.approx(1)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ({"laws": ["gausian"]}, "unknown prior 'gausian'; did you mean 'gaussian'"),
        ({"temperatures": [1.0, 0.0]}, "must be more than 0 and at most 100"),
        ({"circuit": {"n_examples": 1.0}}, "n_examples must be 0"),
        ({"circuit": {"temperature": 0.0}}, "temperature more than 0"),
        ({"duration": "80 s"}, "must be at least n_intervals . 2 intervals of 20 s"),
        ({"interval": "30 s"}, "must be a multiple of segment = 20 s"),
    ],
)
def test_wrong_settings_are_named(layer: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        load("motility").configure("smoke", layer)
