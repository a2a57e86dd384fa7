"""The learning rule of the restricted Boltzmann machine: exact gradient, scikit-learn, its posterior."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import t as student
from sklearn.neural_network import BernoulliRBM

from spikingsampling.inference.diagnostics import effective_sample_size, split_rhat
from spikingsampling.inference.priors import GaussianMixturePrior, GaussianPrior
from spikingsampling.models.rbm import RBM, LearningRule, Machine, Streams, exact_gradient, learn

BIMODAL = GaussianMixturePrior(weights=(0.5, 0.5), means=(0.0, 1.0), sds=(0.15, 0.15))


def images(n: int = 60, n_visible: int = 12, seed: int = 3) -> np.ndarray:
    return (np.random.default_rng(seed).random((n, n_visible)) < 0.4).astype(float)


def small_machine(seed: int = 1, n_hidden: int = 3, n_visible: int = 4) -> Machine:
    rng = np.random.default_rng(seed)
    return Machine(
        rng.normal(0, 1, (n_hidden, n_visible)), rng.normal(0, 0.5, n_visible), rng.normal(0, 0.5, n_hidden)
    )


def rule(**changes: object) -> LearningRule:
    settings = {
        "eta": 1e-3,
        "n_examples": 1000.0,
        "temperature": 0.0,
        "prior": None,
        "bias_prior": None,
        "k": 1,
        "persistent": False,
        "gaussian": False,
    }
    return LearningRule(**(settings | changes))


def streams(seed: int) -> Streams:
    return Streams(*np.random.default_rng(seed).spawn(3))


def mean_update(machine: Machine, x: np.ndarray, replicates: int, **changes: object) -> np.ndarray:
    """Changes of all parameters by one batch from the same start, (replicates, n_parameters)."""
    updates = []
    for seed in range(replicates):
        copy = Machine(machine.weights, machine.visible_bias, machine.hidden_bias)
        learn(copy, x.astype(np.float32), len(x), rule(**changes), streams(seed))
        updates.append(copy.theta.astype(float) - machine.theta)
    return np.array(updates)


def assert_mean(samples: np.ndarray, expected: np.ndarray) -> None:
    """Each mean agrees within the quantile of Student's t at a family-wise error of 1e-4."""
    n, m = samples.shape
    error = samples.std(axis=0, ddof=1) / np.sqrt(n)
    limit = student.ppf(1 - 1e-4 / (2 * m), n - 1)
    np.testing.assert_array_less(np.abs(samples.mean(axis=0) - expected), limit * error + 1e-6)


def test_update_is_the_exact_gradient_when_the_chain_has_mixed():
    machine, x = small_machine(), images(5, 4)
    updates = mean_update(machine, np.tile(x, (1000, 1)), 30, k=40)
    gradients = exact_gradient(x, machine.weights, machine.visible_bias, machine.hidden_bias)
    assert_mean(updates, np.concatenate([g.ravel() for g in gradients]))


def test_one_step_agrees_in_expectation_with_scikit_learn():
    machine, x = small_machine(5, 4, 6), np.tile(images(8, 6), (100, 1))
    ours = mean_update(machine, x, 60, k=1)
    theirs = []
    for seed in range(60):
        other = BernoulliRBM(n_components=4, learning_rate=1.0)
        other.components_ = machine.weights.astype(float)
        other.intercept_hidden_ = machine.hidden_bias.astype(float)
        other.intercept_visible_ = machine.visible_bias.astype(float)
        state = np.random.RandomState(seed)
        on = expit(x @ machine.weights.T + machine.hidden_bias)
        other.h_samples_ = (state.random_sample(on.shape) < on).astype(float)  # plain, not persistent, chains
        other._fit(x, state)
        after = (other.components_.ravel(), other.intercept_visible_, other.intercept_hidden_)
        theirs.append(np.concatenate(after) - machine.theta)
    theirs = np.array(theirs)
    assert_mean(ours - theirs, np.zeros(machine.theta.size))


def test_persistent_chains_agree_with_scikit_learn():
    machine, x = small_machine(5, 4, 6), np.tile(images(8, 6), (100, 1))
    chains = np.tile(images(20, 4, seed=8), (40, 1)).astype(np.float32)
    differences, ended = [], []
    for seed in range(60):
        copy = Machine(machine.weights, machine.visible_bias, machine.hidden_bias)
        end = learn(copy, x.astype(np.float32), len(x), rule(persistent=True), streams(seed), chains)
        other = BernoulliRBM(n_components=4, learning_rate=1.0)
        other.components_ = machine.weights.astype(float)
        other.intercept_hidden_ = machine.hidden_bias.astype(float)
        other.intercept_visible_ = machine.visible_bias.astype(float)
        other.h_samples_ = chains.astype(float)
        other._fit(x, np.random.RandomState(seed))
        after = (other.components_.ravel(), other.intercept_visible_, other.intercept_hidden_)
        differences.append(np.concatenate(after) - copy.theta)
        ended.append(end.mean(axis=0) - other.h_samples_.mean(axis=0))
    assert_mean(np.array(differences), np.zeros(machine.theta.size))
    assert_mean(np.array(ended), np.zeros(4))


def test_gaussian_visible_units_mix_to_the_exact_gradient():
    """For x ~ N(m, 1) without weights, the gradient of the visible bias is the mean of the data minus m."""
    machine = Machine(np.zeros((2, 3)), np.array([0.5, -1.0, 2.0]), np.zeros(2))
    x = np.random.default_rng(0).normal(1.0, 2.0, (500, 3))
    updates = mean_update(machine, x, 40, gaussian=True)[:, 6:9]
    assert_mean(updates, x.mean(axis=0) - machine.visible_bias)
    # Reconstructions have variance 1: the update of a bias is a mean over 500 of them.
    np.testing.assert_allclose(updates.var(axis=0, ddof=1), 1 / 500, rtol=4 * np.sqrt(2 / 39))


def test_prior_noise_and_likelihood_add_up_with_their_factors():
    """One step from the same start: b ∂log p_S dt + √(2Tb dt) ξ are what sampling adds to plain CD."""
    machine, x, eta, T = small_machine(2, 30, 40), images(1, 40).astype(np.float32), 0.01, 0.25
    after = {}
    for name, changes in {
        "plain": {},
        "map": {"prior": GaussianPrior(0.5, 0.5), "bias_prior": GaussianPrior(1.0, 2.0)},
        "sampling": {"temperature": T},
    }.items():
        copy = Machine(machine.weights, machine.visible_bias, machine.hidden_bias)
        learn(copy, x, 1, rule(eta=eta, **changes), streams(4))
        after[name] = copy.theta.astype(float)
    theta = machine.theta.astype(float)
    drift = np.concatenate([(0.5 - theta[:1200]) / 0.25, (1.0 - theta[1200:]) / 4.0])
    np.testing.assert_allclose(after["map"] - after["plain"], eta * drift, atol=2e-6)
    noise = (after["sampling"] - after["plain"]) / np.sqrt(2 * T * eta)
    assert abs(noise.mean()) < 4 / np.sqrt(noise.size)
    assert abs(noise.var() - 1) < 4 * np.sqrt(2 / noise.size)


def test_learning_without_noise_and_prior_is_plain_contrastive_divergence():
    """Bit for bit, against a loop written out from the definition with the same uniform numbers."""
    x = images(20, 12).astype(np.float32)
    model = RBM(4, temperature=0.0, prior=None, random_state=7, eta=1e-3).fit(x)
    twin = RBM(4, mode="likelihood", prior=BIMODAL, random_state=7, eta=1e-3).fit(x)
    initial, *others = np.random.default_rng(7).spawn(4)
    weights = initial.normal(0, 0.5, (4, 12)).astype(np.float32)
    b = initial.normal(-1, 0.5, 12).astype(np.float32)
    c = initial.normal(-1, 0.5, 4).astype(np.float32)
    u_visible = others[0].random((20, 5, 12), dtype=np.float32)
    u_hidden = others[1].random((20, 6, 4), dtype=np.float32)

    def on(u: np.ndarray, bias: np.ndarray, field: np.ndarray) -> np.ndarray:
        return (np.log(u / (1 - u)) - bias < field).astype(np.float32)

    gain = np.float32(1e-3 * 100)
    for n in range(20):
        first = z = on(u_hidden[n, 0], c, x[n] @ weights.T)
        for step in range(5):
            y = on(u_visible[n, step], b, z @ weights)
            z = on(u_hidden[n, step + 1], c, y @ weights.T)
        weights = weights + gain * (np.outer(first, x[n]) - np.outer(z, y))
        b, c = b + gain * (x[n] - y), c + gain * (first - z)
    for name, plain in (("weights_", weights), ("visible_bias_", b), ("hidden_bias_", c)):
        np.testing.assert_array_equal(getattr(model, name), plain)
        np.testing.assert_array_equal(getattr(twin, name), plain)


@pytest.mark.parametrize("batch_size", [1, 4, 7])
def test_partial_fits_continue_one_another(batch_size: int):
    """Random numbers are drawn in blocks, and where the blocks end does not matter."""
    x = images(56, 784)
    settings = {"prior": BIMODAL, "batch_size": batch_size, "persistent": True, "random_state": 2}
    whole, parts = RBM(**settings).fit(x), RBM(**settings)
    for part in np.split(x, [28]):
        parts.partial_fit(part)
    np.testing.assert_array_equal(whole.weights_, parts.weights_)
    np.testing.assert_array_equal(whole.hidden_bias_, parts.hidden_bias_)


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_long_sampling_visits_parameters_by_their_posterior(temperature: float):
    """p*(θ) ∝ p(θ|x)^(1/T) of a machine with two visible and one hidden unit and twenty examples.

    Exact moments by Gauss-Hermite quadrature over the five parameters. Tolerance: four standard errors from
    the effective sample size. The variance is allowed two known biases besides: of the Euler step, η λ / 2
    the curvature λ ≤ 1/σ² + N/4, and of the noise of the gradient, η N² v / (2 T B) with v ≤ 1/2.
    """
    x = np.tile([[1, 1], [1, 1], [1, 1], [1, 1], [0, 0], [0, 0], [0, 0], [1, 0], [1, 0], [0, 1]], (2, 1))
    prior, eta, batch_size = GaussianPrior(0.3, 0.5), 0.02, 100
    nodes, masses = np.polynomial.hermite_e.hermegauss(14)
    axes = [0.3 + 0.5 * np.sqrt(temperature) * nodes] * 5
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 5)
    mass = np.prod(np.meshgrid(*[masses] * 5, indexing="ij"), axis=0).ravel()
    states = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=float)
    logs = states @ grid[:, 2:4].T + np.logaddexp(0, states @ grid[:, :2].T + grid[:, 4])
    index = x @ [1, 2]
    log_likelihood = logs[index].sum(axis=0) - len(x) * np.logaddexp.reduce(logs, axis=0)
    mass *= np.exp(log_likelihood / temperature)
    mass /= mass.sum()
    mean = mass @ grid
    variance = mass @ (grid - mean) ** 2
    copies = np.tile(x, (3 * batch_size // len(x), 1)).astype(np.float32)  # three updates between draws
    samples = []
    for seed in range(4):
        machine = Machine(np.full((1, 2), 0.3), np.full(2, 0.3), np.full(1, 0.3))
        sampling = rule(
            eta=eta, n_examples=len(x), temperature=temperature, prior=prior, bias_prior=prior, k=4
        )
        own = streams(seed)
        draws = np.empty((2000, 5))
        for draw in draws:
            learn(machine, copies, batch_size, sampling, own)
            draw[:] = machine.theta
        samples.append(draws[50:])
    allowed = eta * (4 + len(x) / 4) / 2 + eta * len(x) ** 2 / (4 * temperature * batch_size)
    for i in range(5):
        draws = np.array(samples)[:, :, i]
        assert split_rhat(draws) < 1.01
        size = effective_sample_size(draws)
        assert size > 400
        assert abs(draws.mean() - mean[i]) < 4 * np.sqrt(variance[i] / size)
        assert abs(draws.var() / variance[i] - 1) < 4 * np.sqrt(2 / size) + allowed
