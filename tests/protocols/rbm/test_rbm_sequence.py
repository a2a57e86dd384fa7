"""Learning in turn and two layers: measures on numbers made by hand, and who is shown what."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.small.trainings import Counter, image_like, training
from spikingsampling.protocols.studies.rbm.configuration import RBMSettings
from spikingsampling.protocols.studies.rbm.layers import greedy_network, naive_network, train_greedily
from spikingsampling.protocols.studies.rbm.patterns import Patterns
from spikingsampling.protocols.studies.rbm.sequence import (
    InTurn,
    drift,
    learn_in_turn,
    sequence_measures,
    sequence_metrics,
)

ERRORS = {
    "before_phase_2": {"first_error": 0.10, "second_error": 0.80},
    "before_phase_3": {"first_error": 0.45, "second_error": 0.20},
    "end": {"first_error": 0.07, "second_error": 0.31},
    "first_only": {"first_error": 0.05},
    "fresh": {"second_error": 0.13},
}


def in_turn(shift: float = 0.0) -> InTurn:
    """Two images per phase, measured after each."""
    steps = [0, 1, 2, 2, 3, 4, 4, 5, 6]
    test = [0.9, 0.5, 0.1, 0.8, 0.6 + shift, 0.2, 0.4, 0.2, 0.1]
    biases = [np.array([0.0, 0.0])] * 2 + [np.array([1.0, 5.0])] * 3 + [np.array([-2.0, 5.5])] * 4
    return InTurn(
        training([0.0] * 9, test, steps, biases=biases),
        training([0.0] * 3, [0.9, 0.35, 0.13], [0, 1, 2]),
        ERRORS,
        (2, 5, 8),
    )


def test_costs_of_the_second_digit():
    assert sequence_measures(ERRORS) == pytest.approx(
        {
            "taught_minus_fresh.end_of_phase": 0.07,
            "forgotten_of_first": 0.35,
            "second_after_third_phase_minus_before_second": -0.49,
            "first_at_end_minus_after_first_phase": -0.03,
            "first_at_end_minus_first_only": 0.02,
        }
    )


def test_drift_is_that_of_the_second_phase():
    values = np.array([[0.0, 0.0], [1.0, 5.0], [9.0, 9.0], [-2.0, 5.5], [7.0, 7.0]])
    assert drift(values, (1, 3, 4)).tolist() == [3.0, 0.5]


def test_metrics_of_the_sequence():
    metrics = sequence_metrics([in_turn(), in_turn(0.1)], [(14, 14), (20, 10)])
    assert {name: metric.value for name, metric in metrics.items()} == pytest.approx(
        {
            "before_phase_2.first_error": 0.10,
            "before_phase_2.second_error": 0.80,
            "before_phase_3.first_error": 0.45,
            "before_phase_3.second_error": 0.20,
            "end.first_error": 0.07,
            "end.second_error": 0.31,
            "first_only.first_error": 0.05,
            "fresh.second_error": 0.13,
            "taught_minus_fresh.first_measurement": 0.65 - 0.35,
            **sequence_measures(ERRORS),
            "bias_drift_in_phase_2.difference": 0.5 - 3.0,
            "bias_drift_in_phase_2.pixel_14_14": 3.0,
            "bias_drift_in_phase_2.pixel_20_10": 0.5,
        }
    )


class Shown(Counter):
    """Reconstructs with an error of 1 + the number of images shown; it has parameters as a machine has."""

    weights_, hidden_bias_ = np.zeros((1, 784)), np.zeros(1)
    visible_bias_ = np.zeros(784)

    def reconstruct(self, X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return X + 1 + len(self.shown)


def test_each_machine_is_shown_its_digits():
    first, second = (Patterns(np.full((4, 2), x), np.full((3, 2), x)) for x in (1.0, 2.0))
    taught, fresh, pure = machines = Shown(), Shown(), Shown()
    result = learn_in_turn(machines, (first, second), 3, 2, [(0, 0), (0, 1)], np.random.default_rng(0))
    assert taught.shown == [1.0] * 3 + [2.0] * 3 + [1.0] * 3
    assert fresh.shown == [2.0] * 3
    assert pure.shown == [1.0] * 6
    assert result.trajectory.steps == [0, 2, 3, 3, 5, 6, 6, 8, 9]
    assert result.phase_ends == (2, 5, 8)
    assert result.errors == {
        "before_phase_2": {"first_error": 4.0, "second_error": 4.0},
        "before_phase_3": {"first_error": 7.0, "second_error": 7.0},
        "end": {"first_error": 10.0, "second_error": 10.0},
        "first_only": {"first_error": 7.0},
        "fresh": {"second_error": 4.0},
    }


def test_errors_are_those_on_the_test_images_of_each_digit():
    class Ones(Shown):
        def reconstruct(self, X, rng):
            return np.ones_like(X)

    first, second = (
        Patterns(np.full((4, 2), train), np.full((3, 2), test)) for train, test in ((1.0, 3.0), (4.0, 8.0))
    )
    result = learn_in_turn(
        (Ones(), Ones(), Ones()), (first, second), 2, 2, [(0, 0)], np.random.default_rng(0)
    )
    for time in ("before_phase_2", "before_phase_3", "end"):
        assert result.errors[time] == {"first_error": 2.0, "second_error": 7.0}
    assert result.errors["first_only"] == {"first_error": 2.0}
    assert result.errors["fresh"] == {"second_error": 7.0}


def test_greedy_network_learns_layer_by_layer():
    seeds = np.random.SeedSequence(0).spawn(3)
    settings = RBMSettings(n_hidden=4)
    network = greedy_network(settings, 784, 2, seeds)
    twin = settings.machine(784, seeds[0])
    upper = network.layers[1].weights_.copy()
    assert upper.shape == (2, 4)
    np.testing.assert_array_equal(network.layers[0].weights_, twin.weights_)
    trajectory, error = train_greedily(network, image_like(), 21, 5, np.random.default_rng(1))
    assert trajectory.steps == [0, 5, 10, 10, 15, 20, 21]
    assert network.learning == 1
    assert not np.array_equal(network.layers[1].weights_, upper)
    # The first layer has seen the first half of the images, in the order of that seed, and no more.
    rng = np.random.default_rng(1)
    order = rng.permutation(40)[:10]
    twin.partial_fit(image_like().train[order])
    np.testing.assert_array_equal(network.layers[0].weights_, twin.weights_)
    assert error == pytest.approx(trajectory.test_error[2], abs=0.02)
    assert error != trajectory.test_error[3]


def test_naive_network_has_the_constants_of_the_machine():
    settings = RBMSettings(n_hidden=4, eta=2e-4, n_examples=50.0, temperature=0.5, k=3)
    network = naive_network(settings, 10, 2, np.random.SeedSequence(0))
    assert [weights.shape for weights in network.weights_] == [(4, 10), (2, 4)]
    assert (network.eta, network.n_examples, network.temperature, network.k) == (2e-4, 50.0, 0.5, 3)
