"""The sampling core: equation, integrators, stationary laws, and that wrong drifts are noticed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from spikingsampling.models.linear_regression import LinearRegression
from spikingsampling.models.posterior_targets import (
    SPEEDS,
    TARGETS,
    WRONG_DRIFTS,
    GridLaw,
    Target,
    tanh_speed,
)
from spikingsampling.models.weak_convergence import (
    order_of_convergence,
    stationary_moments,
    transition_matrix,
)

from spikingsampling.diagnostics import distance_to_law, effective_sample_size, split_rhat, standard_error
from spikingsampling.errors import ParameterError
from spikingsampling.priors import GaussianPrior, LaplacePrior, UniformPrior
from spikingsampling.sampling import (
    Speed,
    State,
    Step,
    SynapticSampling,
    advance,
    batch,
    euler_maruyama,
    initial,
    langevin_increment,
    ornstein_uhlenbeck,
    sample,
    sequential,
)

Array = NDArray[np.float64]
STANDARD = GaussianPrior(0.0, 1.0)
GRID = np.linspace(-8, 8, 801)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(2)


def run(step: Step, theta: Array, rng: np.random.Generator, n: int, every: int, burn_in: int) -> Array:
    """Samples as (n_chains, n_draws, n_parameters)."""
    state = advance(step, initial(theta), rng, burn_in)
    return np.moveaxis(sample(step, state, rng, n, every)[1], 0, 1)


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


# Monte Carlo: the sample law against the exact one


def draw(target: Target, b: float | Speed, temperature: float, rng: np.random.Generator) -> Array:
    """(64 chains, 200 draws, parameters in independent directions)."""
    n = target.n_parameters  # the plane has a direction nine times as steep, and needs a finer step
    step = batch(SynapticSampling(target.prior, b, temperature), target.grad_log_likelihood, 0.02 / n)
    chains = run(step, rng.normal(size=(64, n)), rng, 200, 50 * n, 1000 * n)
    return chains @ target.coordinates.T


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("name", TARGETS)
def test_samples_follow_the_posterior(name: str, speed: str, rng: np.random.Generator) -> None:
    target = TARGETS[name]
    chains = draw(target, SPEEDS[speed], 1.0, rng)
    for k, law in enumerate(target.laws(1.0)):
        check = distance_to_law(chains[..., k], law.cdf)
        assert check.ess > 400
        assert check.agrees, f"distance {check.distance:.4f}, allowed {check.tolerance:.4f}"


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("temperature", [0.25, 4.0])
def test_temperature_is_the_exponent(temperature: float, speed: str, rng: np.random.Generator) -> None:
    target = TARGETS["skewed"]
    chains = draw(target, SPEEDS[speed], temperature, rng)[..., 0]
    # (p*)^{1/T} of the logarithm of a Gamma(3) variable: θ = log(T γ), γ ~ Gamma(3/T)
    law = stats.gamma(3 / temperature, scale=temperature)
    check = distance_to_law(chains, lambda theta: law.cdf(np.exp(theta)))
    assert check.agrees, f"distance {check.distance:.4f}, allowed {check.tolerance:.4f}"


@pytest.mark.parametrize("name", ["no_b_prime", "stratonovich", "root_temperature"])
def test_a_wrong_drift_is_noticed(name: str, rng: np.random.Generator) -> None:
    wrong = WRONG_DRIFTS[name]
    temperature = 1.0 if wrong.correction != 1 else 4.0
    target = TARGETS["gaussian"]
    chains = draw(target, tanh_speed(wrong.correction), wrong.temperature(temperature), rng)[..., 0]
    check = distance_to_law(chains, target.laws(temperature)[0].cdf)
    assert check.distance > 2 * check.tolerance
    # and it samples p*^{1/T} b^{c−1}, as the theory says
    law = GridLaw(
        lambda theta: (
            -(theta**2) / 2 / wrong.temperature(temperature)
            + (wrong.correction - 1) * np.log(1 + 0.8 * np.tanh(theta))
        ),
        -20,
        20,
    )
    assert distance_to_law(chains, law.cdf).agrees


def test_the_laplace_posterior(rng: np.random.Generator) -> None:
    step = batch(SynapticSampling(LaplacePrior(0.3, 0.7)), None, 0.005)
    chains = run(step, rng.normal(size=(64, 1)), rng, 100, 200, 1000)[..., 0]
    assert distance_to_law(chains, stats.laplace(0.3, 0.7).cdf).agrees


# Without sampling error: the law of the integrator itself


def moments(time_steps: Array, correction: float = 1.0, temperature: float = 1.0) -> Array:
    sampling = SynapticSampling(STANDARD, tanh_speed(correction), temperature)
    return np.array([stationary_moments(sampling, dt, GRID) for dt in time_steps])


def test_weak_convergence_is_of_order_one() -> None:
    time_steps = np.array([0.1, 0.05, 0.025])
    errors = moments(time_steps) - (0.0, 1.0)
    for error in errors.T:
        # the slope over a finite range is 1 + O(Δt) with a factor of order 1
        assert order_of_convergence(time_steps, error) == pytest.approx(1, abs=0.1)
    # Richardson: what the error tends to is 0
    np.testing.assert_allclose(2 * errors[-1] - errors[-2], 0, atol=2 * time_steps[-1] ** 2)


@pytest.mark.parametrize(("correction", "mean"), [(1.5, 0.2704), (0.0, -0.6442)])
def test_without_the_right_b_prime_the_law_converges_to_another_one(correction: float, mean: float) -> None:
    law = GridLaw(
        lambda theta: -(theta**2) / 2 + (correction - 1) * np.log(1 + 0.8 * np.tanh(theta)), -20, 20
    )
    assert law.mean == pytest.approx(mean, abs=1e-4)
    (coarse, _), (fine, _) = moments(np.array([0.05, 0.025]), correction)
    assert 2 * fine - coarse == pytest.approx(law.mean, abs=2 * 0.025**2)


def test_the_transition_matrix_is_the_step(rng: np.random.Generator) -> None:
    sampling = SynapticSampling(STANDARD, tanh_speed())
    matrix = transition_matrix(sampling, 0.1, GRID)
    start = 450
    theta = batch(sampling, None, 0.1)(initial(np.full(40_000, GRID[start])), rng).theta
    mean = matrix[start] @ GRID
    sd = math.sqrt(matrix[start] @ (GRID - mean) ** 2)
    assert abs(theta.mean() - mean) < 4.5 * sd / math.sqrt(40_000)
    assert abs(theta.std() / sd - 1) < 4.5 / math.sqrt(2 * 40_000)
    with pytest.raises(ParameterError, match=r"grid: its spacing 0.02 must be at most"):
        transition_matrix(sampling, 1e-4, GRID)


# Linear regression: batch and sequential


@pytest.fixture
def model() -> LinearRegression:
    return LinearRegression.draw(np.random.default_rng(0), 20, 2)


def test_gradients_of_examples_add_up(model: LinearRegression, rng: np.random.Generator) -> None:
    theta = rng.normal(size=(5, 3, 2))
    each = np.stack([model.grad_example(theta, np.broadcast_to(x, (5, 3, 3))) for x in model.examples])
    np.testing.assert_allclose(each.sum(axis=0), model.grad_all(theta), atol=1e-10)
    at_mean = model.grad_all(model.mean) + model.prior.grad_log_density(model.mean)
    np.testing.assert_allclose(at_mean, 0, atol=1e-10)
    shift = np.array([1e-6, 0.0])
    slope = (model.grad_all(model.mean + shift) - model.grad_all(model.mean - shift)) / 2e-6
    np.testing.assert_allclose(-slope + np.array([1, 0]), model.precision[0], rtol=1e-6)


@pytest.mark.parametrize("mode", ["batch", "random", "cyclic"])
def test_regression_reaches_the_posterior(
    mode: str, model: LinearRegression, rng: np.random.Generator
) -> None:
    """Means and (but for cyclic order, whose covariance is not known) covariances at a finite step."""
    b_dt = 2e-3
    sampling = SynapticSampling(model.prior, b=0.1)
    step = (
        batch(sampling, model.grad_all, b_dt / 0.1, ornstein_uhlenbeck)
        if mode == "batch"
        else sequential(sampling, model.grad_example, model.examples, b_dt / 0.1, ornstein_uhlenbeck, mode)
    )
    chains = run(step, rng.normal(size=(64, 2)), rng, 200, 101, 1000)
    covariance = model.stationary_covariance(b_dt, sequential=mode != "batch")
    whiten = np.linalg.inv(np.linalg.cholesky(covariance))
    white = (chains - model.mean) @ whiten.T
    for k in range(2):
        assert split_rhat(white[..., k]) < 1.01
        assert effective_sample_size(white[..., k]) > 400
        # cyclic order leaves a shift of the mean of order b Δt N
        shift = b_dt * 20 if mode == "cyclic" else 0.0
        assert abs(white[..., k].mean()) < 4.5 * standard_error(white[..., k]) + shift
    if mode != "cyclic":
        for square in (white[..., 0] ** 2 - 1, white[..., 1] ** 2 - 1, white[..., 0] * white[..., 1]):
            assert abs(square.mean()) < 4.5 * standard_error(square)


def test_sequential_tends_to_the_posterior_as_b_falls(model: LinearRegression) -> None:
    excess = [model.excess(model.stationary_covariance(b_dt, sequential=True)) for b_dt in (1e-3, 1e-4, 1e-5)]
    assert excess[0] > 0.05
    assert excess[1] / excess[0] == pytest.approx(0.1, rel=0.1)
    assert excess[2] / excess[1] == pytest.approx(0.1, rel=0.01)
    with pytest.raises(ParameterError, match=r"b_dt = 0.5: the step is too long"):
        model.stationary_covariance(0.5, sequential=True)


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


# State, randomness, errors


def test_a_run_is_a_function_of_state_and_generator() -> None:
    step = batch(SynapticSampling(STANDARD, tanh_speed()), None, 0.01)
    start = initial(np.ones((4, 2)))

    def end(seed: int, parts: tuple[int, ...]) -> State:
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
    refused("n_samples = 0: must be an integer of at least 1", sample, step, start, rng, 0)
    refused("every = 1.5: must be an integer of at least 1", sample, step, start, rng, 1, 1.5)
    refused("n_steps = -1: must be an integer of at least 0", advance, step, start, rng, -1)
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


def test_bad_regressions_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"LinearRegression.examples has shape"):
        LinearRegression(np.zeros(3))
    with pytest.raises(ParameterError, match=r"LinearRegression.noise_sd = 0: must be more than 0"):
        LinearRegression(np.zeros((3, 2)), noise_sd=0)
