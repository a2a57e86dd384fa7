"""What pairs and trains of spikes do to a synapse: the window, pairs at several rates, long trains of pulses.

Weights begin at 1 and are not bounded; all changes are exact, spike by spike
(:mod:`spikingsampling.network.plasticity`). After Bi & Poo 1998 (the window), Sjöström, Turrigiano & Nelson 2001 (pairs
at several rates, with the data that Pfister & Gerstner 2006 give) and Dudek & Bear 1992 (trains).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from spikingsampling.network.plasticity import PairSTDP, poisson_drift, weight_change

__all__ = [
    "SJOSTROM",
    "Pulses",
    "fitted_time_constant",
    "pairing_curve",
    "pulse_curve",
    "rms_error",
    "threshold_rate",
    "window",
]

Array = NDArray[np.float64]
#: Data of Sjöström et al. 2001 as Pfister & Gerstner 2006 give them: rate (Hz) → relative change after 60 pairs at
#: +10 ms and at −10 ms.
SJOSTROM: dict[float, tuple[float, float]] = {
    10.0: (0.14, -0.41),
    20.0: (0.29, -0.34),
    40.0: (0.53, 0.56),
    50.0: (0.56, 0.75),
}


def window(rule: PairSTDP, lags: Array, n_pairs: int, rate: float) -> Array:
    """Change by ``n_pairs`` pairs at ``rate`` (Hz) for each lag t_post − t_pre (s)."""
    pre = 1.0 + np.arange(n_pairs) / rate
    return np.array([weight_change(rule, pre, pre + lag) for lag in lags])


def fitted_time_constant(lags: Array, change: Array) -> float:
    """Decay time (s) of |change| over |lag|, by a line through its logarithm."""
    slope, _ = np.polyfit(np.abs(lags), np.log(np.abs(change)), 1)
    return float(-1 / slope)


def pairing_curve(rule: PairSTDP, rates: Sequence[float], lag: float, n_pairs: int) -> Array:
    """Change by ``n_pairs`` pairs at each rate (Hz), with the postsynaptic spike ``lag`` (s) later."""
    return np.array([window(rule, np.array([lag]), n_pairs, rate)[0] for rate in rates])


@dataclass(frozen=True)
class Pulses:
    """Change by trains of pulses: mean, its standard error and its expectation at each rate."""

    mean: Array
    error: Array
    expected: Array


def pulse_curve(
    rule: PairSTDP,
    rates: Sequence[float],
    n_pulses: int,
    post_ratio: float,
    repetitions: int,
    rng: np.random.Generator,
) -> Pulses:
    """Change by independent Poisson trains with ``n_pulses`` presynaptic spikes on average.

    The time is ``n_pulses`` over the presynaptic rate (Hz); the postsynaptic rate is ``post_ratio`` times that.
    """
    changes = []
    for rate in rates:
        duration = n_pulses / rate

        def train(rate: float, duration: float = duration) -> Array:
            return np.sort(rng.uniform(0, duration, rng.poisson(rate * duration)))

        changes.append(
            [weight_change(rule, train(rate), train(post_ratio * rate)) for _ in range(repetitions)]
        )
    values = np.array(changes)
    expected = [n_pulses / rate * poisson_drift(rule, rate, post_ratio * rate) for rate in rates]
    return Pulses(values.mean(1), values.std(1, ddof=1) / np.sqrt(repetitions), np.array(expected))


def threshold_rate(rule: PairSTDP, post_ratio: float, low: float = 0.1, high: float = 200.0) -> float | None:
    """Presynaptic rate (Hz) at which the expected change by Poisson trains turns from depression to potentiation."""

    def drift(rate: float) -> float:
        return poisson_drift(rule, rate, post_ratio * rate)

    return float(brentq(drift, low, high)) if drift(low) < 0 < drift(high) else None


def rms_error(rates: Sequence[float], after: Array, before: Array) -> float:
    """Root mean square difference between :data:`SJOSTROM` and changes at ``rates`` (n,).

    ``after`` and ``before`` are the changes with the postsynaptic spike after and before the presynaptic one.
    """
    rates = list(rates)
    residuals = [
        curve[rates.index(rate)] - data
        for rate, both in SJOSTROM.items()
        for curve, data in zip((after, before), both, strict=True)
    ]
    return float(np.sqrt(np.mean(np.square(residuals))))
