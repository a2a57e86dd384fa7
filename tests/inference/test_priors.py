from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.inference.priors import GaussianPrior, Prior, prior_from_mapping, prior_to_mapping

PRIOR = GaussianPrior(0.3, 0.8)
THETA = np.linspace(-4, 5, 37)


def test_the_density_is_the_normal_one_and_normalised() -> None:
    np.testing.assert_allclose(PRIOR.log_density(THETA), stats.norm(0.3, 0.8).logpdf(THETA), rtol=1e-12)
    total, _ = integrate.quad(lambda theta: float(np.exp(PRIOR.log_density(theta))), -10, 10)
    assert total == pytest.approx(1)


def test_the_gradient_is_that_of_the_density() -> None:
    h = 1e-5
    numeric = (PRIOR.log_density(THETA + h) - PRIOR.log_density(THETA - h)) / (2 * h)
    np.testing.assert_allclose(PRIOR.grad_log_density(THETA), numeric, rtol=1e-8, atol=1e-8)
    code = eval(PRIOR.grad_log_density_code, {"theta": THETA})
    np.testing.assert_allclose(PRIOR.grad_log_density(THETA), code, rtol=1e-12)


def test_samples_are_from_the_density() -> None:
    sample = PRIOR.sample(np.random.default_rng(1), (20, 50))
    assert sample.shape == (20, 50)
    assert stats.kstest(sample.ravel(), stats.norm(0.3, 0.8).cdf).pvalue > 1e-4


@given(st.floats(1e-6, 5), st.floats(1e-6, 5), st.floats(0, 10))
def test_transitions_compose(first: float, second: float, temperature: float) -> None:
    """Chapman-Kolmogorov: two transitions are one over the sum of the times."""
    (a, s), (b, r) = PRIOR.transition(first, temperature), PRIOR.transition(second, temperature)
    decay, sd = PRIOR.transition(first + second, temperature)
    assert decay == pytest.approx(a * b)
    assert sd == pytest.approx(math.hypot(b * s, r), abs=1e-12)


def test_transition_has_the_langevin_step_and_the_tempered_prior_as_limits() -> None:
    """dθ = b ∂log p dt + √(2Tb) dW for short times, N(μ, Tσ²) for long ones."""
    decay, sd = PRIOR.transition(1e-9, 2.0)
    assert (1 - decay) / 1e-9 == pytest.approx(1 / 0.64, rel=1e-6)
    assert sd == pytest.approx(math.sqrt(2 * 2.0 * 1e-9), rel=1e-6)
    assert PRIOR.transition(1e3, 2.0) == (pytest.approx(0), pytest.approx(math.sqrt(2.0) * 0.8))
    assert PRIOR.transition(1.0, 0.0)[1] == 0
    assert PRIOR.transition(0.0, 1.0) == (1, 0)


@pytest.mark.parametrize("values", [(0, 0), (0, -1), (math.nan, 1), (0, math.inf), ("0", 1)])
def test_wrong_values(values: tuple) -> None:
    with pytest.raises(ParameterError, match=r"GaussianPrior\.(mean|sd) = "):
        GaussianPrior(*values)


def test_mappings() -> None:
    assert prior_from_mapping(prior_to_mapping(PRIOR)) == PRIOR
    assert prior_from_mapping({"sd": 2.0}) == GaussianPrior(0.5, 2.0)
    with pytest.raises(UnknownNameError, match="unknown prior 'gausian'; did you mean 'gaussian'"):
        prior_from_mapping({"kind": "gausian"})
    with pytest.raises(UnknownNameError, match="unknown parameter of the gaussian prior 'sigma'"):
        prior_from_mapping({"sigma": 1.0})


def test_a_prior_is_anything_with_its_methods() -> None:
    assert isinstance(PRIOR, Prior)
    assert not isinstance(object(), Prior)
