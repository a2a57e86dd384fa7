"""soft-DEEP R: its step is synaptic sampling with an exponential prior, and so is its law."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import expon, kstest, uniform

from helpers.small.networks import chance
from spikingsampling.errors import ParameterError
from spikingsampling.inference.langevin import SynapticSampling, euler_maruyama
from spikingsampling.inference.priors import LaplacePrior, Prior
from spikingsampling.inference.sampling import batch, initial, sample
from spikingsampling.models.mlp import one_hot
from spikingsampling.models.pruning import SoftLayer, SoftPrior, Walk, soft_deep_r

#: Fine steps: η ν = 0.02 beside 1/β = 1.
WALK = Walk(0.1, 0.002, 0.2)
BETA = WALK.alpha / WALK.temperature
PRIOR = SoftPrior(BETA, 0.3)


@cache
def walked() -> np.ndarray:
    """θ of a layer without data, long after the start: its slowest time is that of flat diffusion, (2.3/π)²/D steps."""
    layer = SoftLayer(4000, 1, PRIOR, np.random.default_rng(2))
    layer.theta[:] = 0.5
    for _ in range(30_000):
        layer.update(np.zeros(len(layer.index)), WALK)
    return layer.theta


def test_the_constants_of_these_tests() -> None:
    assert SoftPrior(BETA, 0.3).beta == pytest.approx(1.0)
    assert PRIOR.low == pytest.approx(-0.7 / 0.3)


def test_a_step_is_a_step_of_synaptic_sampling() -> None:
    """The same θ and ξ: speed b = η T at temperature 1, or b = η at temperature T with the prior's power T."""
    layer = SoftLayer(40, 30, PRIOR, np.random.default_rng(1))
    theta, slopes = layer.theta.astype(float), np.full(len(layer.index), 0.3)
    gradient = np.zeros(1200)
    gradient[layer.index] = -0.3 / WALK.temperature  # log-likelihood −E/T
    # the layer draws its ξ from the generator it has
    state = layer._rng.bit_generator.state
    layer.update(slopes, WALK)
    layer._rng.bit_generator.state = state
    noise = layer._rng.standard_normal(1200, dtype=np.float32)
    sampling = SynapticSampling(PRIOR, b=WALK.eta * WALK.temperature)
    expected = euler_maruyama(theta, gradient, noise, sampling, 1.0)
    np.testing.assert_allclose(layer.theta, np.maximum(expected, PRIOR.low), rtol=1e-5, atol=1e-6)


def test_the_law_without_data_is_exponential_above_zero_and_flat_below() -> None:
    n = 4000
    theta = walked()
    active = theta[theta > 0]
    error = np.sqrt(0.3 * 0.7 / n)
    # a discrete walk with steps of 0.02 shifts each border by 0.58 of a step: 0.5 % of 0.3, a half standard error
    assert len(active) / n == pytest.approx(0.3, abs=(chance(2) + 0.5) * error)
    assert kstest(active, expon(scale=1 / BETA).cdf).pvalue > 1e-4
    assert kstest(theta[theta < 0], uniform(PRIOR.low, -PRIOR.low).cdf).pvalue > 1e-4


def test_active_synapses_of_synaptic_sampling_with_a_laplace_prior_have_the_same_law() -> None:
    """θ > 0 of both, as samples: independent chains of the Laplace prior, beside those of the soft layer."""
    step = batch(SynapticSampling(LaplacePrior(scale=1 / BETA)), None, dt=WALK.eta * WALK.temperature)
    rng = np.random.default_rng(3)
    _, (theta,) = sample(step, initial(rng.normal(size=2500)), rng, 1, every=30_000)
    active = walked()
    assert kstest(theta[theta > 0], active[active > 0]).pvalue > 1e-4


def test_the_prior_is_normalised_and_its_gradient_that_of_its_density() -> None:
    prior = SoftPrior(3.0, 0.2)
    assert isinstance(prior, Prior)
    total = sum(quad(lambda t: np.exp(prior.log_density(t)), *ends)[0] for ends in ((prior.low, 0), (0, 20)))
    assert total == pytest.approx(1, rel=1e-8)
    theta = np.array([prior.low * 0.9, -0.1, 0.1, 2.0])
    difference = (prior.log_density(theta + 1e-6) - prior.log_density(theta - 1e-6)) / 2e-6
    np.testing.assert_allclose(prior.grad_log_density(theta), difference, atol=1e-8)
    draws = prior.sample(np.random.default_rng(0), 20_000)
    assert (draws > 0).mean() == pytest.approx(0.2, abs=chance() * np.sqrt(0.2 * 0.8 / 20_000))
    assert kstest(draws[draws > 0], expon(scale=1 / 3).cdf).pvalue > 1e-4
    assert draws.min() >= prior.low


def test_only_active_connections_follow_the_gradient() -> None:
    layer = SoftLayer(10, 10, PRIOR, np.random.default_rng(5))
    before, active = layer.theta.copy(), layer.index.copy()
    layer.update(np.full(len(active), 2.0), Walk(0.1, 1.0, 0.0))
    expected = before.copy()
    expected[active] -= 0.3
    np.testing.assert_allclose(layer.theta, np.maximum(expected, layer.low), rtol=1e-6)
    np.testing.assert_array_equal(layer.index, np.flatnonzero(layer.theta > 0))
    np.testing.assert_allclose(layer.weights, layer.sign * layer.theta[layer.index])


def test_a_network_learns() -> None:
    rng = np.random.default_rng(6)
    labels = rng.integers(2, size=400)
    inputs = rng.random((400, 50), dtype=np.float32)
    inputs[:, :10] += np.repeat(one_hot(labels, 2), 5, axis=1)
    net = soft_deep_r((50, 2), (0.2,), rng)
    for _ in range(20):
        net.epoch(inputs, one_hot(labels, 2), rng)
    assert net.accuracy(inputs, labels) > 0.95


def test_bad_arguments_are_told() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ParameterError, match="p_active = 1: must be more than 0 and less than 1"):
        SoftPrior(1.0, 1)
    with pytest.raises(ParameterError, match="beta = 0: must be more than 0"):
        SoftPrior(0, 0.5)
    with pytest.raises(ParameterError, match=r"p_active = \(0.1,\): must have 2 numbers"):
        soft_deep_r((4, 5, 3), (0.1,), rng)
    for name in ("alpha", "nu"):
        with pytest.raises(ParameterError, match=f"{name} = 0: must be more than 0"):
            soft_deep_r((4, 5), (0.1,), rng, **{name: 0})
