"""Uniform, mixture and Laplace priors: densities, gradients, draws, far from the modes, as Brian2 code."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.experiment.configuration import resolve
from spikingsampling.inference.priors import (
    PRIORS,
    GaussianMixturePrior,
    GaussianPrior,
    LaplacePrior,
    Prior,
    UniformPrior,
    prior_from_mapping,
    prior_to_mapping,
)
from spikingsampling.network.equations import prior_step
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.parameters import Parameters

THREE = GaussianMixturePrior((0.2, 0.3, 0.5), (-2.0, 0.0, 1.0), (1.0, 0.15, 0.4))
ALL = [
    UniformPrior(),
    GaussianPrior(0.5, 2.0),
    GaussianMixturePrior(),
    THREE,
    GaussianMixturePrior((1.0,), (0.3,), (2.0,)),
    LaplacePrior(0.3, 0.7),
]
names = pytest.mark.parametrize("prior", ALL, ids=lambda prior: type(prior).__name__)

means = st.floats(-5, 5)
sds = st.floats(0.05, 5)
components = st.lists(st.tuples(st.floats(0.01, 1), means, sds), min_size=1, max_size=5)


def mixture(parts: list[tuple[float, float, float]]) -> GaussianMixturePrior:
    weights, centres, widths = zip(*parts, strict=True)
    return GaussianMixturePrior(tuple(w / math.fsum(weights) for w in weights), centres, widths)


priors = st.one_of(
    st.builds(UniformPrior),
    st.builds(GaussianPrior, means, sds),
    st.builds(LaplacePrior, means, sds),
    st.builds(mixture, components),
)


@given(priors, st.floats(-30, 30))
def test_the_gradient_is_that_of_the_log_density(prior: Prior, theta: float) -> None:
    h = 1e-5
    if isinstance(prior, LaplacePrior) and abs(theta - prior.mean) < 2 * h:
        return  # the kink has no derivative
    ends = np.array([theta - h, theta + h])
    low, high = prior.log_density(ends)
    gradient = prior.grad_log_density(theta)
    # the difference quotient is the gradient somewhere between the ends
    change = np.abs(prior.grad_log_density(ends) - gradient).max()
    rounding = 4 * np.finfo(float).eps * max(abs(low), abs(high), 1.0) / h
    assert abs((high - low) / (2 * h) - gradient) <= 2 * change + rounding


@names
def test_a_proper_prior_integrates_to_one(prior: Prior) -> None:
    grid = np.linspace(-40, 40, 800_001)
    if isinstance(prior, UniformPrior):
        assert not prior.log_density(grid).any()
        return
    assert np.trapezoid(np.exp(prior.log_density(grid)), grid) == pytest.approx(1, abs=1e-8)


@names
def test_draws_follow_the_density(prior: Prior) -> None:
    rng = np.random.default_rng(3)
    if isinstance(prior, UniformPrior):
        with pytest.raises(ParameterError, match="UniformPrior cannot be sampled, it is improper"):
            prior.sample(rng, 3)
        return
    draws = prior.sample(rng, (100, 200))
    assert draws.shape == (100, 200)
    grid = np.linspace(-40, 40, 800_001)
    density = np.exp(prior.log_density(grid))
    cdf = np.cumsum(density) * (grid[1] - grid[0])
    assert stats.kstest(draws.ravel(), lambda theta: np.interp(theta, grid, cdf)).pvalue > 1e-4


@names
def test_shapes_are_kept(prior: Prior) -> None:
    for shape in ((), (3,), (2, 3), (0,)):
        theta = np.full(shape, 0.2)
        assert prior.log_density(theta).shape == shape
        assert prior.grad_log_density(theta).shape == shape
    assert isinstance(prior, Prior)


def test_the_mixture_against_scipy_and_by_hand() -> None:
    theta = np.linspace(-4, 4, 101)
    density = sum(
        a * stats.norm.pdf(theta, m, s) for a, m, s in zip(THREE.weights, THREE.means, THREE.sds, strict=True)
    )
    np.testing.assert_allclose(THREE.log_density(theta), np.log(density), rtol=1e-12)
    # ½N(0, 0.15²) + ½N(1, 0.15²): both pull alike half-way, near a mode it alone pulls
    bimodal = GaussianMixturePrior()
    assert bimodal.grad_log_density(0.5) == pytest.approx(0, abs=1e-9)
    assert bimodal.grad_log_density(0.1) == pytest.approx(-0.1 / 0.15**2, rel=1e-6)
    assert bimodal.grad_log_density(0.9) == pytest.approx(0.1 / 0.15**2, rel=1e-6)


@pytest.mark.parametrize("distance", [1e2, 1e4, 1e8, 1e150])
@pytest.mark.parametrize("side", [-1, 1])
def test_far_from_the_modes_the_widest_component_rules(distance: float, side: int) -> None:
    theta = side * distance
    with np.errstate(all="raise", under="ignore"):
        gradient = THREE.grad_log_density(theta)
        log = THREE.log_density(theta)
    assert gradient == pytest.approx(-(theta + 2.0), rel=1e-12)
    assert log == pytest.approx(math.log(0.2) + stats.norm.logpdf(theta, -2.0, 1.0), rel=1e-12)


def test_a_component_of_weight_zero_is_not_there() -> None:
    with_nothing = GaussianMixturePrior((0.0, 1.0), (0.0, 1.0), (1.0, 2.0))
    theta = np.array([-50.0, 0.0, 2.0])
    np.testing.assert_allclose(
        with_nothing.grad_log_density(theta), GaussianPrior(1, 2).grad_log_density(theta)
    )
    np.testing.assert_allclose(with_nothing.log_density(theta), GaussianPrior(1, 2).log_density(theta))
    assert "inf" not in with_nothing.grad_log_density_code


@names
def test_the_brian2_code_is_the_same_gradient(prior: Prior) -> None:
    theta = np.concatenate([np.linspace(-6, 6, 241), [-1e3, 1e3]])
    functions = {"exp": np.exp, "clip": np.clip, "sign": np.sign, "theta": theta, "__builtins__": {}}
    code = eval(prior.grad_log_density_code, functions)
    np.testing.assert_allclose(
        np.broadcast_to(code, theta.shape), prior.grad_log_density(theta), rtol=1e-9, atol=1e-9
    )
    assert "np." not in prior.grad_log_density_code
    assert "theta = clip(" in prior_step(prior)


def test_numpy_numbers_make_plain_code() -> None:
    prior = LaplacePrior(np.float64(0.25), np.float32(0.5))
    assert prior.grad_log_density_code == "sign(0.25 - theta)/0.5"
    assert GaussianPrior(np.int64(1), np.float64(2)).grad_log_density_code == "(1.0 - theta)/4.0"


@names
def test_a_prior_survives_a_configuration_file(prior: Prior) -> None:
    mapping = prior_to_mapping(prior)
    assert mapping["kind"] in PRIORS
    assert prior_from_mapping(mapping) == prior
    circuit = CircuitParameters(prior=prior)
    assert CircuitParameters(**circuit.to_mapping()) == circuit


def test_a_prior_is_chosen_by_kind() -> None:
    class Configuration(Parameters):
        circuit: CircuitParameters = CircuitParameters()

    layer = {"circuit": {"prior": {"kind": "mixture", "weights": [1], "means": [2], "sds": 3}}}
    assert resolve(Configuration, layer).circuit.prior == GaussianMixturePrior((1.0,), (2.0,), (3.0,))
    with pytest.raises(UnknownNameError, match="parameter of the laplace prior 'sd'"):
        resolve(Configuration, {"circuit": {"prior": {"kind": "laplace", "sd": 1}}})


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        (
            GaussianMixturePrior,
            {"weights": (0.5, 0.6)},
            "GaussianMixturePrior.weights sum to 1.1: must sum to 1",
        ),
        (GaussianMixturePrior, {"weights": (-0.5, 1.5)}, "weights holds -0.5: must be at least 0"),
        (GaussianMixturePrior, {"weights": (1.0,)}, r"weights has shape \(1,\): must be \(2,\)"),
        (GaussianMixturePrior, {"sds": (0.1, 0.2, 0.3)}, r"sds has shape \(3,\): must be \(2,\)"),
        (GaussianMixturePrior, {"sds": (1, 0)}, "GaussianMixturePrior.sds holds 0.0: must be more than 0"),
        (GaussianMixturePrior, {"sds": -1}, "GaussianMixturePrior.sds holds -1.0: must be more than 0"),
        (GaussianMixturePrior, {"means": (0, math.nan)}, "GaussianMixturePrior.means holds nan"),
        (GaussianMixturePrior, {"means": ()}, r"GaussianMixturePrior.means has shape \(0,\)"),
        (GaussianMixturePrior, {"means": ("a", "b")}, "GaussianMixturePrior.means holds <U1"),
        (LaplacePrior, {"scale": 0}, "LaplacePrior.scale = 0: must be more than 0"),
        (LaplacePrior, {"mean": math.inf}, "LaplacePrior.mean = inf: must be a finite number"),
        (LaplacePrior, {"mean": True}, "LaplacePrior.mean = True: must be a finite number"),
        (GaussianPrior, {"sd": math.nan}, "GaussianPrior.sd = nan: must be a finite number"),
        (GaussianPrior, {"mean": "0"}, "GaussianPrior.mean = '0': must be a finite number"),
    ],
)
def test_wrong_values_are_refused(kind: type, values: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message) as caught:
        kind(**values)
    assert "\n" not in str(caught.value)
