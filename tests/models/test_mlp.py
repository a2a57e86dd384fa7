"""The multilayer perceptron: its gradients and its diagonal Hessian against differences of its loss, and training."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.models.descent import train
from spikingsampling.models.mlp import ACTIVATIONS, LOSSES, MLP, one_hot

RNG = np.random.default_rng(5)
X = RNG.standard_normal((30, 6))
TARGETS = one_hot(RNG.integers(3, size=30), 3).astype(float)


def network(sizes=(6, 5, 4, 3), seed: int = 1, **options) -> MLP:
    found = MLP(sizes, np.random.default_rng(seed), dtype=np.float64, **options)
    for bias in found.biases:
        bias += 0.1
    return found


def loss(net: MLP) -> float:
    return float(net.losses(X, TARGETS).mean())


def around(net: MLP, values: np.ndarray, place: tuple[int, ...], step: float) -> list[float]:
    """The loss with a parameter a step lower, as it is, and a step higher."""
    found, kept = [], values[place]
    for change in (-step, 0, step):
        values[place] = kept + change
        found.append(loss(net))
    values[place] = kept
    return found


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("kind", LOSSES)
def test_gradients_are_differences_of_the_loss(activation: str, kind: str) -> None:
    net, step = network(activation=activation, loss=kind), 1e-5
    found = net.gradients(X, TARGETS)
    for values, gradient in zip((*net.weights, *net.biases), (*found.weights, *found.biases), strict=True):
        for place in np.ndindex(values.shape):
            low, _, high = around(net, values, place, step)
            assert gradient[place] == pytest.approx((high - low) / (2 * step), abs=1e-7)


def second_differences(net: MLP, layer: int) -> np.ndarray:
    values, step = net.weights[layer], 1e-3
    found = np.empty(values.shape)
    for place in np.ndindex(values.shape):
        low, here, high = around(net, values, place, step)
        found[place] = (high - 2 * here + low) / step**2
    return found


@pytest.mark.parametrize("layer", [0, 1])
def test_the_hessian_of_a_linear_network_is_exact(layer: int) -> None:
    """The loss is a quadratic of each single weight, so that second differences have rounding errors only."""
    net = network((6, 5, 3), activation="linear", loss="squared_error")
    np.testing.assert_allclose(net.diagonal_hessian(X)[layer], second_differences(net, layer), rtol=1e-7)


@pytest.mark.parametrize(("kind", "tolerance"), [("squared_error", 1e-7), ("cross_entropy", 1e-5)])
def test_the_hessian_of_the_output_layer_is_exact(kind: str, tolerance: float) -> None:
    """With rectifiers; cross-entropy leaves the fourth derivative, step²/12 of it."""
    net = network(loss=kind)
    np.testing.assert_allclose(
        net.diagonal_hessian(X)[2], second_differences(net, 2), rtol=1e-4, atol=tolerance
    )


@pytest.mark.parametrize("activation", ["logistic", "tanh", "scaled_tanh"])
def test_the_hessian_of_curved_units_is_exact_where_the_fit_is(activation: str) -> None:
    """Targets are what the network says: the term with f'' is multiplied by ∂E/∂x = 0."""
    net = network((6, 5, 3), activation=activation, loss="squared_error")
    targets, values, step = net.forward(X)[-1], net.weights[0], 1e-3
    expected = np.empty(values.shape)
    for place in np.ndindex(values.shape):
        found = []
        for change in (step, -2 * step):
            values[place] += change
            found.append(net.losses(X, targets).mean())
        values[place] += step
        expected[place] = sum(found) / step**2
    np.testing.assert_allclose(net.diagonal_hessian(X)[0], expected, rtol=1e-4)


def test_below_that_the_hessian_neglects_pairs_of_units() -> None:
    """Two units of the layer above share their targets: 1 + 1 + 2·1·1 with the pair, 2 without."""
    net = MLP((1, 1, 2, 1), RNG, activation="linear", loss="squared_error", dtype=np.float64)
    net.weights = [np.ones((1, 1)), np.ones((1, 2)), np.ones((2, 1))]
    one = np.ones((1, 1))
    assert net.diagonal_hessian(one)[0].item() == pytest.approx(2)


def test_a_layer_is_f_of_w_x_plus_b() -> None:
    net = network((2, 2, 2), activation="relu")
    net.weights = [np.array([[1.0, -1.0], [2.0, 0.5]]), np.array([[1.0, 0.0], [3.0, 1.0]])]
    net.biases = [np.array([0.0, 1.0]), np.array([0.5, -1.0])]
    _, hidden, out = net.forward(np.array([[1.0, 2.0], [-1.0, 0.0]]))
    np.testing.assert_array_equal(hidden, [[5, 1], [0, 2]])
    np.testing.assert_array_equal(out, [[8.5, 0], [6.5, 1]])
    assert net.accuracy(np.array([[1.0, 2.0], [-1.0, 0.0]]), np.array([0, 1])) == 0.5
    odds = np.exp(3.5)  # the output is 3.5, 0
    np.testing.assert_allclose(net.probabilities(np.zeros((1, 2))), [[odds / (1 + odds), 1 / (1 + odds)]])


def test_initial_weights() -> None:
    for activation, variance in (("relu", 2.0), ("logistic", 1.0)):
        weights = MLP((400, 300, 2), np.random.default_rng(2), activation=activation).weights[0]
        # the variance of n Gaussian numbers has a relative standard error of √(2/n)
        assert weights.var() * 400 == pytest.approx(variance, rel=4 * np.sqrt(2 / weights.size))


def test_descent_with_momentum_is_its_formula() -> None:
    """All examples in one batch: no order."""
    net, other = network(), network()
    train(
        net, X, TARGETS, 3, np.random.default_rng(0), eta=0.1, momentum=0.5, l2=0.2, batch_size=30, decay=0.5
    )
    velocity = [np.zeros_like(each) for each in (*other.weights, *other.biases)]
    for eta in (0.1, 0.05, 0.025):
        found = other.gradients(X, TARGETS)
        slopes = [g + 0.2 * w for g, w in zip(found.weights, other.weights, strict=True)] + found.biases
        velocity = [0.5 * v - eta * slope for v, slope in zip(velocity, slopes, strict=True)]
        for values, v in zip((*other.weights, *other.biases), velocity, strict=True):
            values += v
    for one, two in zip(net.weights + net.biases, other.weights + other.biases, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-12)


def test_masked_connections_stay_away() -> None:
    net = network()
    net.masks[0][:3] = False
    net.weights[0] *= net.masks[0]
    train(net, X, TARGETS, 2, np.random.default_rng(0))
    assert not net.weights[0][:3].any()
    assert net.weights[0][3:].all()


def test_it_learns_what_can_be_learnt() -> None:
    rng = np.random.default_rng(3)
    inputs = rng.uniform(-1, 1, (400, 2))
    labels = (inputs.prod(axis=1) > 0).astype(
        int
    )  # exclusive or: no linear classifier does better than chance
    net = MLP((2, 16, 2), rng)
    train(net, inputs, one_hot(labels, 2), 60, rng, eta=0.1, batch_size=20, l2=0)
    assert net.accuracy(inputs, labels) > 0.95


def test_targets() -> None:
    np.testing.assert_array_equal(one_hot(np.array([2, 0]), 3, -1), [[-1, -1, 1], [1, -1, -1]])


def test_bad_arguments_are_told() -> None:
    with pytest.raises(ParameterError, match=r"sizes = \(3,\): must have an input and an output layer"):
        MLP((3,), RNG)
    with pytest.raises(ParameterError, match="sizes = 0: must be a whole number, at least 1"):
        MLP((3, 0), RNG)
    with pytest.raises(UnknownNameError, match="relu"):
        MLP((3, 2), RNG, activation="relo")
    with pytest.raises(UnknownNameError, match="cross_entropy"):
        MLP((3, 2), RNG, loss="entropy")
    with pytest.raises(ParameterError, match="eta = 0: must be more than 0"):
        train(network(), X, TARGETS, 1, RNG, eta=0)
    with pytest.raises(ParameterError, match="momentum = -1"):
        train(network(), X, TARGETS, 1, RNG, momentum=-1)
