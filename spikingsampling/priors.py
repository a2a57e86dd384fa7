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

from .errors import ParameterError, UnknownNameError

__all__ = ["GaussianPrior", "Prior", "prior_from_mapping", "prior_to_mapping"]


@runtime_checkable
class Prior(Protocol):
    """What a prior has to offer.

    Methods take and return arrays of any shape, elementwise. ``grad_log_density_code`` is the same gradient as
    a Brian2 expression in ``theta`` (or None if the prior is used in NumPy simulations only).
    """

    grad_log_density_code: str | None

    def log_density(self, theta: ArrayLike) -> NDArray[np.float64]:
        """log p_S(θ), normalised where the prior is proper."""
        ...

    def grad_log_density(self, theta: ArrayLike) -> NDArray[np.float64]:
        """∂ log p_S(θ) / ∂θ."""
        ...

    def sample(self, rng: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        """Independent draws from p_S."""
        ...


def _finite(owner: object, **values: float) -> None:
    for name, value in values.items():
        if not (isinstance(value, int | float) and math.isfinite(value)):
            raise ParameterError(f"{type(owner).__name__}.{name} = {value!r}: must be a finite number")


@dataclass(frozen=True)
class GaussianPrior:
    """Gaussian prior N(mean, sd²) (B, equation 4; defaults of the authors' code for experiment 4).

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
        _finite(self, mean=self.mean, sd=self.sd)
        if self.sd <= 0:
            raise ParameterError(f"GaussianPrior.sd = {self.sd!r}: must be more than 0")

    @property
    def grad_log_density_code(self) -> str:
        return f"({self.mean!r} - theta)/{self.sd**2!r}"

    def log_density(self, theta: ArrayLike) -> NDArray[np.float64]:
        z = (np.asarray(theta, dtype=float) - self.mean) / self.sd
        return -0.5 * z**2 - math.log(self.sd * math.sqrt(2 * math.pi))

    def grad_log_density(self, theta: ArrayLike) -> NDArray[np.float64]:
        return (self.mean - np.asarray(theta, dtype=float)) / self.sd**2

    def sample(self, rng: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        return rng.normal(self.mean, self.sd, size)

    def transition(self, rate_time: float, temperature: float) -> tuple[float, float]:
        """Exact transition of dθ = b ∂log p_S dt + √(2Tb) dW (Itô) over a time t, with ``rate_time`` = b t.

        Returns
        -------
        decay, sd : float
            θ(t) = mean + decay (θ(0) − mean) + sd ξ with ξ standard normal.
        """
        decay = math.exp(-rate_time / self.sd**2)
        variance = temperature * self.sd**2 * -math.expm1(-2 * rate_time / self.sd**2)
        return decay, math.sqrt(variance)


#: The priors that a configuration file can name.
PRIORS: dict[str, type] = {GaussianPrior.kind: GaussianPrior}


def prior_from_mapping(values: Mapping[str, Any]) -> Prior:
    """Make a prior from ``{"kind": "gaussian", "mean": 0.5, "sd": 1}``; ``kind`` defaults to gaussian."""
    settings = dict(values)
    kind = settings.pop("kind", GaussianPrior.kind)
    if kind not in PRIORS:
        raise UnknownNameError("prior", str(kind), PRIORS)
    known = [field.name for field in fields(PRIORS[kind])]
    for name in settings:
        if name not in known:
            raise UnknownNameError(f"parameter of the {kind} prior", name, known)
    return PRIORS[kind](**settings)


def prior_to_mapping(prior: Prior) -> dict[str, Any]:
    """The inverse of :func:`prior_from_mapping`; a prior of the user's own is written as its repr."""
    if type(prior) in PRIORS.values():
        return {"kind": prior.kind, **asdict(prior)}  # type: ignore[attr-defined]
    return {"kind": repr(prior)}
