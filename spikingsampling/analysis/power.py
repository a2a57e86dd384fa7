"""How many runs a difference needs, before they are made.

Two conditions are run from the same seeds, and their differences are tested by the two-sided paired t-test at 5 %.
With a true mean δ and a standard deviation σ of the differences, t follows the noncentral t distribution with n − 1
degrees of freedom and noncentrality δ √n/σ. So its power, the chance to find the difference, has a closed form.
"""

from __future__ import annotations

import math

from scipy.stats import chi2, nct, norm
from scipy.stats import t as student

from .._checks import finite_number, whole_number
from ..errors import ParameterError

__all__ = ["power_of_paired_t", "runs_needed", "sd_interval"]

#: Two-sided level of the test.
LEVEL = 0.05


def power_of_paired_t(difference: float, sd: float, n: int) -> float:
    """The chance that the paired t-test of n runs finds a true difference at 5 %, two-sided.

    Parameters
    ----------
    difference : float
        δ; its sign does not matter. At 0 the chance is the level.
    sd : float
        σ of the differences between paired runs.
    n : int
        At least 2.

    Raises
    ------
    ParameterError
        ``difference`` is not finite, ``sd`` not above 0, or ``n`` below 2.
    """
    shift = abs(finite_number("difference", difference)) / _positive("sd", sd)
    n = whole_number("n", n, low=2)
    critical, noncentrality = student.isf(LEVEL / 2, n - 1), shift * math.sqrt(n)
    # P(t < −c) at δ is P(t > c) at −δ; SciPy's cdf is NaN far out.
    return float(sum(nct.sf(critical, n - 1, sign * noncentrality) for sign in (1, -1)))


def runs_needed(difference: float, sd: float, power: float = 0.8) -> int:
    """The smallest n with which :func:`power_of_paired_t` reaches ``power``.

    For a large n it is ((z_{α/2} + z_β) σ/δ)², of normal quantiles, from which the search begins.

    Parameters
    ----------
    difference, sd
        As there; ``difference`` is not 0.
    power : float
        Above the level of the test and below 1.

    Raises
    ------
    ParameterError
        ``difference`` is 0 or not finite, ``sd`` not above 0, or ``power`` not between 0.05 and 1.
    """
    difference = _positive("|difference|", abs(finite_number("difference", difference)))
    sd, power = _positive("sd", sd), finite_number("power", power)
    if not LEVEL < power < 1:
        raise ParameterError(f"power = {power!r}: must be between {LEVEL} and 1")
    quantiles = float(norm.isf(LEVEL / 2) + norm.isf(1 - power))
    n = max(2, round((quantiles * sd / difference) ** 2))
    while n > 2 and power_of_paired_t(difference, sd, n - 1) >= power:
        n -= 1
    while power_of_paired_t(difference, sd, n) < power:
        n += 1
    return n


def sd_interval(sd: float, n: int) -> tuple[float, float]:
    """95 % interval of σ where n independent normal values have the standard deviation ``sd``.

    From (n − 1) s²/σ², which follows χ² with n − 1 degrees of freedom. With five values it reaches from 0.6 s to 2.9 s.

    Raises
    ------
    ParameterError
        ``sd`` is not above 0, or ``n`` below 2.
    """
    sd, n = _positive("sd", sd), whole_number("n", n, low=2)
    low, high = (sd * math.sqrt((n - 1) / float(chi2.isf(tail, n - 1))) for tail in (0.025, 0.975))
    return low, high


def _positive(name: str, value: float) -> float:
    value = finite_number(name, value)
    if value <= 0:
        raise ParameterError(f"{name} = {value!r}: must be more than 0")
    return value
