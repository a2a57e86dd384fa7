"""
Your own rule
=============

A rule is Brian2 code for what a spike does to a synapse. This one is synaptic sampling in which every spike of a neuron
costs its synapses a little of their parameter. The runtime engine with NumPy needs no compiler; it is slower.
"""

from dataclasses import dataclass, replace

import matplotlib.pyplot as plt
import numpy as np

import spikingsampling as ss
from spikingsampling.network.rules import SamplingRule


@dataclass(frozen=True)
class CostlySpikes(SamplingRule):
    """Synaptic sampling with a cost of every postsynaptic spike."""

    cost: float = 0.05

    def code(self, parameters):
        """The code of synaptic sampling, and the cost; nothing happens where learning is off."""
        code = super().code(parameters)
        return replace(code, on_post=code.on_post + f"\ntheta -= {self.cost}\nweight *= exp(-{self.cost})\n")


inputs, neurons = ss.Source("inputs", 50), ss.Population("neurons", n_circuits=1, circuit_size=4)
rng = np.random.default_rng(1)
stimuli = ss.Stimuli({"inputs": ss.Library(rng.uniform(1, 60, size=(2, 50)), labels=np.arange(2))})
items = rng.integers(2, size=5)  # 1 s
figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
for rule in (SamplingRule(), CostlySpikes()):
    network = ss.Network([inputs], [neurons], [ss.all_to_all(inputs, neurons)], rule=rule)
    active = []
    with ss.Simulation(network, stimuli, seed=1, engine="runtime", target="numpy") as simulation:
        for _ in range(5):
            active.append(simulation.active_synapses)
            simulation.present({"inputs": items}, learning="sampling")
    ax.plot(range(5), active, "o-", label=type(rule).__name__)
ax.set(xlabel="time (s)", ylabel="active synapses")
ax.legend()
plt.show()
