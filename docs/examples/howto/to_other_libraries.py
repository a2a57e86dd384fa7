"""
Hand results to pandas, xarray and ArviZ
========================================

Recordings and sweeps come as the tables and labelled arrays of other libraries. These are loaded only when asked for:
``python -m pip install 'spikingsampling[interchange]'``.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np
from arviz_stats.base import array_stats

import spikingsampling as ss

inputs, neurons = ss.Source("inputs", 20), ss.Population("neurons", n_circuits=2, circuit_size=4)
network = ss.Network([inputs], [neurons], [ss.all_to_all(inputs, neurons)])
rng = np.random.default_rng(1)
stimuli = ss.Stimuli({"inputs": ss.Library(rng.uniform(1, 60, size=(4, 20)), labels=np.arange(4))})
items = rng.integers(4, size=6000)  # 20 minutes
folder = TemporaryDirectory()
often = {"segment": 10.0, "recording": ss.Recording(snapshot_period="10 s")}
recordings = []
for seed in (1, 2):
    directory = Path(folder.name) / str(seed)
    with ss.Simulation(network, stimuli, seed=seed, directory=directory, **often) as simulation:
        simulation.present({"inputs": items}, learning="sampling", labels=items, name="train")
    recordings.append(ss.open_recording(directory))

# %%
# Data frames
# -----------
# ``to_dataframe`` gives spikes, and by name ``"presentations"``, ``"segments"``, ``"events"`` or ``"synapses"``. Of a
# sweep, ``ss.load_sweep("DIR").to_dataframe()`` has a row per run.

spikes = recordings[0].to_dataframe()
print(spikes.groupby("neuron").size() / recordings[0].duration)  # Hz

# %%
# Labelled arrays
# ---------------
# ``to_xarray`` has θ and w of all snapshots, with the neurons at both ends of every synapse.

parameters = recordings[0].to_xarray("inputs_to_neurons")
print(parameters)
active = (parameters["theta"] > 0).groupby("post").mean()
figure, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
active.plot.line(ax=ax, x="time", add_legend=False)
ax.set(xlabel="time (s)", ylabel="active synapses of each neuron", ylim=(0, 1))

# %%
# Chains of samples
# -----------------
# Each simulation is a chain, each snapshot a draw. The first five minutes are left out. Two parameters that wander for
# minutes have few effective draws in a quarter of an hour; ArviZ says how few.

chains = ss.to_arviz(recordings, "inputs_to_neurons", time=slice(300, None), synapses=[0, 1, 2])
theta = chains["posterior"]["theta"]
print(theta.sizes)
print("effective draws:", array_stats.ess(theta.values, chain_axis=0, draw_axis=1, method="bulk").round(1))

# %%
# Without a directory
# -------------------
# A simulation that writes nothing keeps its snapshots in memory if a recording is asked for. Figures of this package
# draw on given axes.

with ss.Simulation(network, stimuli, seed=3, **often) as simulation:
    simulation.present({"inputs": items[:1500]}, learning="sampling")
history = simulation.history
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
left.plot(history.times, history.theta("inputs_to_neurons")[:, :5])
left.set(xlabel="time (s)", ylabel="synaptic parameter θ")
last = history.theta("inputs_to_neurons")[-1].astype(float)
ss.plotting.plot_theta({"inputs to neurons": last}, network.parameters.prior, ax=right)
for recording in recordings:
    recording.close()
folder.cleanup()
