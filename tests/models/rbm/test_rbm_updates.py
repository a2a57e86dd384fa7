"""Random numbers of the restricted Boltzmann machine, and its update as the formula says it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import kstest

from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.models.rbm import LearningRule, Machine, Streams, learn
from spikingsampling.models.rbm.learning import _logistic, _normal, _whole


@pytest.mark.parametrize("shape", [(7, 4, 6), (7, 5, 3), (1, 2), (0, 4)])
def test_uniform_numbers_are_those_of_numpy(shape: tuple[int, ...]):
    expected = np.random.default_rng(1).random(shape, dtype=np.float32)
    np.testing.assert_array_equal(_whole(np.random.default_rng(1), shape) / 2**24, expected)


@pytest.mark.parametrize("row", [(4, 6), (5, 3)])
def test_rows_drawn_one_by_one_are_those_drawn_at_once(row: tuple[int, ...]):
    one = np.random.default_rng(1)
    parts = [_whole(one, (n, *row)) for n in (1, 2, 4)]
    np.testing.assert_array_equal(np.concatenate(parts), _whole(np.random.default_rng(1), (7, *row)))


@pytest.mark.parametrize("generator", [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_noise_follows_its_law_with_any_generator(generator: type[np.random.BitGenerator]):
    """Kolmogorov and Smirnov's test at 1e-4; MT19937 makes 32 bits at a time, the others 64."""
    rng = np.random.Generator(generator(3))
    assert kstest(_logistic(rng, (1000, 2, 10)).ravel(), "logistic").pvalue > 1e-4
    assert kstest(_normal(rng, 100, 201, 4.0).ravel(), "norm", args=(0, 2)).pvalue > 1e-4


@pytest.mark.parametrize("gaussian", [False, True])
@pytest.mark.parametrize("persistent", [False, True])
def test_updates_of_batches_are_those_of_the_formula(gaussian: bool, persistent: bool):
    """Each term of the rule, written out in float64 with the same uniform numbers; the last batch is smaller.

    A float32 sum of 11 batches of changes up to 0.1 is exact to 1e-5.
    """
    n_visible, n_hidden, k, size, eta, N, T = 8, 4, 3, 5, 1e-3, 100.0, 0.5
    rng = np.random.default_rng(2)
    x = (rng.random((53, n_visible)) < 0.4).astype(np.float32)
    machine = Machine(rng.normal(0, 1, (n_hidden, n_visible)), rng.normal(size=n_visible), np.zeros(n_hidden))
    W, b, c = (p.astype(float) for p in (machine.weights, machine.visible_bias, machine.hidden_bias))
    chains = (rng.random((size, n_hidden)) < 0.5).astype(np.float32) if persistent else None
    prior, bias_prior = GaussianPrior(0.5, 0.5), GaussianPrior(1.0, 2.0)
    ended = learn(
        machine,
        x,
        size,
        LearningRule(eta, N, T, prior, bias_prior, k, persistent, gaussian),
        Streams(*np.random.default_rng(7).spawn(3)),
        chains,
    )
    visible, hidden, noise = np.random.default_rng(7).spawn(3)
    rows = -(-len(x) // size) * size
    if gaussian:
        xi_x = _normal(visible, rows, k * n_visible, 1.0).reshape(rows, k, n_visible)
    else:
        xi_x = visible.random((rows, k, n_visible), dtype=np.float32)
    u_z = hidden.random((rows, k + 1, n_hidden), dtype=np.float32)
    xi = _normal(noise, rows // size, machine.theta.size, 1.0).astype(float)
    for i in range(rows // size):
        at = slice(i * size, min((i + 1) * size, len(x)))
        data = x[at]
        first = z = u_z[at][:, 0] < expit(data @ W.T + c)
        if persistent:
            z = chains[: len(data)]
        for step in range(k):
            driven = z @ W + b
            y = driven + xi_x[at][:, step] if gaussian else xi_x[at][:, step] < expit(driven)
            z = u_z[at][:, step + 1] < expit(y @ W.T + c)
        chains = z
        xi_w, xi_b, xi_c = np.split(np.sqrt(2 * T * eta) * xi[i], [W.size, W.size + n_visible])
        W, b, c = (
            W
            + eta
            * ((0.5 - W) / 0.25 + N * (first.T @ data.astype(float) - z.T @ y.astype(float)) / len(data))
            + xi_w.reshape(W.shape),
            b + eta * ((1 - b) / 4 + N * (data - y.astype(float)).mean(axis=0)) + xi_b,
            c + eta * ((1 - c) / 4 + N * (first.astype(float) - z).mean(axis=0)) + xi_c,
        )
    np.testing.assert_allclose(machine.weights, W, atol=1e-5)
    np.testing.assert_allclose(machine.visible_bias, b, atol=1e-5)
    np.testing.assert_allclose(machine.hidden_bias, c, atol=1e-5)
    np.testing.assert_array_equal(ended, z)


def test_thresholds_are_logits_of_numpy_s_uniform_numbers():
    u = np.random.default_rng(5).random((3, 2, 4), dtype=np.float32)
    np.testing.assert_allclose(_logistic(np.random.default_rng(5), (3, 2, 4)), logit(u), rtol=1e-5, atol=1e-6)
