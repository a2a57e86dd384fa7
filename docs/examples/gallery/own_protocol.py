"""
Your own protocol
=================

Settings with units, a function from a run to metrics, and presets: that is a protocol. As a file ``growth.py`` it runs
with ``spikingsampling run growth.py --seed 3``; ``--resume``, ``sweep``, ``compare`` and ``report`` follow
(:doc:`/guide`). ``spikingsampling new protocol growth`` writes such a file.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np

import spikingsampling as ss
from spikingsampling.experiment.execution import execute
from spikingsampling.experiment.run_directory import create_directory


class Configuration(ss.ProtocolConfiguration):
    """Settings; a run has data, seed and engine, too."""

    duration: ss.Time = ss.quantity("10 min", "time to learn", low="1 s", high="9 h", dimension="time")


def run(context):
    """Learn four patterns, and count the active synapses every minute."""
    rng = np.random.default_rng(context.stream("stimuli"))
    inputs, neurons = ss.Source("inputs", 100), ss.Population("neurons", n_circuits=1, circuit_size=10)
    network = ss.Network([inputs], [neurons], [ss.all_to_all(inputs, neurons)])
    stimuli = ss.Stimuli({"inputs": ss.Library(rng.uniform(1, 60, size=(4, 100)), labels=np.arange(4))})
    minutes, active = range(round(context.configuration.duration / 60)), []
    with context.simulation(network, stimuli, stream="network") as simulation:
        for _ in minutes:
            simulation.present({"inputs": rng.integers(4, size=300)}, learning="sampling")
            active.append(simulation.active_synapses)
    return {"active": {"minute": [m + 1 for m in minutes], "synapses": active}}


PROTOCOL = ss.Protocol(Configuration, {"smoke": {"duration": "5 min"}, "quick": {}}, run, name="growth")

configuration = PROTOCOL.configure("smoke")
with (  # what `spikingsampling run growth.py --preset smoke` does
    TemporaryDirectory() as folder,
    create_directory(PROTOCOL, "smoke", configuration, Path(folder)) as directory,
):
    metrics = execute(PROTOCOL, configuration, directory)
figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.plot(metrics["active"]["minute"], metrics["active"]["synapses"], "o-")
ax.set(xlabel="minutes", ylabel="active synapses")
plt.show()
