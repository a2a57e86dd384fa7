"""The weight of a synapse, in the rule and on the membrane."""

from __future__ import annotations

import math

import numpy as np

from spikingsampling.network.weights import membrane_weight, on_membrane, rule_weight


def test_weights_by_hand() -> None:
    theta = np.array([[-1.0, 0.0, 0.5], [2.0, 3.0, 5.0]])
    np.testing.assert_allclose(rule_weight(theta, 2.0), np.exp([[-3.0, -2.0, -1.5], [0.0, 1.0, 3.0]]))
    gone = math.exp(-2)
    expected = [[0.0, 0.0, math.exp(-1.5) - gone], [1 - gone, math.e - gone, math.exp(3) - gone]]
    np.testing.assert_allclose(membrane_weight(theta, 2.0), expected, rtol=1e-14)
    np.testing.assert_allclose(on_membrane([0.1, 1.0, 3.0], 2.0), [0.0, 1 - gone, 3 - gone], rtol=1e-14)


def test_a_retracted_synapse_weighs_exactly_nothing() -> None:
    for theta_0 in (-2.0, 0.3, 3.0, 7.7):
        np.testing.assert_array_equal(membrane_weight([0.0, -1e-9, -5.0], theta_0), 0.0)
        assert membrane_weight([1e-9], theta_0)[0] > 0
