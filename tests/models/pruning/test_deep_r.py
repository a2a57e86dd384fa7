"""DEEP R: the bound on connections, its gradient against a dense network, its step and its rewiring."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, hypergeom

from spikingsampling.errors import ParameterError
from spikingsampling.models.mlp import MLP, one_hot
from spikingsampling.models.pruning import RewiringLayer, Walk, deep_r
from spikingsampling.models.pruning.deep_r import BIRTH
from spikingsampling.models.pruning.sparse import SparseNetwork, signs_of

SIZES, ACTIVE = (9, 7, 5, 3), (20, 12, 8)


def data(n: int = 40, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.random((n, 9), dtype=np.float32), one_hot(rng.integers(3, size=n), 3)


def network(seed: int = 0, **options) -> SparseNetwork:
    return deep_r(SIZES, ACTIVE, np.random.default_rng(seed), **options)


def dense_of(net: SparseNetwork) -> MLP:
    """The same network with all its weights, most of them 0."""
    dense = MLP(SIZES, np.random.default_rng(0))
    for weights, layer in zip(dense.weights, net.layers, strict=True):
        weights[...] = 0
        weights.flat[layer.index] = layer.sign * layer.theta
    return dense


def test_forward_and_gradient_are_those_of_the_dense_network() -> None:
    net, (inputs, targets) = network(), data()
    dense = dense_of(net)
    for found, expected in zip(net.forward(inputs), dense.forward(inputs), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    gradients = dense.gradients(inputs, targets).weights
    for layer, slopes, gradient in zip(net.layers, net.slopes(inputs, targets), gradients, strict=True):
        np.testing.assert_allclose(slopes, layer.sign * gradient.flat[layer.index], rtol=1e-4, atol=1e-6)


def test_the_bound_holds_after_every_minibatch() -> None:
    """Strong noise: connections die in nearly every step."""
    net, (inputs, targets) = network(nu=1.0, eta=0.1), data()
    rewired = 0
    for _ in range(200):
        rewired += net.learn(inputs, targets)
        for layer, n_active in zip(net.layers, ACTIVE, strict=True):
            assert len(np.unique(layer.index)) == len(layer.theta) == len(layer.weights) == n_active
            assert layer.theta.min() > 0
            assert set(layer.index) <= set(range(layer.size))
    assert rewired > 200
    assert net.n_active == sum(ACTIVE)


def test_nothing_is_as_large_as_all_connections() -> None:
    layer = RewiringLayer(10**6, 10**6, 50, np.random.default_rng(0))
    layer.update(np.full(50, 1.0), Walk(1.0, 0.0, 0.0))
    arrays = [each for each in vars(layer).values() if isinstance(each, np.ndarray)]
    assert max(each.size for each in arrays) == 50
    assert layer.drive(np.ones((1, 10**6), np.float32)).shape == (1, 10**6)


def test_a_step_is_its_formula_and_the_dead_are_replaced() -> None:
    """Without noise: θ − η(∂E/∂θ + α); survivors keep their place and sign."""
    layer = RewiringLayer(4, 5, 6, np.random.default_rng(3))
    before, index, sign = layer.theta.copy(), layer.index.copy(), layer.sign.copy()
    slopes = np.array([0.1, -0.2, 50.0, 0.0, 50.0, -0.3])
    assert layer.update(slopes, Walk(0.5, 0.01, 0.0)) == 2
    alive = slopes < 1
    np.testing.assert_allclose(layer.theta[:4], (before - 0.5 * (slopes + 0.01))[alive])
    np.testing.assert_array_equal(layer.index[:4], index[alive])
    np.testing.assert_array_equal(layer.sign[:4], sign[alive])
    np.testing.assert_array_equal(layer.theta[4:], BIRTH)
    assert not set(layer.index[4:]) & set(layer.index[:4])
    np.testing.assert_allclose(layer.weights, layer.sign * layer.theta, rtol=1e-6)


def test_the_walk_has_the_noise_of_its_temperature() -> None:
    """Var Δθ = (ην)² = 2ηT, far from 0."""
    layer = RewiringLayer(200, 200, 20_000, np.random.default_rng(4))
    layer.theta += 100
    before, walk = layer.theta.copy(), Walk(0.5, 0.0, 0.3)
    layer.update(np.zeros(20_000), walk)
    change = layer.theta - before
    assert walk.temperature == pytest.approx(0.5 * 0.3**2 / 2)
    assert change.var() == pytest.approx(2 * 0.5 * walk.temperature, rel=4 * np.sqrt(2 / 20_000))


def test_dormant_connections_are_drawn_uniformly() -> None:
    """Ten of 30 die, and each of the 25 that are not active then comes back equally often; the five others stay."""
    layer, counts, n = RewiringLayer(5, 6, 15, np.random.default_rng(5)), np.zeros(30), 3000
    staying = layer.index[:5].copy()
    for _ in range(n):
        layer.theta[:], slopes = 1.0, np.zeros(15)
        slopes[5:] = 2.0
        assert layer.update(slopes, Walk(1.0, 0.0, 0.0)) == 10
        np.testing.assert_array_equal(layer.index[:5], staying)
        counts[layer.index[5:]] += 1
    assert not counts[staying].any()
    p = 10 / 25
    spread = n * p * (1 - p) * 25 / 24  # 10 of 25 without replacement: counts exclude each other
    statistic = ((np.delete(counts, staying) - n * p) ** 2).sum() / spread
    assert statistic < chi2.isf(1e-4, 24)


def test_without_rewiring_the_dead_are_gone() -> None:
    net, (inputs, targets) = network(nu=1.0, eta=0.1, rewires=False), data()
    for _ in range(30):
        assert net.learn(inputs, targets) == 0
    assert 0 < net.n_active < sum(ACTIVE)


def test_a_sign_is_a_fact_of_its_connection() -> None:
    index = np.arange(100_000)
    signs = signs_of(index, 12345)
    np.testing.assert_array_equal(signs[::-1], signs_of(index[::-1], 12345))
    assert abs(signs.mean()) < 4 / np.sqrt(index.size)
    assert abs((signs[1:] * signs[:-1]).mean()) < 4 / np.sqrt(index.size)
    assert abs((signs * signs_of(index, 12346)).mean()) < 4 / np.sqrt(index.size)


def test_connections_come_to_the_inputs_that_tell_the_class() -> None:
    """20 of 200 inputs do: more of the 40 connections are there than chance would put there once in 10 000 times."""
    rng = np.random.default_rng(6)
    labels = rng.integers(2, size=500)
    inputs = rng.random((500, 200), dtype=np.float32)
    inputs[:, :20] += np.repeat(one_hot(labels, 2), 10, axis=1)
    net = deep_r((200, 2), (40,), rng, eta=0.05, alpha=1e-2)
    for _ in range(60):
        net.epoch(inputs, one_hot(labels, 2), rng)
    assert net.accuracy(inputs, labels) > 0.95
    assert (net.layers[0].index // 2 < 20).sum() > hypergeom.isf(1e-4, 400, 40, 40)


def test_bad_arguments_are_told() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ParameterError, match="n_active = 21: must be at most 20"):
        RewiringLayer(4, 5, 21, rng)
    with pytest.raises(ParameterError, match=r"n_active = \(3,\): must have 2 numbers"):
        deep_r((4, 5, 3), (3,), rng)
    with pytest.raises(ParameterError, match="eta = 0: must be more than 0"):
        deep_r((4, 5), (3,), rng, eta=0)
    with pytest.raises(ParameterError, match="nu = -1"):
        deep_r((4, 5), (3,), rng, nu=-1)
