"""Reward-based synaptic sampling (Kappel et al., eNeuro 2018): rule, reward signal and stochastic neuron."""

from __future__ import annotations

from ..._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "code": ("RewardCode",),
        "neuron": ("StochasticNeuron",),
        "rule": ("RewardSampling",),
        "signal": ("RewardSignal",),
    },
)
