"""Measures of integers in every type are those of floats; what would become another number is refused."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.analysis import (
    Readout,
    choose_parameters,
    class_means,
    estimate_proportion,
    recovery,
    selectivity,
    separation,
)
from spikingsampling.analysis.information import mutual_information
from spikingsampling.analysis.turnover import PriorTurnover, SynapseHistory
from spikingsampling.errors import ParameterError
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.network.rules import membrane_weight, on_membrane, rule_weight

TYPES = pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int16, np.uint64, np.float32])


@TYPES
def test_measures_of_counts_and_labels(dtype: type) -> None:
    rng = np.random.default_rng(1)
    counts, labels = rng.integers(0, 120, (40, 6)), rng.integers(0, 3, 40)
    typed = counts.astype(dtype), labels.astype(dtype)
    one, other = selectivity(*typed), selectivity(counts.astype(float), labels)
    np.testing.assert_allclose(one.index, other.index, rtol=1e-6)
    np.testing.assert_array_equal(one.preferred, other.preferred)
    assert mutual_information(typed[0]) == mutual_information(counts)
    for label, mean in class_means(counts.astype(float), labels).items():
        np.testing.assert_allclose(class_means(*typed)[label], mean, rtol=1e-6)
    np.testing.assert_array_equal(
        Readout(0.1).fit(*typed).predict(typed[0]), Readout(0.1).fit(counts, labels).predict(counts)
    )
    with pytest.raises(ParameterError, match=r"labels holds 0\.5: must hold integers"):
        selectivity(counts, labels + 0.5)


@TYPES
def test_parameters_are_chosen_as_indices(dtype: type) -> None:
    chosen = choose_parameters(np.arange(100).astype(dtype), np.int8(20), np.random.default_rng(1))
    assert chosen.dtype == np.int64
    np.testing.assert_array_equal(chosen, choose_parameters(np.arange(100), 20, np.random.default_rng(1)))


def test_numbers_of_presentations_do_not_wrap() -> None:
    assert estimate_proportion(0.5, np.uint8(200), np.uint8(100)) == estimate_proportion(0.5, 200, 100)
    assert type(estimate_proportion(0.5, np.uint8(200)).n) is int


@TYPES
def test_times_of_events_do_not_wrap(dtype: type) -> None:
    """An event at 5 s and a window of 10 s: their difference is no byte."""
    times, points = np.arange(20), np.random.default_rng(1).normal(size=(20, 2))
    assert separation(times.astype(dtype), points, dtype(5), dtype(10)) == separation(
        times, points, 5.0, 10.0
    )
    active = np.random.default_rng(2).random((20, 50)) < 0.5
    history, plain = SynapseHistory(times.astype(dtype), active), SynapseHistory(times, active)
    found = history.survival(dtype(3), dtype(5), np.array([7, 9], dtype))
    np.testing.assert_array_equal(found.survival, plain.survival(3, 5, [7, 9]).survival)


def test_a_measurement_at_the_lesion_is_after_it() -> None:
    """The lesion is at a sum of floats, the measurement at a product."""
    times = np.array([0.1, 0.3, 0.5])
    for lesion in (0.3, 0.1 + 0.2, 3 * 0.1):
        found = recovery(times, [1.0, 0.2, 0.95], lesion)
        assert (found.before, found.after) == (1.0, 0.2)


def test_turnover_of_the_prior_takes_every_number() -> None:
    typed = PriorTurnover(GaussianPrior(np.float64(0.3)), np.float64(2e-4), np.int16(1000), np.uint8(1))
    plain = PriorTurnover(GaussianPrior(0.3), 2e-4, 1000.0, 1.0)
    assert repr(typed) == repr(plain)
    np.testing.assert_array_equal(typed.survival(np.uint8(3)), plain.survival(3))


@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
def test_weights_of_integers_are_doubles(dtype: type) -> None:
    theta = np.array([0, 1, 5], dtype)
    for weight in (rule_weight, membrane_weight, on_membrane):
        found = weight(theta, 3)
        assert found.dtype == np.float64
        np.testing.assert_array_equal(found, weight(theta.astype(float), 3.0))
