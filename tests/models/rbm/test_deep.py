"""Two hidden layers: the greedy network learns layer by layer, the naive rule does what the report says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from spikingsampling.errors import ParameterError
from spikingsampling.models.rbm import RBM, DeepBeliefNetwork, NaiveTwoLayers


def patterns(n: int, seed: int = 0) -> np.ndarray:
    """Two patterns that share no pixel, on eight pixels."""
    blocks = np.repeat(np.eye(2), 4, axis=1)
    return blocks[np.random.default_rng(seed).integers(2, size=n)]


def network(seed: int = 0) -> DeepBeliefNetwork:
    layers = [
        RBM(n_hidden, mode="likelihood", eta=1e-3, random_state=seed + i).initialise(n_visible)
        for i, (n_visible, n_hidden) in enumerate([(8, 4), (4, 2)])
    ]
    return DeepBeliefNetwork(layers, np.random.default_rng(seed))


def test_only_the_learning_layer_changes():
    net, x = network(), patterns(50)
    lower, upper = (layer.weights_.copy() for layer in net.layers)
    net.partial_fit(x)
    np.testing.assert_array_equal(net.layers[1].weights_, upper)
    learnt = net.layers[0].weights_.copy()
    assert not np.array_equal(learnt, lower)
    net.learning = 1
    net.partial_fit(x)
    np.testing.assert_array_equal(net.layers[0].weights_, learnt)
    assert not np.array_equal(net.layers[1].weights_, upper)


def test_greedy_learning_keeps_patterns_through_both_layers():
    net, x, rng = network(), patterns(4000), np.random.default_rng(1)
    net.partial_fit(x)
    one = np.abs(x - net.reconstruct(x, rng)).mean()
    net.learning = 1
    before = np.abs(x - net.reconstruct(x, rng)).mean()
    net.partial_fit(x)
    after = np.abs(x - net.reconstruct(x, rng)).mean()
    assert one < 0.1  # guessing gives 0.5
    assert after < 0.15 < before


def test_reconstruction_passes_through_the_second_layer():
    """A second layer whose units are always off sends down its visible bias and nothing else."""
    net = network()
    net.learning = 1
    top = net.layers[1]
    top.hidden_bias_ = np.full(2, -50.0)
    top.visible_bias_ = np.array([50.0, -50.0, 50.0, -50.0])
    expected = net.layers[0].visible_mean([[1, 0, 1, 0]])
    np.testing.assert_allclose(
        net.reconstruct(patterns(3), np.random.default_rng(0)), np.repeat(expected, 3, axis=0)
    )


def test_naive_update_by_hand():
    """With saturated units every state is known, and so is the change."""
    net = NaiveTwoLayers(
        (2, 1, 1), np.random.SeedSequence(0), eta=0.01, n_examples=10.0, temperature=0.0, k=1
    )
    net.weights_ = [np.array([[40.0, -80.0]]), np.array([[80.0]])]
    net.biases_ = [np.array([20.0, 20.0]), np.array([-20.0]), np.array([-40.0])]
    before = [w.copy() for w in net.weights_], [b.copy() for b in net.biases_]
    net.partial_fit(np.array([[1.0, 1.0]]))
    # Up: z1 = [40 - 80 - 20 < 0] = 0, z2 = 0. Down: z1 = [-20 < 0] = 0, x = (1, 1). Nothing changes.
    for changed, former in zip(net.weights_ + net.biases_, before[0] + before[1], strict=True):
        np.testing.assert_array_equal(changed, former)
    net.partial_fit(np.array([[1.0, 0.0]]))
    # Up: z1 = 1, z2 = 1. Down: z1 = [80 - 20 > 0] = 1, x = ([60 > 0], [-60 > 0]) = (1, 0): again no change.
    for changed, former in zip(net.weights_ + net.biases_, before[0] + before[1], strict=True):
        np.testing.assert_array_equal(changed, former)
    net.biases_[2][:] = -100.0
    net.partial_fit(np.array([[1.0, 0.0]]))
    # Up: z1 = 1, z2 = [80 - 100 < 0] = 0. Down: z1 = 0, x = (1, 1), then up: z1 = 0, z2 = 0.
    np.testing.assert_allclose(net.weights_[0], before[0][0] + 0.1 * np.array([[1.0, 0.0]]))
    np.testing.assert_allclose(net.biases_[0], before[1][0] + 0.1 * np.array([0.0, -1.0]))
    np.testing.assert_allclose(net.biases_[1], before[1][1] + 0.1)
    np.testing.assert_allclose(net.weights_[1], before[0][1])


def test_naive_noise_has_its_size():
    net = NaiveTwoLayers((30, 20, 2), np.random.SeedSequence(1), eta=1e-3, n_examples=0.0, temperature=0.25)
    former = net.weights_[0].copy()
    net.partial_fit(np.zeros((10, 30)))
    change = net.weights_[0] - former
    assert change.var() == pytest.approx(10 * 2 * 0.25 * 1e-3, rel=4 * np.sqrt(2 / change.size))


def test_naive_reconstruction_of_states():
    net = NaiveTwoLayers((4, 3, 2), np.random.SeedSequence(2))
    net.weights_ = [np.zeros((3, 4)), np.zeros((2, 3))]
    made = net.reconstruct(np.eye(4), np.random.default_rng(0))
    np.testing.assert_allclose(made, np.tile(expit(net.biases_[0]), (4, 1)))


def test_no_layer():
    with pytest.raises(ParameterError, match="layers is empty: give at least one RBM"):
        DeepBeliefNetwork([], np.random.default_rng(0))


@pytest.mark.parametrize(
    ("sizes", "settings", "message"),
    [
        ((4, 0, 2), {}, "number of first hidden units = 0: must be a whole number, at least 1"),
        ((4, 3, 2), {"k": 0}, "k = 0: must be a whole number, at least 1"),
        ((4, 3, 2), {"eta": 0.0}, "eta = 0.0: must be more than 0"),
        ((4, 3, 2), {"temperature": -1.0}, "temperature = -1.0: must be a finite number, at least 0"),
        ((4, 3, 2), {"n_examples": np.nan}, "n_examples = nan"),
    ],
)
def test_bad_naive_networks(sizes: tuple[int, int, int], settings: dict, message: str):
    with pytest.raises(ParameterError, match=message):
        NaiveTwoLayers(sizes, np.random.SeedSequence(0), **settings)


def test_bad_data_of_a_naive_network():
    net = NaiveTwoLayers((4, 3, 2), np.random.SeedSequence(0))
    with pytest.raises(ParameterError, match=r"X has shape \(2, 3\): must be \(n, 4\)"):
        net.partial_fit(np.zeros((2, 3)))
    with pytest.raises(ParameterError, match="X holds nan"):
        net.partial_fit(np.full((1, 4), np.nan))


def test_naive_chain_has_k_loops():
    """Saturated units in a line are on if a neighbour is on: every loop goes one unit further."""
    neighbours = 80.0 * (np.eye(5, 6) + np.eye(5, 6, 1))
    for k in (1, 2, 3):
        net = NaiveTwoLayers(
            (6, 5, 5), np.random.SeedSequence(0), eta=0.01, n_examples=10.0, temperature=0.0, k=k
        )
        net.weights_ = [neighbours.copy(), 80.0 * np.eye(5)]
        net.biases_ = [np.full(n, -40.0) for n in (6, 5, 5)]
        net.partial_fit(np.eye(1, 6))
        changes = [bias + 40 for bias in net.biases_]
        for change in changes:
            np.testing.assert_allclose(change, [0] + [-0.1] * k + [0] * (len(change) - k - 1), atol=1e-12)


def test_naive_network_begins_by_the_law_of_the_machine():
    net = NaiveTwoLayers((3000, 3000, 2), np.random.SeedSequence(0))
    for values, mean in ((net.biases_[0], -1), (net.biases_[1], -1), (net.weights_[1], 0)):
        assert abs(values.mean() - mean) < 4 * 0.5 / np.sqrt(values.size)
        assert values.std() == pytest.approx(0.5, rel=4 * np.sqrt(0.5 / values.size))
