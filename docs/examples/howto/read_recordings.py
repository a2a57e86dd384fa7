"""
Read a recording
================

A simulation with a directory writes ``recording.h5`` there. :doc:`/recording` says what it holds. Of a run of the
command line, the directory is that of ``--out``.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np

import spikingsampling as ss
from spikingsampling.recording.description import describe

inputs, neurons = ss.Source("inputs", 100), ss.Population("neurons", n_circuits=1, circuit_size=10)
network = ss.Network([inputs], [neurons], [ss.all_to_all(inputs, neurons)])
rng = np.random.default_rng(1)
stimuli = ss.Stimuli({"inputs": ss.Library(rng.uniform(1, 60, size=(4, 100)), labels=np.arange(4))})
items = rng.integers(4, size=3000)  # ten minutes
folder = TemporaryDirectory()
run = Path(folder.name) / "run"
with ss.Simulation(network, stimuli, seed=1, directory=run) as simulation:
    simulation.present({"inputs": items}, learning="sampling", labels=items, name="train")

# %%
# What is in it
# -------------
# ``spikingsampling inspect DIR`` prints the same.

with ss.open_recording(run) as recorded:
    print(describe(recorded))

# %%
# Spikes and parameters as arrays
# -------------------------------
# Times are in seconds. An interval holds its start and not its stop.

with ss.open_recording(run) as recorded:
    times, ids = recorded.spikes("neurons", start=100, stop=110)
    theta = recorded.theta("inputs_to_neurons", time=slice(None))  # (n_snapshots, n_synapses)
    w = recorded.matrix("inputs_to_neurons", "w")  # (n_pre, n_post)
    segments = recorded.segments

# %%
# Three pictures of them
# ----------------------

figure, axes = plt.subplots(1, 3, figsize=(9, 3), layout="constrained")
axes[0].plot(times, ids, "|", color="black", ms=4)
axes[0].set(xlabel="time (s)", ylabel="neuron", title="spikes")
axes[1].plot([s.stop for s in segments], (theta > 0).mean(axis=1))
axes[1].set(xlabel="time (s)", ylabel="active synapses", title="turnover", ylim=(0, 1))
axes[2].imshow(w.T, aspect="auto", cmap="magma")
axes[2].set(xlabel="input", ylabel="neuron", title="weights at the end")
plt.show()

# %%
# Other programs read the file, too: see :doc:`/report` for CSV, Neo and NWB.

folder.cleanup()
