"""
A circuit that learns four patterns
===================================

Ten neurons compete for four patterns of input spikes. Nobody tells them which pattern is shown. By synaptic sampling
each of them comes to prefer one, and their parameters never settle.
"""

import matplotlib.pyplot as plt
import numpy as np

import spikingsampling as ss
from spikingsampling.analysis import selectivity

# %%
# The network
# -----------
# A network is described first. A :class:`~spikingsampling.network.description.Source` fires as Poisson processes, and
# a :class:`~spikingsampling.network.description.Population` consists of winner-take-all circuits: whenever a circuit
# fires, exactly one of its neurons does. Between every input and every neuron there is a potential synapse with a
# parameter θ. It is active while θ > 0.

inputs = ss.Source("inputs", 100)
neurons = ss.Population("neurons", n_circuits=1, circuit_size=10)
circuit = ss.CircuitParameters(temperature=0.5)
network = ss.Network([inputs], [neurons], [ss.all_to_all(inputs, neurons)], circuit)

# %%
# All constants have the values of the authors' code, unless they are given. :doc:`/reference/settings` lists them with
# unit, range and source. A wrong one is refused when it is given:

try:
    ss.CircuitParameters(temperature=-1)
except ValueError as error:
    print(error)

# %%
# The stimuli
# -----------
# A :class:`~spikingsampling.simulation.stimuli.Library` holds the rate of every input in every pattern, in Hz. A
# presentation takes 200 ms.

rng = np.random.default_rng(1)
rates = rng.uniform(1, 60, size=(4, 100))  # Hz
stimuli = ss.Stimuli({"inputs": ss.Library(rates, labels=np.arange(4))})
training, test = rng.integers(4, size=1500), rng.integers(4, size=200)

# %%
# Learning
# --------
# The simulation compiles the network the first time, which takes some 20 s, and finds the program again after that. A
# test is a presentation with learning off. Before and after learning the same items are shown.

with ss.Simulation(network, stimuli, seed=1) as simulation:
    before = simulation.present({"inputs": test}, learning="off", labels=test)
    theta_before = simulation.theta("inputs_to_neurons")
    simulation.present({"inputs": training}, learning="sampling", labels=training)
    after = simulation.present({"inputs": test}, learning="off", labels=test)
    theta_after = simulation.theta("inputs_to_neurons")

# %%
# What they have learnt
# ---------------------
# Each row is a neuron, each column a pattern, and the colour is the number of spikes for each presentation. Neurons are
# sorted by the pattern that they prefer.

figure, axes = plt.subplots(1, 2, figsize=(7, 3), sharey=True, layout="constrained")
for ax, response, title in zip(axes, (before, after), ("before learning", "after five minutes"), strict=True):
    tuning = selectivity(response.counts("neurons"), response.labels)
    picture = ax.imshow(tuning.means.T[tuning.order], aspect="auto", cmap="magma", vmin=0, vmax=10)
    ax.set(title=title, xlabel="pattern", xticks=range(4))
axes[0].set_ylabel("neuron, sorted")
figure.colorbar(picture, ax=axes, label="spikes for each presentation")
plt.show()

# %%
# The parameters
# --------------
# Before learning θ is a draw from the prior. Learning moves it away from the prior, as far as the likelihood pulls.

figure, ax = plt.subplots(figsize=(7, 3), layout="constrained")
bins = np.linspace(-5, 7, 49)
ax.hist(theta_before, bins, alpha=0.6, density=True, label="before learning")
ax.hist(theta_after, bins, alpha=0.6, density=True, label="after")
ax.plot(bins, np.exp(circuit.prior.log_density(bins)), color="black", lw=1, label="prior")
ax.axvline(0, color="grey", ls=":")
ax.set(xlabel="θ (a synapse is active where θ > 0)", ylabel="density")
ax.legend()
plt.show()

# %%
# Where to go on
# --------------
# :doc:`t3_lesions` takes neurons from this circuit. :doc:`t4_posterior` says what is sampled, and what the temperature
# does. :doc:`/howto/read_recordings` keeps what a simulation did.
