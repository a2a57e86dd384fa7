"""Spike-timing-dependent plasticity: the pair rule and the triplet rule of Pfister & Gerstner.

After Pfister & Gerstner, J Neurosci 26:9673 (2006), doi:10.1523/JNEUROSCI.1425-06.2006. Each spike of the presynaptic
neuron leaves traces r1 and r2, each of the postsynaptic neuron o1 and o2, which decay with τ+, τx, τ− and τy. At a
spike the weight changes by (equations 3 and 4; traces as they were just before it)

- presynaptic: w ← w − o1 (A2− + A3− r2);
- postsynaptic: w ← w + r1 (A2+ + A3+ o2).

The pair rule is the same with A3± = 0. Every spike adds 1 to its traces when all spikes pair (``all``), or sets them to
1 when only the nearest do (``nearest``). Spikes at the same time do not pair. Nothing here imports Brian2.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from .._checks import finite_array, quantity_of
from ..errors import ParameterError
from ..parameters import Parameters, quantity
from ..units import Frequency, Number, Time

__all__ = [
    "PUBLISHED",
    "PairSTDP",
    "TripletSTDP",
    "poisson_drift",
    "trace_before",
    "weight_change",
]

Pairing = Literal["all", "nearest"]
#: Where the constants of the triplet rule come from.
TABLE_4 = "Pfister & Gerstner 2006, table 4"


class PairSTDP(Parameters):
    """Pair rule: Δw = A2+ e^{−Δt/τ+} for Δt = t_post − t_pre > 0 and −A2− e^{Δt/τ−} for Δt < 0.

    The default amplitudes are chosen: after 60 pairs they give +0.777 and −0.273 at Δt → ±0.
    """

    a2_plus: Number = quantity(0.777 / 60, "potentiation A2+ of a pair", low=0, high=10, source="chosen")
    a2_minus: Number = quantity(0.273 / 60, "depression A2− of a pair", low=0, high=10, source="chosen")
    tau_plus: Time = quantity(
        "16.8 ms",
        "decay time τ+ of the presynaptic trace r1",
        low="1 ms",
        high="10 s",
        source="Pfister & Gerstner 2006",
        dimension="time",
    )
    tau_minus: Time = quantity(
        "33.7 ms",
        "decay time τ− of the postsynaptic trace o1",
        low="1 ms",
        high="10 s",
        source="Pfister & Gerstner 2006",
        dimension="time",
    )
    pairing: Pairing = Field("all", description="which spikes pair: all, or the nearest only")


class TripletSTDP(PairSTDP):
    """Triplet rule of Pfister & Gerstner; the defaults are the set for visual cortex in which all spikes pair."""

    a2_plus: Number = quantity(5e-10, "potentiation A2+ of a pair", low=0, high=10, source=TABLE_4)
    a2_minus: Number = quantity(7e-3, "depression A2− of a pair", low=0, high=10, source=TABLE_4)
    a3_plus: Number = quantity(6.2e-3, "potentiation A3+ of a triplet", low=0, high=10, source=TABLE_4)
    a3_minus: Number = quantity(2.3e-4, "depression A3− of a triplet", low=0, high=10, source=TABLE_4)
    tau_x: Time = quantity(
        "101 ms",
        "decay time τx of the presynaptic trace r2",
        low="1 ms",
        high="10 s",
        source=TABLE_4,
        dimension="time",
    )
    tau_y: Time = quantity(
        "125 ms",
        "decay time τy of the postsynaptic trace o2",
        low="1 ms",
        high="10 s",
        source=TABLE_4,
        dimension="time",
    )


def _published(
    a2_plus: float, a3_plus: float, a2_minus: float, a3_minus: float, taus: tuple[str, str], pairing: Pairing
) -> TripletSTDP:
    return TripletSTDP(
        a2_plus=a2_plus,
        a3_plus=a3_plus,
        a2_minus=a2_minus,
        a3_minus=a3_minus,
        tau_x=taus[0],
        tau_y=taus[1],
        pairing=pairing,
    )


#: The four full sets of Pfister & Gerstner, table 4.
#: Those of nearest pairing are as two independent implementations quote the table.
PUBLISHED: dict[str, TripletSTDP] = {
    "visual_all": _published(5e-10, 6.2e-3, 7e-3, 2.3e-4, ("101 ms", "125 ms"), "all"),
    "visual_nearest": _published(8.8e-11, 5.3e-2, 6.6e-3, 3.1e-3, ("714 ms", "40 ms"), "nearest"),
    "hippocampal_all": _published(6.1e-3, 6.7e-3, 1.6e-3, 1.4e-3, ("946 ms", "27 ms"), "all"),
    "hippocampal_nearest": _published(4.6e-3, 9.1e-3, 3e-3, 7.5e-9, ("575 ms", "47 ms"), "nearest"),
}


def trace_before(
    spikes: NDArray[np.float64], times: NDArray[np.float64], tau: float, pairing: Pairing
) -> NDArray[np.float64]:
    """Trace of ``spikes`` (n,) with decay time ``tau`` (s) just before each of ``times`` (m,); both in s and sorted."""
    if not len(spikes):
        return np.zeros(len(times))
    level = np.ones(len(spikes))  # just after each spike
    if pairing == "all":
        level = np.array(
            [*accumulate(np.exp(-np.diff(spikes) / tau), lambda r, decay: r * decay + 1, initial=1.0)]
        )
    n_past = np.searchsorted(spikes, times, side="left")
    last = np.maximum(n_past - 1, 0)
    return np.where(n_past > 0, level[last] * np.exp(-(times - spikes[last]) / tau), 0.0)


def weight_change(rule: PairSTDP, pre: ArrayLike, post: ArrayLike) -> float:
    """The exact change of an unbounded weight by two spike trains.

    Parameters
    ----------
    rule : PairSTDP or TripletSTDP
    pre, post : (n,) and (m,) arrays
        Spike times in seconds, rising.

    Raises
    ------
    ParameterError
        Times that are not finite or do not rise.
    """
    pre, post = _train("pre", pre), _train("post", post)
    depression = np.full(len(pre), rule.a2_minus)
    potentiation = np.full(len(post), rule.a2_plus)
    if isinstance(rule, TripletSTDP):
        depression += rule.a3_minus * trace_before(pre, pre, rule.tau_x, rule.pairing)
        potentiation += rule.a3_plus * trace_before(post, post, rule.tau_y, rule.pairing)
    r1 = trace_before(pre, post, rule.tau_plus, rule.pairing)
    o1 = trace_before(post, pre, rule.tau_minus, rule.pairing)
    return float(r1 @ potentiation - o1 @ depression)


def _train(name: str, times: ArrayLike) -> NDArray[np.float64]:
    train = np.empty(0) if np.size(times) == 0 else finite_array(name, times, ("n",))
    if not (np.diff(train) > 0).all():
        raise ParameterError(f"{name} = {times!r}: must be a 1-D array of finite, rising spike times")
    return train


def poisson_drift(rule: PairSTDP, pre_rate: Frequency, post_rate: Frequency) -> float:
    """Expected change of the weight per second when both neurons fire as independent Poisson processes.

    A trace with decay time τ of a process with rate ρ is ρτ on average, or ρτ/(1 + ρτ) when only the nearest spikes
    pair. Rates in Hz, or text with a unit.

    Raises
    ------
    ParameterError
        A rate that is not one.
    """
    x, y = quantity_of("pre_rate", pre_rate, "frequency"), quantity_of("post_rate", post_rate, "frequency")

    def mean(rate: float, tau: float) -> float:
        return rate * tau if rule.pairing == "all" else rate * tau / (1 + rate * tau)

    potentiation, depression = rule.a2_plus, rule.a2_minus
    if isinstance(rule, TripletSTDP):
        potentiation += rule.a3_plus * mean(y, rule.tau_y)
        depression += rule.a3_minus * mean(x, rule.tau_x)
    return y * mean(x, rule.tau_plus) * potentiation - x * mean(y, rule.tau_minus) * depression
