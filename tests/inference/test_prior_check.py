"""A right prior passes its check, and each way to get one wrong is named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import spikingsampling as ss
from spikingsampling.errors import ParameterError
from spikingsampling.inference.prior_check import check_prior
from spikingsampling.inference.priors import GaussianMixturePrior, GaussianPrior, LaplacePrior, UniformPrior


@dataclass(frozen=True)
class Logistic:
    """A logistic law, written as a user would write it; every member can be replaced by a wrong one."""

    centre: float = 0.4
    width: float = 0.7

    @property
    def grad_log_density_code(self) -> str | None:
        return f"-tanh((theta - {self.centre!r})/(2*{self.width!r}))/{self.width!r}"

    def log_density(self, theta):
        z = np.abs(np.asarray(theta, dtype=float) - self.centre) / self.width
        return -z - 2 * np.log1p(np.exp(-z)) - np.log(self.width)

    def grad_log_density(self, theta):
        return -np.tanh((np.asarray(theta, dtype=float) - self.centre) / (2 * self.width)) / self.width

    def sample(self, rng, size):
        return rng.logistic(self.centre, self.width, size)


@dataclass(frozen=True)
class Cauchy:
    """Without mean and variance."""

    grad_log_density_code = "-2*theta/(1 + theta**2)"

    def log_density(self, theta):
        return -np.log(np.pi * (1 + np.asarray(theta, dtype=float) ** 2))

    def grad_log_density(self, theta):
        theta = np.asarray(theta, dtype=float)
        return -2 * theta / (1 + theta**2)

    def sample(self, rng, size):
        return rng.standard_cauchy(size)


@pytest.mark.parametrize(
    "prior",
    [
        GaussianPrior(),
        GaussianPrior(-3.0, 1e-3),
        GaussianPrior(1e3, 50.0),
        LaplacePrior(0.3, 0.2),
        UniformPrior(),
        GaussianMixturePrior((0.2, 0.3, 0.5), (0, 1, 5), (0.15, 0.01, 2)),
        Logistic(),
        Logistic(np.float64(0.4), np.float64(0.7)),
        Cauchy(),
    ],
    ids=repr,
)
def test_right_priors_pass(prior: Any) -> None:
    assert check_prior(prior) is None
    assert ss.check_prior is check_prior


def wrong(**members: Any) -> Any:
    """A logistic prior with members that are replaced."""
    return type("Wrong", (Logistic,), members)()


GRADIENT = Logistic.grad_log_density
DENSITY = Logistic.log_density


@pytest.mark.parametrize(
    ("prior", "message"),
    [
        (
            wrong(grad_log_density=lambda self, x: -GRADIENT(self, x)),
            "grad_log_density is not the derivative",
        ),
        (
            wrong(grad_log_density=lambda self, x: 2 * GRADIENT(self, x)),
            "grad_log_density is not the derivative",
        ),
        (
            wrong(grad_log_density=lambda self, x: GRADIENT(self, x) + 1e-3),
            "grad_log_density is not the derivative",
        ),
        (
            wrong(grad_log_density=lambda self, x: np.where(np.asarray(x) > 3, 0.0, GRADIENT(self, x))),
            "grad_log_density is not the derivative of log_density: at θ = ",
        ),
        (wrong(log_density=lambda self, x: -DENSITY(self, x)), "grad_log_density is not the derivative"),
        (
            wrong(grad_log_density_code="tanh((theta - 0.4)/1.4)/0.7"),
            "grad_log_density_code is not grad_log_density",
        ),
        (
            wrong(grad_log_density_code="-tanh((theta - 0.4)/1.4)"),
            "grad_log_density_code is not grad_log_density",
        ),
        (wrong(grad_log_density_code="-tanh(x)"), "is no Brian2 expression in theta"),
        (wrong(grad_log_density_code="-theta +"), "is no Brian2 expression in theta"),
        (wrong(log_density=lambda self, x: DENSITY(self, x) + 0.1), "log_density is not normalised"),
        (wrong(sample=lambda self, rng, n: rng.logistic(-0.4, 0.7, n)), "the mean of the cumulative"),
        (
            wrong(sample=lambda self, rng, n: rng.logistic(0.4, 0.6, n)),
            "the standard deviation of the cumulative",
        ),
        (wrong(sample=lambda self, rng, n: np.full(n, 0.4)), "sample: half of all draws are equal"),
        (wrong(sample=lambda self, rng, n: rng.logistic(0.4, 0.7, 5)), "sample gives float64 (5,)"),
        (
            wrong(sample=lambda self, rng, n: np.random.default_rng().logistic(0.4, 0.7, n)),
            "sample: must draw from the generator",
        ),
        (
            wrong(grad_log_density=lambda self, x: float(np.mean(GRADIENT(self, x)))),
            "must be floats of that shape",
        ),
        (wrong(log_density=lambda self, x: DENSITY(self, x) - np.mean(x)), "is not that of its elements"),
        (wrong(log_density=lambda self, x: np.full(np.shape(x), -np.inf)), "not finite anywhere"),
        (wrong(__repr__=object.__repr__), "repr is <.*Wrong object at 0x.*: must tell the settings"),
    ],
)
def test_wrong_priors_are_named(prior: Any, message: str) -> None:
    pattern = message if ".*" in message else re.escape(message)
    with pytest.raises(ParameterError, match=f"^Wrong: .*{pattern}"):
        check_prior(prior)


def test_a_gaussian_moves_by_its_transition() -> None:
    """Networks use the transition of a Gaussian prior, not its gradient: both must say the same."""

    @dataclass(frozen=True)
    class Halved(GaussianPrior):
        def transition(self, rate_time, temperature):
            return super().transition(rate_time / 2, temperature)

    with pytest.raises(ParameterError, match="Halved: transition does not follow grad_log_density"):
        check_prior(Halved())


def test_what_is_no_prior_is_told() -> None:
    with pytest.raises(ParameterError, match="is no prior: must have log_density"):
        check_prior(object())
    with pytest.raises(ParameterError, match="n_samples = 10: must be a whole number, at least 1000"):
        check_prior(GaussianPrior(), n_samples=10)
