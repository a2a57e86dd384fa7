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
            "synapse_code",
            "weight_change",
        ),
        "reference": ("CircuitState", "ReferenceRun", "Replay", "replay", "simulate"),
        "rules": ("LEARNING_MODES", "Learning", "SynapseRule", "STDPRule", "SamplingRule"),
        "state": ("State", "initial_state"),
        "timing": ("Timing",),
        "weights": ("membrane_weight", "rule_weight"),
    },
)
