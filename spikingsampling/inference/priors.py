"""Prior distributions p_S(θ) of synaptic parameters.

A prior is any object that has the four members of :class:`Prior`. It acts on each parameter independently.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import finite_number
from ..errors import ParameterError, UnknownNameError
from ..parameters import is_reference, object_from_mapping, object_to_mapping
from ..units import plain_text
from .mixture import GaussianMixturePrior

__all__ = [
    "GaussianMixturePrior",
    "GaussianPrior",
    "LaplacePrior",
    "Prior",
    "UniformPrior",
    "prior_from_mapping",
    "prior_to_mapping",
]


_LOG_SQRT_2PI = 0.5 * math.log(2 * math.pi)


@runtime_checkable
class Prior(Protocol):
    """What a prior has to offer.

    Densities and gradients take arrays of any shape and return float64 arrays of that shape, elementwise; θ has
    no unit. ``grad_log_density_code`` is the same gradient as a Brian2 expression in ``theta`` (or None if the
    prior is used in NumPy simulations only).
    """

    grad_log_density_code: str | None

    def log_density(self, theta: ArrayLike) -> NDArray[np.float64]:
        """log p_S(θ), normalised where the prior is proper."""
        ...

    def grad_log_density(self, theta: ArrayLike) -> NDArray[np.float64]:
        """∂ log p_S(θ) / ∂θ."""
        ...

    def sample(self, rng: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        """Independent draws from p_S, an array of the shape ``size``; an improper prior raises a ParameterError."""
        ...


def _check_number(owner: object, name: str, *, positive: bool = False) -> None:
    """Check a field of a prior, and hold it as a plain float, whose repr is also Brian2 code."""
    label = f"{type(owner).__name__}.{name}"
    value = finite_number(label, getattr(owner, name))
    if positive and value <= 0:
        raise ParameterError(f"{label} = {getattr(owner, name)!r}: must be more than 0")
    object.__setattr__(owner, name, value)


@dataclass(frozen=True)
class UniformPrior:
    """Flat prior on the whole line: no preference, and improper (its integral is infinite).

    Synaptic sampling then follows the likelihood alone (Fournier's report, section 4).
    """

    kind: ClassVar[str] = "uniform"
    grad_log_density_code: ClassVar[str] = "0.0"

    def log_density(self, theta: ArrayLike) -> NDArray[np.float64]:
        """Zero everywhere; the density is known up to a factor only."""
        return np.zeros(np.shape(theta))

    def grad_log_density(self, theta: ArrayLike) -> NDArray[np.float64]:
        """Zero everywhere."""
        return np.zeros(np.shape(theta))

    def sample(self, rng: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        """Not possible.

        Raises
        ------
        ParameterError
            Always: say where the parameters start, or take a proper prior.
        """
        raise ParameterError(
            "UniformPrior cannot be sampled, it is improper: give initial parameters or a proper prior"
        )


@dataclass(frozen=True)
class GaussianPrior:
    """Gaussian prior N(mean, sd²) (Kappel et al., PLOS Comput Biol 2015, equation 4).

    The defaults are those of the authors' code for experiment 4.
    Its drift b (mean − θ)/sd² and noise √(2Tb) make an Ornstein-Uhlenbeck process, whose transition over any
    time is known exactly; :meth:`transition` gives it and the simulations use it.

    Raises
    ------
    ParameterError
        ``mean`` is not finite, or ``sd`` is not finite and positive.
    """

    mean: float = 0.5
    sd: float = 1.0
    kind: ClassVar[str] = "gaussian"

    def __post_init__(self) -> None:
        _check_number(self, "mean")
        _check_number(self, "sd", positive=True)

    @property
    def grad_log_density_code(self) -> str:
        """(mean − θ)/sd² in Brian2."""
        return f"({self.mean!r} - theta)/{self.sd**2!r}"

    def log_density(self, theta: ArrayLike) -> NDArray[np.float64]:
        """−(θ − mean)²/(2 sd²) − log(sd √2π)."""
        z = (np.asarray(theta, dtype=float) - self.mean) / self.sd
        return -0.5 * z**2 - math.log(self.sd) - _LOG_SQRT_2PI

    def grad_log_density(self, theta: ArrayLike) -> NDArray[np.float64]:
        """(mean − θ)/sd²."""
        return (self.mean - np.asarray(theta, dtype=float)) / self.sd**2

    def sample(self, rng: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        """Independent draws, an array of the shape ``size``."""
        return rng.normal(self.mean, self.sd, size)

    def transition(self, rate_time: float, temperature: float) -> tuple[float, float]:
        """Exact transition of dθ = b ∂log p_S dt + √(2Tb) dW (Itô) over a time t, with ``rate_time`` = b t.

        Parameters
        ----------
        rate_time : float
            b t ≥ 0, without unit.
        temperature : float
            T ≥ 0.

        Returns
        -------
        decay, sd : float
            θ(t) = mean + decay (θ(0) − mean) + sd ξ with ξ standard normal.
        """
        decay = math.exp(-rate_time / self.sd**2)
        variance = temperature * self.sd**2 * -math.expm1(-2 * rate_time / self.sd**2)
        return decay, math.sqrt(variance)


@dataclass(frozen=True)
class LaplacePrior:
    """Laplace prior e^{−|θ − mean|/scale} / (2 scale): sparse synapses, a constant pull towards the mean.

    The gradient is 0 at the mean itself, where the density has its kink.

    Raises
    ------
    ParameterError
        ``mean`` is not finite, or ``scale`` is not finite and positive.
    """

    mean: float = 0.0
    scale: float = 1.0
    kind: ClassVar[str] = "laplace"

    def __post_init__(self) -> None:
        _check_number(self, "mean")
        _check_number(self, "scale", positive=True)

    @property
    def grad_log_density_code(self) -> str:
        """sign(mean − θ)/scale in Brian2."""
        return f"sign({self.mean!r} - theta)/{self.scale!r}"

    def log_density(self, theta: ArrayLike) -> NDArray[np.float64]:
        """−|θ − mean|/scale − log(2 scale)."""
        return -np.abs(np.asarray(theta, dtype=float) - self.mean) / self.scale - math.log(2 * self.scale)

    def grad_log_density(self, theta: ArrayLike) -> NDArray[np.float64]:
        """sign(mean − θ)/scale."""
        return np.sign(self.mean - np.asarray(theta, dtype=float)) / self.scale

    def sample(self, rng: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        """Independent draws, an array of the shape ``size``."""
        return rng.laplace(self.mean, self.scale, size)


#: The priors that a configuration file can name.
PRIORS: dict[str, type] = {
    prior.kind: prior for prior in (GaussianPrior, UniformPrior, GaussianMixturePrior, LaplacePrior)
}


def prior_from_mapping(values: Mapping[str, Any]) -> Prior:
    """Make a prior from ``{"kind": "gaussian", "mean": 0.5, "sd": 1}``; ``kind`` defaults to gaussian.

    A prior of the user's own has the kind ``module:Class``.

    Raises
    ------
    UnknownNameError
        There is no prior of this kind, or it has no parameter of this name.
    ParameterError
        As the prior itself.
    """
    settings = dict(values)
    kind = settings.pop("kind", GaussianPrior.kind)
    if is_reference(kind):
        return object_from_mapping(values)
    if kind not in PRIORS:
        raise UnknownNameError("prior", str(kind), PRIORS)
    known = [field.name for field in fields(PRIORS[kind])]
    for name in settings:
        if name not in known:
            raise UnknownNameError(f"parameter of the {kind} prior", name, known)
    return PRIORS[kind](**settings)


def prior_to_mapping(prior: Prior) -> dict[str, Any]:
    """The inverse of :func:`prior_from_mapping`.

    A prior that :func:`~spikingsampling.parameters.object_to_mapping` cannot describe is written as its repr.
    """
    if type(prior) in PRIORS.values():
        return {"kind": prior.kind, **asdict(prior)}  # type: ignore[attr-defined]
    return object_to_mapping(prior) or {"kind": plain_text(repr(prior))}
