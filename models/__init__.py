"""What one simulates: association networks, Hopfield networks, Boltzmann machines, perceptrons, targets, plasticity.

A model knows no protocol, draws no figure and writes no file.
"""

from __future__ import annotations

from spikingsampling._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "association.network": ("AssociationParameters", "association_network"),
        "association.stages": ("RecallTest", "Stage", "run_stage"),
        "association.task": ("AssociationTask", "Stimulation"),
        "circuits": ("Environments", "circuit_network", "silent_stimuli", "visual_network"),
        "clusters": ("ClusterParameters", "Clusters"),
        "dynamics.delayed_inhibition": ("DelayedInhibition",),
        "dynamics.ring_attractor": ("RingAttractor",),
        "dynamics.threshold_linear": ("ThresholdLinearPair",),
        "dynamics.wilson_cowan": ("WilsonCowan",),
        "hebbian": (
            "bcm",
            "hebb",
            "learn",
            "oja",
            "sanger",
            "subtractive",
        ),
        "hopfield.network": ("Hopfield",),
        "mlp": ("MLP",),
        "posterior.linear_regression": ("LinearRegression",),
        "posterior.targets": ("SPEEDS", "TARGETS", "GridLaw", "Target"),
        "pruning.deep_r": ("deep_r",),
        "pruning.soft_deep_r": ("SoftPrior", "soft_deep_r"),
        "rbm.classifier": ("DeepBeliefClassifier",),
        "rbm.deep": ("DeepBeliefNetwork", "NaiveTwoLayers"),
        "rbm.machine": ("RBM",),
        "reward.bandit": ("TwoArmedBandit",),
    },
)
