"""Is a prior what it says it is? Its gradient, its Brian2 code, its samples and its settings against its density."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import random_generator, whole_number
from ..errors import ParameterError
from .priors import PRIORS, GaussianPrior, Prior, prior_from_mapping, prior_to_mapping

__all__ = ["check_prior"]

Array = NDArray[np.float64]
#: Standard errors that a right sampler exceeds once in more than a million checks.
_STANDARD_ERRORS = 5.0


def check_prior(prior: Prior, *, n_samples: int = 20_000, seed: int = 0) -> None:
    """Check a prior of one's own; nothing happens where it is right.

    Compared are the gradient with finite differences of the log-density, the Brian2 code with the gradient, samples
    with the density, and the prior with what a configuration file or a run's record would hold of it. An improper
    prior is one whose ``sample`` raises a ParameterError; the others must be normalised.

    Parameters
    ----------
    prior : Prior
    n_samples : int
        Draws that are compared with the density; at least 1000.
    seed : int
        Of these draws.

    Raises
    ------
    ParameterError
        Names the property that fails, where, and both values.
    """
    if not isinstance(prior, Prior):
        raise ParameterError(
            f"{prior!r} is no prior: must have log_density, grad_log_density, sample and grad_log_density_code"
        )
    n = whole_number("n_samples", n_samples, low=1000)
    samples = _samples(prior, n, seed)
    scale = 1.0 if samples is None else float(np.subtract(*np.quantile(samples, [0.75, 0.25])))
    if not scale > 0:
        raise _wrong(prior, "sample: half of all draws are equal")
    theta = np.linspace(-6.0 * scale, 7.0 * scale, 131) + 0.01234 * scale
    if samples is not None:
        theta = np.concatenate([theta + np.median(samples), samples[:200]])
    with np.errstate(all="ignore"):
        theta = theta[np.isfinite(_elementwise(prior, "log_density", theta))]
        if not len(theta):
            raise _wrong(prior, "log_density is not finite anywhere")
        _check_gradient(prior, theta, scale)
        if prior.grad_log_density_code is not None:
            _check_code(prior, theta)
        if isinstance(prior, GaussianPrior):
            _check_transition(prior, theta)
        if samples is not None:
            _check_samples(prior, samples)
    _check_settings(prior)


def _wrong(prior: Prior, problem: str) -> ParameterError:
    return ParameterError(f"{type(prior).__name__}: {problem}")


def _elementwise(prior: Prior, name: str, theta: Array) -> Array:
    """The values of a method at ``theta`` (n,); it must work on arrays of any shape, element by element."""
    function: Callable[[Any], Any] = getattr(prior, name)
    values = np.asarray(function(theta))
    if values.dtype.kind != "f" or values.shape != theta.shape:
        raise _wrong(
            prior,
            f"{name} gives {values.dtype} {values.shape} for θ {theta.shape}: must be floats of that shape",
        )
    two = theta[: 2 * (len(theta) // 2)].reshape(2, -1)
    for part, expected in ((two, values[: two.size].reshape(two.shape)), (float(theta[0]), values[0])):
        again = np.asarray(function(part))
        if again.shape != np.shape(part) or not np.allclose(again, expected, rtol=1e-9, equal_nan=True):
            raise _wrong(prior, f"{name} of an array of shape {np.shape(part)} is not that of its elements")
    return values


def _check_gradient(prior: Prior, theta: Array, scale: float) -> None:
    gradient = _elementwise(prior, "grad_log_density", theta)
    h = 1e-4 * scale

    def difference(step: float) -> tuple[Array, Array]:
        high, low = (np.asarray(prior.log_density(theta + side * step), dtype=float) for side in (1, -1))
        error = np.finfo(float).eps * (np.abs(high) + np.abs(low) + np.abs(theta * gradient)) / step
        return (high - low) / (2 * step), error

    coarse, _ = difference(h)
    fine, rounding = difference(h / 2)
    # The error of a central difference falls by 4 from h to h/2; at a kink it does not, and both are far apart.
    allowed = 2 * np.abs(coarse - fine) + 8 * rounding + 1e-9 / scale
    compared = np.isfinite(fine) & np.isfinite(coarse)
    _compare(
        prior,
        "grad_log_density is not the derivative of log_density",
        theta,
        gradient,
        fine,
        allowed,
        compared,
    )


def _compare(
    prior: Prior, problem: str, theta: Array, one: Array, other: Array, allowed: Array, compared: Any = True
) -> None:
    differs = compared & ~(np.abs(one - other) <= allowed)  # true for NaN, too
    if differs.any():
        worst = int(np.argmax(np.where(differs, np.nan_to_num(np.abs(one - other), nan=np.inf), -1.0)))
        raise _wrong(
            prior, f"{problem}: at θ = {theta[worst]:.6g} {one[worst]:.9g} against {other[worst]:.9g}"
        )


def _check_code(prior: Prior, theta: Array) -> None:
    """The Brian2 expression as Brian2 itself evaluates it, against the gradient."""
    gradient = np.asarray(prior.grad_log_density(theta), dtype=float)
    values = _evaluated(prior, theta)
    allowed = 1e-9 * np.maximum(np.abs(gradient), 1e-6 * np.abs(gradient).max())
    _compare(prior, "grad_log_density_code is not grad_log_density", theta, values, gradient, allowed)


def _evaluated(prior: Prior, theta: Array) -> Array:
    from brian2.codegen.generators.numpy_generator import NumpyCodeGenerator  # the rest here needs no Brian2
    from brian2.core.functions import DEFAULT_FUNCTIONS
    from brian2.parsing.rendering import NumpyNodeRenderer

    from ..units import plain_text

    code = plain_text(str(prior.grad_log_density_code))
    names = {**DEFAULT_FUNCTIONS}
    try:
        rendered = NumpyNodeRenderer().render_expr(code)
        functions = {
            name: function.implementations[NumpyCodeGenerator].get_code(None)
            if NumpyCodeGenerator in function.implementations
            else function.pyfunc
            for name, function in names.items()
        }
        functions |= {"theta": theta, "inf": np.inf, "logical_not": np.logical_not, "pi": np.pi, "e": np.e}
        functions |= {"logical_and": np.logical_and, "logical_or": np.logical_or}
        values = eval(rendered, {"__builtins__": {}}, functions)
        return np.broadcast_to(np.asarray(values, dtype=float), theta.shape)
    except Exception as error:
        raise _wrong(
            prior,
            f"grad_log_density_code = {code!r} is no Brian2 expression in theta: {type(error).__name__}: {error}",
        ) from None


def _check_transition(prior: GaussianPrior, theta: Array) -> None:
    """Networks move under a Gaussian prior by its exact transition, whatever its gradient says."""
    time = 1e-6 * prior.sd**2
    decay, sd = prior.transition(time, 1.0)
    drift = (theta - prior.mean) * (decay - 1) / time
    gradient = np.asarray(prior.grad_log_density(theta), dtype=float)
    allowed = 1e-5 * np.abs(gradient).max() * np.ones_like(theta)
    _compare(prior, "transition does not follow grad_log_density", theta, drift, gradient, allowed)
    if not abs(sd**2 / (2 * time) - 1) < 1e-5:
        raise _wrong(
            prior, f"transition: its noise has variance {sd**2:.9g} in b t = {time:.3g}, must be 2 b t"
        )


def _samples(prior: Prior, n: int, seed: int) -> Array | None:
    """Draws of a prior (n,), None if it is improper."""
    try:
        samples = np.asarray(prior.sample(random_generator("seed", seed), n))
    except ParameterError:
        return None
    if samples.shape != (n,) or samples.dtype.kind != "f" or not np.isfinite(samples).all():
        raise _wrong(
            prior, f"sample gives {samples.dtype} {samples.shape} for size = {n}: must be {n} finite floats"
        )
    if np.shape(prior.sample(random_generator("seed", seed), (2, 3))) != (2, 3):
        raise _wrong(prior, "sample does not give an array of the shape size = (2, 3)")
    if not np.array_equal(np.asarray(prior.sample(random_generator("seed", seed), n)), samples):
        raise _wrong(prior, "sample: must draw from the generator that it is given, and from nothing else")
    return samples


def _check_samples(prior: Prior, samples: Array) -> None:
    """Total probability, then mean and standard deviation of F(θ), which is uniform if F is the law of θ."""
    ordered = np.sort(samples)
    span = ordered[-1] - ordered[0]
    grid = np.union1d(np.linspace(ordered[0] - span, ordered[-1] + span, 100_001), ordered)
    density = np.exp(np.asarray(prior.log_density(grid), dtype=float))
    mass = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(grid))])
    total = float(mass[-1])
    if not abs(total - 1) < 2e-3:  # a heavy tail may reach farther than the draws
        raise _wrong(
            prior,
            f"log_density is not normalised, or sample leaves out a part of it: probability {total:.6g} from "
            f"{grid[0]:.4g} to {grid[-1]:.4g}, must be 1",
        )
    uniform, n = np.interp(samples, grid, mass / total), len(samples)
    for what, value, expected, error in (
        ("mean", uniform.mean(), 0.5, (1 / 12 / n) ** 0.5),
        ("standard deviation", uniform.std(), 12**-0.5, ((1 / 80 - 1 / 144) / n * 12 / 4) ** 0.5),
    ):
        if abs(value - expected) > _STANDARD_ERRORS * error:
            raise _wrong(
                prior,
                f"sample does not draw from log_density: the {what} of the cumulative probability of {n} draws is "
                f"{value:.5f} ± {error:.5f}, must be {expected:.5f}",
            )


def _check_settings(prior: Prior) -> None:
    settings = prior_to_mapping(prior)
    if type(prior) in PRIORS.values():
        if prior_from_mapping(settings) != prior:
            raise _wrong(prior, f"settings {settings} do not give an equal prior")
    elif " at 0x" in settings["kind"]:
        raise _wrong(
            prior,
            f"repr is {settings['kind']}: must tell the settings, or no run can be resumed (use a dataclass)",
        )
