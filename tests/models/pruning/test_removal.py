"""Taking out connections: how many are left, which, and that they stay out."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.models.mlp import MLP
from spikingsampling.models.pruning import fraction_kept, keep, prune_iteratively


def network() -> MLP:
    net = MLP((2, 2, 2), np.random.default_rng(0))
    net.weights = [np.array([[1.0, -8.0], [3.0, 0.5]]), np.array([[-2.0, 6.0], [7.0, 0.1]])]
    return net


def magnitudes(net: MLP) -> list[np.ndarray]:
    return [np.abs(weights) for weights in net.weights]


def test_the_highest_of_all_layers_are_kept() -> None:
    net = network()
    keep(net, magnitudes(net), 0.5)
    np.testing.assert_array_equal(net.weights[0], [[0, -8], [3, 0]])
    np.testing.assert_array_equal(net.weights[1], [[0, 6], [7, 0]])
    keep(net, magnitudes(net), 0.25)
    np.testing.assert_array_equal(net.weights[0], [[0, -8], [0, 0]])
    assert fraction_kept(net) == [0.25, 0.25]


def test_what_was_taken_out_stays_out() -> None:
    """Whatever saliency it has, and where weights are 0."""
    net = network()
    keep(net, magnitudes(net), 0.5)
    net.weights[0][0, 1] = 0.0
    keep(net, [np.array([[9.0, 0.0], [0.0, 9.0]]), np.array([[9.0, 0.0], [0.0, 9.0]])], 0.5)
    np.testing.assert_array_equal(net.masks[0], [[False, True], [True, False]])
    keep(net, magnitudes(net), 0.0)
    assert not any(mask.any() for mask in net.masks)


def test_ties_keep_the_exact_number() -> None:
    net = network()
    keep(net, [np.ones((2, 2)), np.ones((2, 2))], 3 / 8)
    assert sum(mask.sum() for mask in net.masks) == 3


def test_iterations_retrain_what_is_left() -> None:
    """Training doubles what there is; the saliency is that of the trained network."""
    net, seen = network(), []

    def double(trained: MLP) -> None:
        seen.append(fraction_kept(trained))
        for weights in trained.weights:
            weights *= 2

    assert list(prune_iteratively(net, (0.5, 0.25), magnitudes, double)) == [0.5, 0.25]
    assert seen == [[0.5, 0.5], [0.25, 0.25]]
    np.testing.assert_array_equal(net.weights[1], [[0, 0], [28, 0]])


@pytest.mark.parametrize("fraction", [-0.1, 1.5])
def test_impossible_fractions_are_told(fraction: float) -> None:
    net = network()
    with pytest.raises(ParameterError, match=f"fraction = {fraction}: must be"):
        keep(net, magnitudes(net), fraction)


def test_nothing_comes_back() -> None:
    net = network()
    keep(net, magnitudes(net), 0.5)
    with pytest.raises(ParameterError, match=r"fraction = 0\.75: must be at most 0\.5, what there is"):
        keep(net, magnitudes(net), 0.75)
