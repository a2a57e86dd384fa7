"""A ring whose weights are learnt: gradients, the maximum of the posterior, and how deviations move the bump."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.linalg import eig

from spikingsampling.errors import ParameterError
from spikingsampling.inference.priors import GaussianPrior, LaplacePrior
from spikingsampling.models.dynamics.memory.learnt_ring import LearntRing

RING = LearntRing(n=64, n_directions=64, laps=8)


def log_likelihood(ring: LearntRing, theta: np.ndarray, x: np.ndarray) -> float:
    w = ring.alpha * np.exp(theta - ring.theta_0)
    return ring.laps * float(np.sum(x[:, None] * (x * np.log(w) - w)))


def test_examples_are_bumps_that_go_round() -> None:
    x = RING.examples
    assert x.shape == (64, 64)
    np.testing.assert_allclose(x.max(axis=1), 1)
    np.testing.assert_allclose(np.unwrap(RING.teacher.decode(x)), RING.teacher.directions, atol=1e-12)


def test_gradient_is_that_of_the_likelihood() -> None:
    ring = LearntRing(n=8, n_directions=5, laps=3)
    rng = np.random.default_rng(1)
    theta, x = rng.normal(1, 1, (8, 8)), ring.examples[2]
    found = ring.gradient(theta, x)
    for i, j in ((0, 0), (3, 2), (2, 3)):
        shift = np.zeros_like(theta)
        shift[i, j] = 1e-5
        slope = (log_likelihood(ring, theta + shift, x) - log_likelihood(ring, theta - shift, x)) / 2e-5
        assert found[i, j] == pytest.approx(slope, rel=1e-6, abs=1e-8)
    whole = sum(ring.gradient(theta, x) for x in ring.examples)
    np.testing.assert_allclose(ring.gradient_of_all(theta), whole, rtol=1e-12, atol=1e-12)


def test_at_the_maximum_prior_and_likelihood_balance() -> None:
    theta = RING.map_theta
    slope = RING.prior.grad_log_density(theta) + RING.gradient_of_all(theta)
    np.testing.assert_allclose(slope, 0, atol=1e-9)
    shift = 1e-5
    up, down = (
        RING.prior.grad_log_density(theta + s) + RING.gradient_of_all(theta + s) for s in (shift, -shift)
    )
    np.testing.assert_allclose(RING.stiffness, (down - up) / (2 * shift), rtol=1e-6)


def test_many_examples_teach_the_correlation_of_bumps() -> None:
    """w_ij = ⟨x_i x_j⟩/(α ⟨x_i⟩), when the prior has no say; by distance only."""
    ring = LearntRing(n=64, n_directions=64, laps=10**7)
    x = ring.examples
    expected = (x.T @ x) / (0.1 * x.sum(axis=0)[:, None])
    np.testing.assert_allclose(np.exp(ring.map_theta - 3), expected, rtol=1e-4)
    w = np.exp(RING.map_theta)
    np.testing.assert_allclose(w, np.roll(w, (1, 1), axis=(0, 1)), rtol=1e-10)
    np.testing.assert_allclose(w, w.T, rtol=1e-10)


def test_couplings_have_j0_and_j1() -> None:
    row = RING.couplings(RING.map_theta)[0]
    assert row.sum() == pytest.approx(-10)
    assert 2 * row @ np.cos(RING.teacher.directions) == pytest.approx(3)


def test_the_bump_rests_and_can_be_anywhere() -> None:
    weights = RING.couplings(RING.map_theta)
    u = RING.bump()
    np.testing.assert_allclose(1 + weights @ np.maximum(u, 0), u, atol=1e-12)
    np.testing.assert_allclose(RING.bump(RING.teacher.directions[5]), np.roll(u, 5), atol=1e-12)
    fine = LearntRing(n=512)
    assert fine.teacher.decode(fine.bump([0.3, -2.0])) == pytest.approx([0.3, -2.0], abs=1e-5)


def test_the_null_vector_is_that_of_the_linear_equations() -> None:
    """The left eigenvector to eigenvalue 0 of −1 + W·(u > 0); on few neurons it is 0 but for their distance."""
    ring = LearntRing(n=256)
    active = ring.bump() > 0
    values, left = eig((ring.couplings(ring.map_theta) * active - np.eye(256)).T)
    number = int(np.argmin(np.abs(values)))
    assert abs(values[number]) < 2e-3
    z = left[:, number].real * active
    z *= ring._null_vector[np.argmax(np.abs(z))] / z[np.argmax(np.abs(z))]
    np.testing.assert_allclose(z, ring._null_vector, atol=0.03 * np.abs(ring._null_vector).max())


def test_with_cosine_weights_diffusion_is_that_of_the_ring_attractor() -> None:
    """Only u and its weights matter: with those of the teacher the closed form is the same."""
    ring = LearntRing(n=512)
    object.__setattr__(ring, "_resting", None)
    ring.__dict__["_resting"] = ring.teacher.bump()
    ring.__dict__.pop("_null_vector", None)
    assert ring.diffusion(0.02) == pytest.approx(ring.teacher.diffusion(0.02), rel=5e-3)


def test_a_deviation_moves_the_bump_as_its_leverage_says() -> None:
    """One synapse, then all: the bump moves by the sum of leverages times deviations.

    On 512 neurons the bump is not quite free: its distance from a neuron grows with 0.24 /s, by 2.4 % in 0.1 s.
    """
    ring = LearntRing(n=512)
    rng = np.random.default_rng(3)
    u = ring.bump()
    one = np.zeros((512, 512))
    one[80, 40] = 0.005
    for deviation in (one, 0.003 * rng.standard_normal((512, 512))):
        weights = ring.couplings(ring.map_theta + deviation)
        early = ring.advance(u[None], weights, 50, 1e-3, 0.0, rng)
        late = ring.advance(early, weights, 50, 1e-3, 0.0, rng)
        speed = float((ring.teacher.decode(late) - ring.teacher.decode(early))[0]) / 0.05
        assert speed == pytest.approx(float(np.sum(ring._leverage * deviation)), rel=0.04)


def test_displacement_variance_has_its_limits() -> None:
    """At rest Var ψ̇ t²; after many turns 2T/b Σ (∂ψ̇/∂θ)²/κ² t; without either the noise of neurons."""
    t = np.array([0.5, 2.0])
    np.testing.assert_allclose(
        RING.displacement_variance(t, 0.02, 0.3, 0.0),
        RING.diffusion(0.02) * t + RING.drift_variance(0.3) * t**2,
        rtol=1e-12,
    )
    np.testing.assert_allclose(
        RING.displacement_variance(t, 0.02, 0.0, 1.0), RING.diffusion(0.02) * t, rtol=1e-12
    )
    fast = 1e6
    long = 2 * 0.3 / fast * np.sum((RING._leverage / RING.stiffness) ** 2) * t
    np.testing.assert_allclose(RING.displacement_variance(t, 0.0, 0.3, fast), long, rtol=1e-4)
    at_one = RING.displacement_variance(1.0, 0.0, 1.0, 0.05)
    share, rate = RING._leverage**2 / RING.stiffness, 0.05 * RING.stiffness
    assert at_one == pytest.approx(np.sum(share * 2 * (rate - 1 + np.exp(-rate)) / rate**2), rel=1e-6)


def test_more_neurons_drift_less() -> None:
    """The sd of the drift falls as 1/N, its share in the squared displacement faster than that of noise."""
    small, large = (LearntRing(n=n, n_directions=256, laps=2) for n in (64, 256))
    assert small.drift_variance(1.0) / large.drift_variance(1.0) == pytest.approx(16, rel=0.02)
    assert small.diffusion(0.02) / large.diffusion(0.02) == pytest.approx(4, rel=0.02)


def test_noise_alone_diffuses_as_theory_says() -> None:
    """Squared displacements of 400 bumps; the relative standard error of their mean is √(2/400)."""
    ring = LearntRing(n=64)
    rng = np.random.default_rng(5)
    start = ring.bump(rng.uniform(0, 2 * np.pi, 400))
    weights = ring.couplings(ring.map_theta)
    end = ring.advance(start, weights, 250, 2e-3, 0.01, rng)
    moved = np.angle(np.exp(1j * (ring.teacher.decode(end) - ring.teacher.decode(start))))
    expected = ring.diffusion(0.01) * 0.5
    assert np.mean(moved**2) == pytest.approx(expected, rel=4 * math.sqrt(2 / 400))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"n": 4}, "n = 4"),
        ({"j1": 1.5}, "j1 = 1.5"),
        ({"alpha": 0.0}, "alpha = 0: must be more than 0"),
        ({"laps": 0}, "laps"),
        ({"prior": LaplacePrior(0.0, 1.0)}, "must be a GaussianPrior"),
        ({"tau": -1.0}, "tau"),
    ],
)
def test_wrong_values_are_told(values: dict[str, object], told: str) -> None:
    with pytest.raises(ParameterError, match=told):
        LearntRing(**values)
    assert isinstance(RING.prior, GaussianPrior)
