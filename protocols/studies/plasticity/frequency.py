"""Change by trains of pulses over their rate: BCM with a fixed threshold, beside the triplet rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from spikingsampling.models.hebbian import learn
from spikingsampling.network.plasticity import PUBLISHED, PairSTDP, poisson_drift
from spikingsampling.protocols.studies.plasticity.settings import RateExperiments

__all__ = [
    "FrequencyCurves",
    "bcm_change",
    "bcm_curve",
    "frequency_curves",
    "no_change_rate",
    "triplet_curve",
]

Array = NDArray[np.float64]
#: Triplet rules whose curve is compared with that of BCM.
_TRIPLETS = ("visual_all", "visual_nearest")


def bcm_change(rate: float, threshold: float, n_pulses: int, eta: float) -> float:
    """Relative change of a weight by ``n_pulses`` at ``rate``, with BCM's threshold fixed (both Hz).

    The postsynaptic rate is v = w·rate, and w begins at 1. Rates are counted in thresholds: a pulse lasts
    threshold/rate units of time.
    """
    x = rate / threshold
    return float(learn("bcm", [[1.0]], np.full((n_pulses, 1), x), eta / x, context=1.0).weights[-1, 0, 0] - 1)


def bcm_curve(rates: Array, threshold: float, n_pulses: int, eta: float) -> Array:
    """Change by BCM at each rate (Hz) in units of its deepest depression, which is at half the threshold."""
    deepest = -bcm_change(threshold / 2, threshold, n_pulses, eta)
    return np.array([bcm_change(rate, threshold, n_pulses, eta) for rate in rates]) / deepest


def triplet_curve(rule: PairSTDP, rates: Array) -> Array:
    """Expected change by as many Poisson pulses at each rate (Hz), the postsynaptic rate being equal.

    In units of the deepest depression between 0.1 and 200 Hz.
    """

    def per_pulse(rate: float) -> float:
        return poisson_drift(rule, rate, rate) / rate

    deepest = -min(per_pulse(rate) for rate in np.geomspace(0.1, 200, 500))
    return np.array([per_pulse(rate) for rate in rates]) / deepest


def no_change_rate(threshold: float, n_pulses: int, eta: float) -> float:
    """Rate (Hz) at which BCM turns from depression to potentiation."""

    def change(rate: float) -> float:
        return bcm_change(rate, threshold, n_pulses, eta)

    return float(brentq(change, threshold / 2, 2 * threshold, xtol=1e-4))


@dataclass(frozen=True, eq=False)
class FrequencyCurves:
    """Change over presynaptic rate (Hz), in units of the deepest depression.

    Attributes
    ----------
    rates : (n,) array
    by_rule : dict of (n,) arrays
        ``bcm`` with the first threshold, and triplet rules.
    by_threshold : dict of (n,) arrays
        BCM with each threshold (Hz).
    """

    rates: Array
    by_rule: dict[str, Array]
    by_threshold: dict[float, Array]

    def metrics(self, rates: Sequence[float]) -> dict[str, float]:
        """The change by each rule at ``rates``, which are among those of the curves."""
        return {
            f"pulses.{name}.relative_change_{rate:g}hz": float(curve[np.searchsorted(self.rates, rate)])
            for name, curve in self.by_rule.items()
            for rate in rates
        }


def frequency_curves(settings: RateExperiments) -> FrequencyCurves:
    """All curves, at the rates of the settings and between."""
    s = settings
    rates = np.unique(np.append(np.geomspace(min(s.pulse_rates), max(s.pulse_rates), 50), s.pulse_rates))
    by_threshold = {
        threshold: bcm_curve(rates, threshold, s.n_pulses, s.pulse_learning_rate)
        for threshold in s.thresholds
    }
    triplets = {name: triplet_curve(PUBLISHED[name], rates) for name in _TRIPLETS}
    return FrequencyCurves(rates, {"bcm": by_threshold[s.thresholds[0]], **triplets}, by_threshold)
