"""
Lesions and recovery
====================

A circuit learns four patterns. Then half of its neurons are removed, and it goes on learning: once with noise and once
without. Both branches start from the same moment.
"""

import matplotlib.pyplot as plt
import numpy as np

import spikingsampling as ss
from spikingsampling.analysis import Readout

inputs, neurons = ss.Source("inputs", 100), ss.Population("neurons", n_circuits=1, circuit_size=10)
circuit = ss.CircuitParameters(temperature=0.5)
network = ss.Network([inputs], [neurons], [ss.all_to_all(inputs, neurons)], circuit)
rng = np.random.default_rng(1)
stimuli = ss.Stimuli({"inputs": ss.Library(rng.uniform(1, 60, size=(4, 100)), labels=np.arange(4))})

# %%
# What the neurons know
# ---------------------
# A test shows items with learning off. A readout is fitted to the first half of them and asked about the second.


def knowledge(simulation):
    """How many held-out presentations the readout names rightly."""
    items = np.tile(np.arange(4), 50)
    response = simulation.present({"inputs": items}, learning="off", labels=items)
    counts = response.counts("neurons")
    readout = Readout().fit(counts[:100], items[:100])
    return float(np.mean(readout.predict(counts[100:]) == items[100:]))


# %%
# Training, and the moment before the lesion
# ------------------------------------------
# ``simulation.now`` is all that the network remembers. It is the start of as many branches as you like.

items = rng.integers(4, size=1500)
with ss.Simulation(network, stimuli, seed=1) as trained:
    trained.present({"inputs": items}, learning="sampling")
    before = knowledge(trained)
    moment = trained.now

# %%
# Two branches
# ------------
# Lesions act between segments. What is removed never comes back. Both branches have the same seed, so they differ in
# nothing but the noise: ``map`` has prior and likelihood without it.

minutes, curves, active = np.arange(0, 6), {}, {}
for learning in ("sampling", "map"):
    with ss.Simulation(network, stimuli, seed=2, start=moment) as branch:
        branch.lesion(ss.NeuronLesion("neurons", [0, 1, 2, 3, 4]))
        curves[learning], active[learning] = [knowledge(branch)], [branch.active_synapses]
        for _ in minutes[1:]:
            branch.present({"inputs": rng.integers(4, size=300)}, learning=learning)
            curves[learning].append(knowledge(branch))
            active[learning].append(branch.active_synapses)

# %%
# What came back
# --------------
# Synapses of removed neurons are not active any more. How many others there are goes on changing.

figure, axes = plt.subplots(1, 2, figsize=(7, 3), layout="constrained")
for learning in curves:
    axes[0].plot(minutes, curves[learning], "o-", label=learning)
    axes[1].plot(minutes, active[learning], "o-", label=learning)
axes[0].axhline(before, color="grey", ls=":", label="before the lesion")
axes[0].set(xlabel="minutes since the lesion", ylabel="patterns named rightly", ylim=(0, 1.05))
axes[1].set(xlabel="minutes since the lesion", ylabel="active synapses")
axes[0].legend()
plt.show()

# %%
# This is one seed of a small circuit. Whether recovery needs noise was asked with five seeds of the association
# network: :doc:`/results/lesion`.
