"""The ring attractor: its closed forms beside integrals, a numerical null vector, and its own steps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from spikingsampling.errors import ParameterError
from spikingsampling.models.dynamics.ring_attractor import RingAttractor

#: J0, J1, half width (degrees), peak and mean rate.
ROWS = [
    (-10.0, 3.0, 105.363, 0.25894, 0.09458),
    (-4.0, 4.0, 90.0, math.pi / 4, 0.25),
    (-6.0, 6.0, 74.637, 0.80111, 0.21479),
]


@pytest.mark.parametrize(("j0", "j1", "width", "peak", "mean"), ROWS)
def test_the_bump_in_closed_form(j0, j1, width, peak, mean) -> None:
    """Values to their last digit, and the fixed point's equation at one direction by SciPy's quadrature."""
    ring = RingAttractor(j0, j1, h0=1.0)
    assert math.degrees(ring.half_width) == pytest.approx(width, abs=5.1e-4)
    assert (ring.peak_rate, ring.mean_rate) == pytest.approx((peak, mean), abs=5.1e-6)
    c, at = ring.half_width, 0.7

    def u(phi: float) -> float:
        return ring.amplitude * (math.cos(phi) - math.cos(c))

    drive, _ = quad(lambda phi: (j0 + j1 * math.cos(at - phi)) * max(u(phi), 0), -c, c, epsabs=1e-12)
    assert ring.h0 + drive / (2 * math.pi) == pytest.approx(u(at), abs=1e-10)


@pytest.mark.parametrize(("j0", "j1", "width", "peak", "mean"), ROWS)
def test_a_ring_of_neurons_keeps_that_bump(j0, j1, width, peak, mean) -> None:
    """The sum over N neurons differs from the integral by (2π/N)²/12 times the kinks' slope 2A sin φ_c, at most."""
    ring = RingAttractor(j0, j1, h0=2.0, n=200)
    u, _ = ring.simulate(1.3 * ring.bump(1.0)[None], np.zeros((4000, 1)), 1e-3)
    bound = (2 * np.pi / 200) ** 2 / 12 * 2 * ring.amplitude
    half_width, peak_rate, mean_rate = ring.shape(u[0])
    assert half_width == pytest.approx(math.radians(width), abs=1e-4 + bound)
    assert (peak_rate, mean_rate) == pytest.approx((2 * peak, 2 * mean), abs=2e-5 + bound)
    # Neurons stand at a distance, so that not every direction is at rest: one within half of that distance is.
    assert ring.decode(u)[0] == pytest.approx(1.0, abs=np.pi / 200)


def test_a_step_is_eulers() -> None:
    """Written out for eight neurons, with an input, and with noise whose generator is known."""
    ring = RingAttractor(-2.0, 3.0, h0=1.5, tau=0.01, n=8)
    u = np.random.default_rng(1).normal(size=(2, 8))
    extra = np.arange(8.0)
    found, path = ring.simulate(u, extra[None], 2e-3, sigma=0.3, rng=np.random.default_rng(2))
    weights = (-2 + 3 * np.cos(ring.directions[:, None] - ring.directions)) / 8
    expected = u + 0.2 * (-u + 1.5 + np.maximum(u, 0) @ weights.T + extra)
    expected += 0.3 * np.sqrt(0.2) * np.random.default_rng(2).standard_normal((2, 8))
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_allclose(path, [ring.decode(u), ring.decode(found)])


def test_directions_are_decoded() -> None:
    ring = RingAttractor()
    psi = np.array([0.0, 1.0, -3.0])
    np.testing.assert_allclose(ring.decode(ring.bump(psi)), psi, atol=1e-4)
    width, peak, mean = ring.shape(ring.bump(0.4))
    assert (width, peak) == pytest.approx((ring.half_width, ring.peak_rate))
    assert mean == pytest.approx(ring.mean_rate, rel=1e-3)


def test_diffusion_from_the_null_vectors_of_the_jacobian() -> None:
    """D = (σ²/τ) |v|²/(v·u')² for the left null vector v, found numerically, and u' = ∂u/∂ψ."""
    ring = RingAttractor(n=512)
    u = ring.bump(0.01)
    weights = (ring.j0 + ring.j1 * np.cos(ring.directions[:, None] - ring.directions)) / ring.n
    values, vectors = np.linalg.eig((weights * (u > 0) - np.eye(ring.n)).T)
    v = np.real(vectors[:, np.argmin(np.abs(values))])
    shift = ring.amplitude * np.sin(ring.directions - 0.01)
    expected = 0.02**2 / ring.tau * (v @ v) / (v @ shift) ** 2
    assert ring.diffusion(0.02) == pytest.approx(expected, rel=1e-2)
    assert RingAttractor().diffusion(0.02) == pytest.approx(0.01119, abs=5.1e-6)
    assert RingAttractor(n=64).diffusion(0.01) == pytest.approx(2 * 0.01119 / 4, abs=5.1e-6)


def test_the_bump_diffuses_as_theory_says() -> None:
    """400 trials of 0.5 s, four standard errors: that of a mean of squares is √(2/400) of it."""
    ring = RingAttractor()
    start = np.repeat(ring.bump(1.0)[None], 400, axis=0)
    rng = np.random.default_rng(0)
    _, path = ring.simulate(start, np.zeros((500, 1)), 1e-3, sigma=0.02, rng=rng, every=500)
    found = np.mean((path[1] - path[0]) ** 2) / 0.5
    assert found == pytest.approx(ring.diffusion(0.02), rel=4 * np.sqrt(2 / 400))


@pytest.mark.parametrize("distance", [0.5, 1.5, 2.8])
def test_a_weak_input_pulls_as_theory_says(distance: float) -> None:
    """The error is of first order in ε: it halves with ε while ε t stays."""
    ring = RingAttractor(n=256)
    errors = []
    for strength, steps in ((4e-3, 250), (2e-3, 500), (1e-3, 1000)):
        shown = np.tile(strength * np.cos(ring.directions - distance), (steps, 1))
        _, path = ring.simulate(ring.bump()[None], shown, 1e-3, every=steps)
        left = float(ring.pulled(distance, strength, steps * 1e-3))
        errors.append(abs(distance - path[-1, 0] - left))
    assert errors[0] < 4e-3 * 10
    np.testing.assert_allclose(np.divide(errors[1:], errors[:-1]), 0.5, atol=0.1)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"j1": 2.0}, r"RingAttractor.j1 = 2: must be more than 2"),
        ({"j0": 1.0}, r"RingAttractor.j0 = 1: must be less than 0.5"),
        ({"h0": 0.0}, r"RingAttractor.h0 = 0: must be more than 0"),
        ({"n": 4}, r"RingAttractor.n = 4: must be a whole number, at least 8"),
        ({"tau": "0 s"}, r"RingAttractor.tau"),
    ],
)
def test_rings_without_a_bump_are_refused(values, message) -> None:
    with pytest.raises(ParameterError, match=message):
        RingAttractor(**values)


def test_steps_are_checked() -> None:
    ring = RingAttractor(n=8)
    start, inputs = np.zeros((1, 8)), np.zeros((1, 1))
    with pytest.raises(ParameterError, match=r"inputs has shape \(1, 3\): must be \(n_steps, 8\)"):
        ring.simulate(start, np.zeros((1, 3)), 1e-3)
    with pytest.raises(ParameterError, match=r"dt = 0.1: must be at most half of tau, 0.01 s"):
        ring.simulate(start, inputs, 0.1)
    with pytest.raises(ParameterError, match=r"rng = None: must be a generator with sigma = 0.1"):
        ring.simulate(start, inputs, 1e-3, sigma=0.1)
    with pytest.raises(ParameterError, match=r"start has shape \(1, 7\)"):
        ring.simulate(np.zeros((1, 7)), inputs, 1e-3)
    with pytest.raises(ParameterError, match="u: must be a bump that crosses zero"):
        ring.shape(np.ones(8))
