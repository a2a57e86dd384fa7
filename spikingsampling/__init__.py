"""Spiking neural networks whose synapses sample their parameters from a posterior, on Brian2.

A network is described (:class:`Network`), shown stimuli (:class:`Stimuli`) by a :class:`Simulation`, and what it did
is read with :func:`open_recording`. The experiments are in :mod:`spikingsampling.protocols`.
"""

from __future__ import annotations

from ._lazy import lazy_exports
from ._version import __version__

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "experiment.configuration": ("ProtocolConfiguration",),
        "experiment.protocol": ("Protocol",),
        "experiment.run": ("Run",),
        "experiment.run_files": ("load_run",),
        "inference.prior_check": ("check_prior",),
        "network.description": ("Network", "Population", "Projection", "Source", "all_to_all", "connect"),
        "network.lesions": ("NeuronLesion", "SynapseLesion"),
        "network.parameters": ("CircuitParameters",),
        "network.plasticity": ("PairSTDP", "TripletSTDP"),
        "network.reward.neuron": ("StochasticNeuron",),
        "network.reward.rule": ("RewardSampling",),
        "network.reward.signal": ("RewardSignal",),
        "network.rules": ("STDPRule", "SamplingRule"),
        "network.synapse_code": ("synapse_code",),
        "parameters": ("ObjectSetting", "quantity"),
        "recording.interchange.arrays": ("to_arviz",),
        "recording.reading": ("open_recording",),
        "recording.settings": ("Recording",),
        "simulation.moment": ("Moment",),
        "simulation.progress": ("Progress",),
        "simulation.rule_check.check": ("check_rule",),
        "simulation.simulation": ("Simulation",),
        "simulation.stimuli": ("Library", "Stimuli"),
        "sweeps.sweep": ("load_sweep",),
        "units": ("Frequency", "Number", "Time"),
    },
    modules={"plotting": "plotting", "priors": "inference.priors", "rules": "network.rules"},
)
__all__ += ["__version__"]
