"""What one synapse learns from prescribed spikes, in NumPy: synaptic sampling and pair STDP."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...inference.priors import GaussianPrior
from ...network.parameters import CircuitParameters
from ...network.reference import replay
from ...network.rules import SamplingRule, STDPRule, SynapseRule

__all__ = ["Reference", "reference_of"]

Array = NDArray[np.float64]
#: θ at the end, from θ, the times of the spikes that arrive, those of the neuron's own, and the time (s).
Reference = Callable[[float, Array, Array, float], float]


def reference_of(rule: SynapseRule, parameters: CircuitParameters) -> Reference | None:
    """The reference of a rule that has one: learning alone, without prior and noise."""
    if isinstance(rule, SamplingRule):
        flat = parameters.replace(prior=GaussianPrior(0.0, 1e9))

        def sampling(theta: float, pre: Array, post: Array, duration: float) -> float:
            no_input, no_output = np.zeros(len(pre), int), np.zeros(len(post), int)
            return float(replay(no_input, pre, post, no_output, [[theta]], duration, flat).theta[0, 0])

        return sampling
    if isinstance(rule, STDPRule):
        return lambda theta, pre, post, duration: _stdp(rule, parameters.theta_0, theta, pre, post)
    return None


def _stdp(rule: STDPRule, theta_0: float, theta: float, pre: Array, post: Array) -> float:
    """Spike by spike; at one time the neuron's own comes first, and the two do not pair."""
    w, r, o, now = math.expm1(theta) * math.exp(-theta_0), 0.0, 0.0, 0.0
    arrives, fires = set(pre.tolist()), set(post.tolist())
    for time in sorted(arrives | fires):
        r *= math.exp(-(time - now) / rule.tau_plus)
        o *= math.exp(-(time - now) / rule.tau_minus)
        now = time
        if time in fires:
            room = rule.w_max if rule.bounds == "hard" else rule.w_max - w
            w = min(max(w + rule.a2_plus * r * room, 0.0), rule.w_max)
        if time in arrives:
            room = rule.w_max if rule.bounds == "hard" else w
            w = min(max(w - rule.a2_minus * o * room, 0.0), rule.w_max)
        nearest = rule.pairing == "nearest"
        r = (1.0 if nearest else r + 1) if time in arrives else r
        o = (1.0 if nearest else o + 1) if time in fires else o
    return math.log1p(w * math.exp(theta_0))
