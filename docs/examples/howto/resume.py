"""
Go on with a run that was stopped
=================================

A run of the command line that was stopped, by Ctrl-C, by ``kill -9`` or by a full disk, goes on from its last segment:

.. code-block:: console

    spikingsampling run --resume DIR
    spikingsampling sweep --resume DIR

The first Ctrl-C lets the segment end, the second stops at once. What comes out is the same, bit for bit, as without the
stop. A run goes on with the same settings and versions only; otherwise the differences are listed.

In Python it is the same: a directory, and ``resuming``.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import spikingsampling as ss

inputs, neurons = ss.Source("inputs", 100), ss.Population("neurons", n_circuits=1, circuit_size=10)
network = ss.Network([inputs], [neurons], [ss.all_to_all(inputs, neurons)])
rng = np.random.default_rng(1)
stimuli = ss.Stimuli({"inputs": ss.Library(rng.uniform(1, 60, size=(4, 100)), labels=np.arange(4))})
items = rng.integers(4, size=900)  # three minutes


class PowerCut(Exception):
    """What happens to this computer after the second segment."""


segments = iter((None, PowerCut))


def after_segment():
    """Fail where the list says so."""
    if failure := next(segments, None):
        raise failure


# %%
# A run that fails
# ----------------
# Segments of 60 s, unless you say otherwise, are safe on the disk one by one.

folder = TemporaryDirectory()
run = Path(folder.name) / "run"
try:
    with ss.Simulation(network, stimuli, seed=1, directory=run, after_segment=after_segment) as simulation:
        simulation.present({"inputs": items}, learning="sampling")
except PowerCut:
    print(f"stopped after {simulation.time:g} s")

# %%
# The same program once more
# --------------------------
# Nothing is said of where it stopped. What is recorded is read back, and the rest is simulated.

with ss.Simulation(network, stimuli, seed=1, directory=run, resuming=True) as simulation:
    resumed = simulation.present({"inputs": items}, learning="sampling")
    theta = simulation.theta("inputs_to_neurons")

with ss.Simulation(network, stimuli, seed=1) as simulation:
    whole = simulation.present({"inputs": items}, learning="sampling")
    np.testing.assert_array_equal(theta, simulation.theta("inputs_to_neurons"))
np.testing.assert_array_equal(resumed.counts("neurons"), whole.counts("neurons"))
print("the same spikes and the same θ")

folder.cleanup()
