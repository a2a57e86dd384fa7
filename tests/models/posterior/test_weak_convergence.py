"""The law of the integrator where it is known."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.inference.langevin import SynapticSampling
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.models.posterior.weak_convergence import order_of_convergence, stationary_moments


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_euler_maruyama_widens_a_gaussian(temperature: float) -> None:
    """θ → θ − bΔt (θ − m) + √(2TbΔt) ξ has the mean m and the variance T/(1 − bΔt/2)."""
    sampling = SynapticSampling(GaussianPrior(0.5, 1.0), b=2.0, temperature=temperature)
    mean, square = stationary_moments(sampling, 0.1, np.linspace(-8, 9, 201))
    assert mean == pytest.approx(0.5, abs=1e-6)
    assert square == pytest.approx(0.25 + temperature / 0.9, rel=1e-6)


def test_the_order_is_the_slope() -> None:
    time_steps = np.array([0.4, 0.2, 0.05])
    assert order_of_convergence(time_steps, -3 * time_steps**1.5) == pytest.approx(1.5)
