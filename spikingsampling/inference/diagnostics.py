"""How far samples of Markov chains can be trusted: effective sample size, R-hat, autocorrelation, summaries.

After Vehtari, Gelman, Simpson, Carpenter & Bürkner, "Rank-normalization, folding, and localization: an
improved R-hat for assessing convergence of MCMC", Bayesian Analysis 2021, doi:10.1214/20-BA1221 (V). Every
function takes the samples of one quantity as an array (n_chains, n_draws); :func:`summarise` also several. Effective
sample sizes are those of arviz-stats, on NumPy alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from arviz_stats.base import array_stats
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri
from scipy.stats import kstest, kstwobign, rankdata

from .._checks import finite_array
from ..errors import ParameterError, UnknownNameError

__all__ = [
    "LawDistance",
    "PosteriorSummary",
    "autocorrelation_time",
    "distance_to_law",
    "effective_sample_size",
    "split_rhat",
    "standard_error",
    "summarise",
]

#: Fewer draws per chain than this cannot be split and correlated.
MIN_DRAWS = 4


def split_rhat(chains: ArrayLike, *, rank: bool = True) -> float:
    """Potential scale reduction R-hat of chains that are split in halves; 1 when all halves agree.

    Parameters
    ----------
    chains : (n_chains, n_draws) array
    rank : bool
        The larger of R-hat of the rank-normalised and of the folded, rank-normalised draws (V, section 4):
        it notices differences in spread and heavy tails. False: the classic split R-hat.

    Raises
    ------
    ParameterError
        Wrong shape, fewer than 4 draws, not finite, or one value only.
    """
    array = _checked(chains)
    half = array.shape[1] // 2
    # Of our own, for arviz-stats takes neither one chain nor halves of less than four draws.
    halves = np.concatenate([array[:, :half], array[:, -half:]])
    if not rank:
        return _rhat(halves)
    return max(_rhat(_rank_normalised(halves)), _rhat(_rank_normalised(np.abs(halves - np.median(halves)))))


def effective_sample_size(chains: ArrayLike, *, method: Literal["bulk", "tail", "mean"] = "bulk") -> float:
    """The number of independent draws that would tell as much.

    Parameters
    ----------
    chains : (n_chains, n_draws) array
    method : {"bulk", "tail", "mean"}
        Of the rank-normalised draws; the smaller one of the indicators of the 5 % and 95 % quantiles; of the
        draws as they are, for the standard error of the mean (V, section 4).

    Raises
    ------
    ParameterError
        As :func:`split_rhat`.
    UnknownNameError
        There is no such method.
    """
    array = _checked(chains)
    if method not in ("bulk", "tail", "mean"):
        raise UnknownNameError("method", str(method), ("bulk", "tail", "mean"))
    prob = (0.05, 0.95) if method == "tail" else None
    return float(array_stats.ess(array, method=method, prob=prob))


def autocorrelation_time(chains: ArrayLike) -> float:
    """Integrated autocorrelation time τ = 1 + 2 Σ_t ρ_t in draws: n_chains n_draws / τ draws are effective.

    Raises
    ------
    ParameterError
        As :func:`split_rhat`.
    """
    array = _checked(chains)
    return array.size / effective_sample_size(array, method="mean")


def standard_error(chains: ArrayLike) -> float:
    """Monte Carlo standard error of the mean, sd/√ESS.

    Raises
    ------
    ParameterError
        As :func:`split_rhat`.
    """
    array = _checked(chains)
    return float(array.std(ddof=1)) / effective_sample_size(array, method="mean") ** 0.5


@dataclass(frozen=True)
class LawDistance:
    """How far samples are from a law that is known.

    Parameters
    ----------
    distance : float
        Kolmogorov-Smirnov distance, the largest of ``|F_samples − F|``.
    tolerance : float
        What independent draws, as many as the effective ones, exceed with the probability ``false_alarm``.
    ess : float
        The smallest effective sample size of the indicators θ ≤ q at the deciles q of the law.
    """

    distance: float
    tolerance: float
    ess: float

    @property
    def agrees(self) -> bool:
        """Whether the samples can come from the law."""
        return self.distance <= self.tolerance


def distance_to_law(
    chains: ArrayLike, cdf: Callable[[NDArray[np.float64]], NDArray[np.float64]], false_alarm: float = 1e-4
) -> LawDistance:
    """Kolmogorov-Smirnov distance to a law, with the tolerance that follows from the effective sample size.

    Parameters
    ----------
    chains : (n_chains, n_draws) array
    cdf : callable
        Cumulative distribution function, elementwise and continuous.
    false_alarm : float
        Probability, for independent draws, that the right law is refused.

    Raises
    ------
    ParameterError
        As :func:`split_rhat`, or ``false_alarm`` is not between 0 and 1.
    """
    array = _checked(chains)
    if not 0 < false_alarm < 1:
        raise ParameterError(f"false_alarm = {false_alarm!r}: must be between 0 and 1")
    probability = cdf(array)
    indicators = ((probability <= q / 10).astype(float) for q in range(1, 10))
    ess = min(float(array_stats.ess(indicator, method="mean")) for indicator in indicators)
    distance = float(kstest(probability.ravel(), "uniform", method="asymp").statistic)
    return LawDistance(distance, float(kstwobign.isf(false_alarm)) / ess**0.5, ess)


@dataclass(frozen=True)
class PosteriorSummary:
    """Posterior summary of one quantity.

    Parameters
    ----------
    mean, sd : float
    interval : (float, float)
        5 % and 95 % quantiles.
    standard_error : float
        Of the mean.
    ess_bulk, ess_tail : float
    rhat : float
        Split and rank-normalised.
    """

    mean: float
    sd: float
    interval: tuple[float, float]
    standard_error: float
    ess_bulk: float
    ess_tail: float
    rhat: float

    @property
    def ess(self) -> float:
        """The smaller one of the effective sample sizes of bulk and tails."""
        return min(self.ess_bulk, self.ess_tail)


def summarise(chains: ArrayLike) -> list[PosteriorSummary]:
    """One summary per quantity.

    Parameters
    ----------
    chains : (n_chains, n_draws) or (n_chains, n_draws, n_quantities) array

    Raises
    ------
    ParameterError
        As :func:`split_rhat`.
    """
    try:
        array = np.asarray(chains)
    except ValueError:  # rows of unequal length, which the check below reports
        array = np.empty(0)
    if array.ndim != 3:
        array = _checked(chains)[..., None]
    return [_summary(array[..., quantity]) for quantity in range(array.shape[2])]


def _summary(chains: NDArray[np.float64]) -> PosteriorSummary:
    low, high = np.quantile(_checked(chains), (0.05, 0.95))
    return PosteriorSummary(
        mean=float(chains.mean()),
        sd=float(chains.std(ddof=1)),
        interval=(float(low), float(high)),
        standard_error=standard_error(chains),
        ess_bulk=effective_sample_size(chains),
        ess_tail=effective_sample_size(chains, method="tail"),
        rhat=split_rhat(chains),
    )


def _checked(chains: ArrayLike) -> NDArray[np.float64]:
    array = finite_array("chains", chains, ("n_chains", "n_draws"))
    if array.shape[1] < MIN_DRAWS:
        raise ParameterError(f"chains has {array.shape[1]} draws per chain: must be at least {MIN_DRAWS}")
    if np.ptp(array) == 0:
        raise ParameterError(f"chains holds the value {array[0, 0]} only: nothing has been sampled")
    return array


def _rhat(chains: NDArray[np.float64]) -> float:
    """R-hat of chains that are split already (V, eqs. 1 to 4)."""
    n_draws = chains.shape[1]
    within = chains.var(axis=1, ddof=1).mean()
    between = n_draws * chains.mean(axis=1).var(ddof=1)
    return float(np.sqrt((n_draws - 1 + between / within) / n_draws))


def _rank_normalised(chains: NDArray[np.float64]) -> NDArray[np.float64]:
    """Normal scores of the ranks (V, eq. 14)."""
    return ndtri((rankdata(chains).reshape(chains.shape) - 3 / 8) / (chains.size + 1 / 4))
