"""The sampling core: equation, integrators, drivers, state and randomness, errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from spikingsampling.errors import ParameterError
from spikingsampling.inference.langevin import (
    Speed,
    SynapticSampling,
    euler_maruyama,
    langevin_increment,
    ornstein_uhlenbeck,
)
from spikingsampling.inference.priors import GaussianPrior, LaplacePrior, UniformPrior
from spikingsampling.inference.sampling import ChainState, advance, batch, initial, sample, sequential
from spikingsampling.models.posterior.targets import tanh_speed

Array = NDArray[np.float64]
STANDARD = GaussianPrior(0.0, 1.0)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(2)


def test_the_increment_is_the_equation() -> None:
    # b = 2, ∂log p = 3, b′ = 5, T = 4, Δt = 0.01, ξ = −1: (6 + 20)·0.01 − √(2·4·2·0.01)
    assert langevin_increment(3.0, 2.0, 5.0, 4.0, 0.01, -1.0) == pytest.approx(0.26 - 0.4)
    array = langevin_increment(np.ones((2, 3)), 1.0, 0.0, 0.0, 0.5, np.ones((2, 3)))
    np.testing.assert_array_equal(array, np.full((2, 3), 0.5))


def test_a_step_of_euler_maruyama_by_hand() -> None:
    theta = np.array([-1.0, 0.5])
    sampling = SynapticSampling(GaussianPrior(0.5, 2.0), tanh_speed(), temperature=0.25)
    likelihood, noise, dt = np.array([0.3, -0.2]), np.array([1.0, -2.0]), 0.01
    b, slope = 1 + 0.8 * np.tanh(theta), 0.8 / np.cosh(theta) ** 2
    drift = b * ((0.5 - theta) / 4 + likelihood) + 0.25 * slope
    expected = theta + drift * dt + np.sqrt(2 * 0.25 * b * dt) * noise
    np.testing.assert_allclose(euler_maruyama(theta, likelihood, noise, sampling, dt), expected, rtol=1e-14)


def test_without_noise_it_is_gradient_ascent(rng: np.random.Generator) -> None:
    step = batch(SynapticSampling(UniformPrior(), 2.0, 0.0), lambda theta: 3 - np.exp(theta), 0.01)
    theta, state = np.array([0.0, 2.0]), initial([0.0, 2.0])
    for _ in range(100):
        state = step(state, rng)
        theta = theta + 2.0 * (3 - np.exp(theta)) * 0.01
    np.testing.assert_allclose(state.theta, theta, rtol=1e-13)
    assert state.n_steps == 100
    np.testing.assert_allclose(advance(step, state, rng, 1000).theta, math.log(3), atol=1e-9)


@pytest.mark.parametrize("duration", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("temperature", [0.25, 1.0])
def test_the_exact_transition_has_the_moments_of_the_process(
    rng: np.random.Generator, duration: float, temperature: float
) -> None:
    prior, b, start, pull = GaussianPrior(0.5, 2.0), 0.7, -3.0, 0.4
    step = batch(
        SynapticSampling(prior, b, temperature),
        lambda theta: np.full_like(theta, pull),
        duration,
        ornstein_uhlenbeck,
    )
    n = 40_000
    theta = step(initial(np.full(n, start)), rng).theta
    # a constant likelihood gradient moves the mean by s² times it
    centre, decay = 0.5 + 4 * pull, math.exp(-b * duration / 4)
    mean, variance = centre + decay * (start - centre), temperature * 4 * (1 - decay**2)
    assert abs(theta.mean() - mean) < 4.5 * math.sqrt(variance / n)
    assert abs(theta.var() / variance - 1) < 4.5 * math.sqrt(2 / n)


def test_small_exact_steps_are_those_of_euler_maruyama() -> None:
    theta, noise = np.array([-1.0, 2.0]), np.array([0.3, -1.2])
    sampling = SynapticSampling(GaussianPrior(0.5, 2.0), 0.7)
    pull = np.array([0.2, -0.1])
    for dt, bound in ((1e-3, 1e-5), (1e-5, 1e-8)):
        exact = ornstein_uhlenbeck(theta, pull, noise, sampling, dt)
        np.testing.assert_allclose(exact, euler_maruyama(theta, pull, noise, sampling, dt), atol=bound)


# One example at a time


def test_chains_see_examples_of_their_own_or_all_the_same(rng: np.random.Generator) -> None:
    seen: list[Array] = []

    def grad(theta: Array, x: Array) -> Array:
        seen.append(x)
        return np.zeros_like(theta)

    examples = np.arange(5.0)[:, None]
    flat = SynapticSampling(UniformPrior())
    advance(sequential(flat, grad, examples, 0.1, order="cyclic"), initial(np.zeros((3, 2))), rng, 7)
    np.testing.assert_array_equal(np.array(seen)[..., 0], np.arange(7)[:, None] % 5 * np.ones(3))
    seen.clear()
    advance(sequential(flat, grad, examples, 0.1), initial(np.zeros((400, 2))), rng, 5)
    counts = np.bincount(np.array(seen).astype(int).ravel(), minlength=5)
    assert stats.chisquare(counts).pvalue > 1e-4
    assert len(np.unique(np.array(seen)[0])) == 5
    seen.clear()
    sequential(flat, grad, examples, 0.1)(initial(np.zeros(2)), rng)
    assert seen[0].shape == (1,)


def test_one_example_stands_for_all(rng: np.random.Generator) -> None:
    """A step along N times the gradient of the example shown: 3·(x − θ) of a Gaussian likelihood, T = 0."""
    flat = SynapticSampling(UniformPrior(), 2.0, 0.0)
    examples = np.array([[1.0, 4.0], [3.0, 0.0], [-2.0, 5.0]])
    step = sequential(flat, lambda theta, x: x - theta, examples, 0.1, order="cyclic")
    state = step(initial([0.5, 1.0]), rng)
    first = np.array([0.5 + 2.0 * 3 * (1.0 - 0.5) * 0.1, 1.0 + 2.0 * 3 * (4.0 - 1.0) * 0.1])
    np.testing.assert_allclose(state.theta, first, rtol=1e-14)
    np.testing.assert_allclose(step(state, rng).theta, first + 0.6 * (examples[1] - first), rtol=1e-14)


# State, randomness, errors


def test_a_run_is_a_function_of_state_and_generator() -> None:
    step = batch(SynapticSampling(STANDARD, tanh_speed()), None, 0.01)
    start = initial(np.ones((4, 2)))

    def end(seed: int, parts: tuple[int, ...]) -> ChainState:
        rng, state = np.random.default_rng(seed), start
        for n in parts:
            state = advance(step, state, rng, n)
        return state

    np.testing.assert_array_equal(end(1, (50,)).theta, end(1, (20, 30)).theta)
    assert not np.array_equal(end(1, (50,)).theta, end(2, (50,)).theta)
    np.testing.assert_array_equal(start.theta, 1)
    state, samples = sample(step, start, np.random.default_rng(1), 5, every=10)
    np.testing.assert_array_equal(samples[-1], end(1, (50,)).theta)
    np.testing.assert_array_equal(samples[1], end(1, (20,)).theta)
    assert state.n_steps == 50
    assert samples.shape == (5, 4, 2)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"prior": None}, "SynapticSampling.prior = None: must be a prior"),
        ({"b": 0.0}, "SynapticSampling.b = 0.0: must be more than 0"),
        ({"b": -1.0}, "SynapticSampling.b = -1.0: must be more than 0"),
        ({"b": "1 s"}, "SynapticSampling.b = '1 s': unit 's' is wrong here"),
        ({"b": math.nan}, "SynapticSampling.b = nan: must be finite"),
        ({"temperature": -0.1}, "SynapticSampling.temperature = -0.1: must be at least 0"),
        ({"temperature": math.nan}, "SynapticSampling.temperature = nan: must be finite"),
    ],
)
def test_wrong_settings_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        SynapticSampling(**({"prior": STANDARD} | values))


def test_units_may_be_written() -> None:
    assert SynapticSampling(STANDARD, b="1e-4 /s").b == 1e-4


def test_wrong_arguments_are_refused(rng: np.random.Generator) -> None:
    sampling = SynapticSampling(STANDARD)
    start = initial(np.zeros(3))

    def refused(message: str, function: object, *arguments: object, **options: object) -> None:
        with pytest.raises(ParameterError, match=message):
            function(*arguments, **options)

    refused("theta holds nan", initial, [0.0, math.nan])
    refused("theta: must be an array, its rows are of unequal length", initial, [[0.0], [1.0, 2.0]])
    refused("theta holds <U1", initial, ["a"])
    for make in (
        lambda dt: batch(sampling, None, dt),
        lambda dt: sequential(sampling, lambda theta, x: theta, np.ones(3), dt),
    ):
        refused("dt = 0: must be more than 0", make, 0)
        refused("dt = -1: must be more than 0", make, -1)
        refused("dt = '1 Hz': unit 'Hz' is wrong here", make, "1 Hz")
    refused(r"examples has shape \(0,\)", sequential, sampling, lambda theta, x: theta, [], 0.1)
    refused("examples holds inf", sequential, sampling, lambda theta, x: theta, [math.inf], 0.1)
    refused("order = 'rand': must be", sequential, sampling, lambda theta, x: theta, [1.0], 0.1, order="rand")
    step = batch(sampling, None, 0.1)
    refused("n_samples = 0: must be a whole number, at least 1", sample, step, start, rng, 0)
    refused("every = 1.5: must be a whole number, at least 1", sample, step, start, rng, 1, 1.5)
    refused("n_steps = -1: must be a whole number, at least 0", advance, step, start, rng, -1)
    refused(
        r"grad_log_likelihood gives shape \(3, 3\): must be that of theta, \(3,\)",
        batch(sampling, lambda theta: np.zeros((3, 3)), 0.1),
        start,
        rng,
    )
    refused(
        "grad_log_likelihood gives shape",
        sequential(sampling, lambda theta, x: 0.0, [1.0], 0.1),
        start,
        rng,
    )
    refused(
        "ornstein_uhlenbeck: needs a GaussianPrior and a constant b",
        batch(SynapticSampling(LaplacePrior()), None, 0.1, ornstein_uhlenbeck),
        start,
        rng,
    )
    refused(
        "needs a GaussianPrior and a constant b",
        batch(SynapticSampling(STANDARD, tanh_speed()), None, 0.1, ornstein_uhlenbeck),
        start,
        rng,
    )
    falling = Speed(lambda theta: 1 - theta, lambda theta: -np.ones_like(theta))
    refused(
        "b.value gives -1.0 at theta = 2.0: must be more than 0",
        batch(SynapticSampling(STANDARD, falling), None, 0.1),
        initial(np.array([0.0, 2.0])),
        rng,
    )
    scalar = Speed(lambda theta: np.ones_like(theta), lambda theta: 0.0)
    refused(
        r"b.derivative gives shape \(\)", batch(SynapticSampling(STANDARD, scalar), None, 0.1), start, rng
    )


def test_divergence_is_reported(rng: np.random.Generator) -> None:
    for b in (1.0, tanh_speed()):
        step = batch(SynapticSampling(UniformPrior(), b), lambda theta: -(theta**3), 1.0)
        with pytest.raises(ParameterError, match="dt is too long: the simulation has diverged, theta is not"):
            advance(step, initial(np.array([10.0])), rng, 100)
