"""Sampling from a posterior: priors, the stochastic differential equation of the parameters, diagnostics of chains.

And mirror descent, which asks in which space of the parameters learning acts.
"""

from __future__ import annotations

from .._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "diagnostics": (
            "LawDistance",
            "PosteriorSummary",
            "autocorrelation_time",
            "distance_to_law",
            "effective_sample_size",
            "split_rhat",
            "standard_error",
            "summarise",
        ),
        "hamiltonian": (
            "HamiltonianSampling",
            "MomentumState",
            "baoab",
            "gaussian_correlation",
            "hamiltonian_sample",
        ),
        "langevin": (
            "Integrator",
            "Speed",
            "SynapticSampling",
            "euler_maruyama",
            "langevin_increment",
            "ornstein_uhlenbeck",
        ),
        "mirror_descent": ("BurgEntropy", "NegativeEntropy", "PNorm", "Potential", "mirror_step"),
        "mixture": ("GaussianMixturePrior",),
        "prior_check": ("check_prior",),
        "priors": (
            "GaussianPrior",
            "LaplacePrior",
            "Prior",
            "UniformPrior",
            "prior_from_mapping",
            "prior_to_mapping",
        ),
        "sampling": ("ChainState", "Step", "advance", "batch", "initial", "sample", "sequential"),
    },
)
