"""Potentials, their dual maps and curvatures, and the step of mirror descent."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from spikingsampling.errors import ParameterError
from spikingsampling.inference import BurgEntropy, NegativeEntropy, PNorm, Potential, mirror_step

Array = NDArray[np.float64]

#: Each potential with its φ.
POTENTIALS: list[tuple[Potential, Callable[[Array], Array]]] = [
    (PNorm(1.5), lambda w: np.abs(w) ** 1.5 / 1.5),
    (PNorm(2), lambda w: w**2 / 2),
    (PNorm(3), lambda w: np.abs(w) ** 3 / 3),
    (NegativeEntropy(), lambda w: np.abs(w) * np.log(np.abs(w))),
    (BurgEntropy(), lambda w: -np.log(np.abs(w))),
]
W = np.array([-2.0, -0.7, -0.1, 0.2, 0.9, 3.0])
H = 1e-5


@pytest.mark.parametrize(("potential", "phi"), POTENTIALS)
def test_dual_and_curvature_are_derivatives(potential: Potential, phi: Callable[[Array], Array]) -> None:
    step = H * np.abs(W)  # central differences: relative error H² times a third derivative of order 1
    np.testing.assert_allclose(
        potential.dual(W), (phi(W + step) - phi(W - step)) / (2 * step), rtol=1e-8, atol=1e-9
    )
    slope = (potential.dual(W + step) - potential.dual(W - step)) / (2 * step)
    np.testing.assert_allclose(potential.curvature(W), slope, rtol=1e-8)


@pytest.mark.parametrize(("potential", "_"), POTENTIALS)
def test_a_step_moves_the_dual_by_the_gradient(potential: Potential, _: object) -> None:
    gradient = np.array([0.3, -0.2, 0.5, -0.1, 0.25, 0.02])
    moved = mirror_step(potential, W, gradient, 0.5)
    np.testing.assert_allclose(potential.dual(moved), potential.dual(W) - 0.5 * gradient, rtol=1e-12)


@pytest.mark.parametrize(("potential", "_"), POTENTIALS)
def test_small_steps_are_divided_by_the_curvature(potential: Potential, _: object) -> None:
    gradient = np.linspace(-1, 1, 6)
    change = (mirror_step(potential, W, gradient, 1e-7) - W) / 1e-7
    np.testing.assert_allclose(change, -gradient / potential.curvature(W), rtol=2e-4)


def test_equations_of_the_rules() -> None:
    gradient, rate = np.array([1.0, -2.0, 0.5, 3.0, -1.0, 0.1]), 0.1
    np.testing.assert_allclose(mirror_step(PNorm(2), W, gradient, rate), W - rate * gradient, rtol=1e-12)
    expected = W * np.exp(-rate * np.sign(W) * gradient)
    np.testing.assert_allclose(mirror_step(NegativeEntropy(), W, gradient, rate), expected, rtol=1e-12)
    np.testing.assert_allclose(
        mirror_step(BurgEntropy(), W, gradient, rate), W / (1 + rate * W * gradient), rtol=1e-12
    )


def test_signs_are_kept_by_the_entropies_only() -> None:
    gradient = 10.0 * W
    kept = mirror_step(NegativeEntropy(), W, gradient, 1.0)
    np.testing.assert_array_equal(np.sign(kept), np.sign(W))
    np.testing.assert_array_equal(np.sign(mirror_step(BurgEntropy(), W, gradient, 1.0)), np.sign(W))
    for p in (1.5, 2, 3):
        assert (np.sign(mirror_step(PNorm(p), W, gradient, 1.0)) == -np.sign(W)).all()


def test_gradient_descent_in_theta_is_mirror_descent_in_burgs_dual() -> None:
    """w = e^{θ−θ0}, so ∂L/∂θ = w ∂L/∂w. Both steps are alike to first order, the difference is (ηwg)²w/2."""
    w, gradient = np.abs(W), np.linspace(-1, 1, 6)
    for rate in (1e-3, 1e-4):
        in_theta = w * np.exp(-rate * w * gradient)
        small = rate * w * gradient
        difference = mirror_step(BurgEntropy(), w, gradient, rate) - in_theta
        np.testing.assert_allclose(difference, w * small**2 / 2, rtol=1e-2, atol=1e-15)


def test_steps_that_leave_burgs_domain_are_not_numbers() -> None:
    moved = mirror_step(BurgEntropy(), [1.0, 1.0, -1.0, -1.0], [-0.5, -1.0, 0.5, 2.0], 1.0)
    np.testing.assert_array_equal(moved, [2.0, np.nan, -2.0, np.nan])


def test_names() -> None:
    names = [potential.name for potential, _ in POTENTIALS]
    assert names == ["1.5-norm", "2-norm", "3-norm", "entropy", "burg"]


@pytest.mark.parametrize("p", [1, 0.5, float("nan"), float("inf"), "2"])
def test_wrong_p(p: float) -> None:
    with pytest.raises(ParameterError, match=r"PNorm\.p"):
        PNorm(p)


def test_wrong_steps() -> None:
    with pytest.raises(ParameterError, match="rate = -1"):
        mirror_step(PNorm(2), W, W, -1)
    with pytest.raises(ParameterError, match=r"gradient has shape \(2,\): must be that of w, \(6,\)"):
        mirror_step(PNorm(2), W, [1.0, 2.0], 0.1)
