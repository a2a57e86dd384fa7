"""What a network is: description, constants, equations, rules, state, lesions; and the NumPy reference."""

from __future__ import annotations

from .._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "description": (
            "Network",
            "Pathway",
            "Population",
            "Projection",
            "Source",
            "all_to_all",
            "connect",
        ),
        "lesions": ("Lesion", "NeuronLesion", "SynapseLesion"),
        "parameters": ("CircuitParameters",),
        "plasticity": (
            "PUBLISHED",
            "PairSTDP",
            "TripletSTDP",
            "poisson_drift",
            "weight_change",
        ),
        "reference": ("CircuitState", "ReferenceRun", "Replay", "replay", "simulate"),
        "rules": (
            "LEARNING_MODES",
            "Learning",
            "STDPRule",
            "SamplingRule",
            "SynapseRule",
            "membrane_weight",
            "rule_weight",
        ),
        "synapse_code": ("SynapseCode", "synapse_code"),
        "state": ("State", "initial_state"),
        "timing": ("Timing",),
    },
)
