"""A balanced network whose excitatory synapses sample their parameters, and whose inhibition keeps the rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field, field_validator

from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.network.rules import Learning, SamplingRule
from spikingsampling.network.synapse_code import synapse_code
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.units import Frequency, Number, Time

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spikingsampling.engines.build import BrianObjects

__all__ = ["BalancedNetwork"]

State = dict[str, "NDArray[np.float64]"]
VOGELS = "Vogels et al., Science 334, 1569 (2011)"

NEURONS = """
dv/dt = -v/(20*ms) : 1 (unless refractory)
arriving : 1 (shared)
"""
#: Inhibitory plasticity: near coincidence strengthens, each presynaptic spike alone weakens.
INHIBITION = """
strength : 1
dy_pre/dt = -y_pre/(20*ms) : 1 (event-driven)
dy_post/dt = -y_post/(20*ms) : 1 (event-driven)
"""


class BalancedNetwork(Parameters):
    """Integrate-and-fire neurons with threshold 1, four excitatory ones for each inhibitory one."""

    n_excitatory: int = Field(800, ge=80, le=10_000, description="excitatory neurons")
    connected: Number = quantity(0.1, "probability that one neuron can have a synapse on another", above=0, high=1)
    excitation: Number = quantity(0.3, "jump of the potential by an excitatory spike, for w = 1", above=0, high=10)
    inhibition: Number = quantity(0.15, "that by an inhibitory spike at the start", low=0, high=10)
    drive: Frequency = quantity(
        "900 Hz", "spikes from outside onto each neuron", low="0 Hz", high="100 kHz", dimension="frequency"
    )
    drive_weight: Number = quantity(0.06, "jump of the potential by one of these", above=0, high=1)
    target_rate: Frequency = quantity(
        "5 Hz",
        "rate of excitatory neurons that inhibitory plasticity aims at",
        low="0.1 Hz",
        high="100 Hz",
        source=VOGELS,
        dimension="frequency",
    )
    eta: Number = quantity(2e-4, "change of an inhibitory synapse by a pair of spikes", low=0, high=1, source=VOGELS)
    sampling: CircuitParameters = CircuitParameters(b="1e-3 /s", n_examples=100, alpha=0.5, prior=GaussianPrior(0.5, 1.0))
    segment: Time = quantity("10 s", "time of a segment", low="1 s", high="1 h", dimension="time")
    dt: Time = quantity("0.5 ms", "time step", low="0.05 ms", high="1 ms", dimension="time")

    @field_validator("n_excitatory", mode="after")
    @classmethod
    def _fourths(cls, n: int) -> int:
        if n % 4:
            raise ValueError("must be a multiple of 4")
        return n

    @property
    def n_neurons(self) -> int:
        """Number of all neurons; the excitatory ones come first."""
        return self.n_excitatory * 5 // 4

    def connections(self, seed: np.random.SeedSequence) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Pre- and postsynaptic neurons of the synapses, by name; nobody is connected to itself."""
        rng, n_exc, n = np.random.default_rng(seed), self.n_excitatory, self.n_neurons
        ends = {
            "recurrent": (range(n_exc), range(n_exc)),
            "forward": (range(n_exc), range(n_exc, n)),
            "onto_excitatory": (range(n_exc, n), range(n_exc)),
            "onto_inhibitory": (range(n_exc, n), range(n_exc, n)),
        }
        made = {}
        for name, (pre, post) in ends.items():
            mask = rng.random((len(pre), len(post))) < self.connected
            if pre == post:
                np.fill_diagonal(mask, False)
            made[name] = np.nonzero(mask)
        return made

    def objects(self, connections: dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]], learning: Learning) -> BrianObjects:
        """The Brian2 objects, on the active device."""
        from spikingsampling.engines.build import BrianObjects
        from spikingsampling.engines.isolation import b2

        b2.defaultclock.dt = self.dt * b2.second
        neurons = b2.NeuronGroup(
            self.n_neurons, NEURONS, threshold="v > 1", reset="v = 0", refractory=2 * b2.ms, method="exact", name="neurons"
        )
        neurons.run_regularly(f"v += {self.drive_weight!r}*poisson(arriving)", when="synapses", name="drive")
        excitatory, inhibitory = neurons[: self.n_excitatory], neurons[self.n_excitatory :]
        code = synapse_code(SamplingRule(), self.sampling, learning=learning)
        balance = 2 * self.target_rate * 20e-3
        plastic = f"strength = clip(strength + {self.eta!r}*({{}}), 0, 10)"
        kinds = {
            "recurrent": (
                excitatory,
                excitatory,
                {"model": code.model, "on_pre": f"{code.on_pre}\nv_post += {self.excitation!r}*w", "on_post": code.on_post},
            ),
            "forward": (excitatory, inhibitory, {"on_pre": f"v_post += {self._typical_jump!r}"}),
            "onto_excitatory": (
                inhibitory,
                excitatory,
                {
                    "model": INHIBITION,
                    "on_pre": f"v_post -= strength\ny_pre += 1\n{plastic.format(f'y_post - {balance!r}')}",
                    "on_post": f"y_post += 1\n{plastic.format('y_pre')}",
                },
            ),
            "onto_inhibitory": (inhibitory, inhibitory, {"on_pre": f"v_post -= {self.inhibition!r}"}),
        }
        groups: dict[str, b2.Group] = {"neurons": neurons}
        for name, (pre, post, settings) in kinds.items():
            delay = {"pre": 0 * b2.ms} | ({"post": 0 * b2.ms} if "on_post" in settings else {})
            made = b2.Synapses(pre, post, delay=delay, name=name, **settings)
            made.connect(i=connections[name][0] - pre.start, j=connections[name][1] - post.start) if False else made.connect(
                i=connections[name][0], j=connections[name][1]
            )
            groups[name] = made
        code.attach(groups["recurrent"])
        spikes = b2.SpikeMonitor(neurons, name="spikes")
        network = b2.Network(*groups.values(), spikes, name="network")
        return BrianObjects(network, groups, {}, spikes)

    @property
    def _typical_jump(self) -> float:
        """Jump by an excitatory spike through a synapse at the prior's mean."""
        theta_0 = self.sampling.theta_0
        mean = float(getattr(self.sampling.prior, "mean", 0.5))
        return self.excitation * float(np.exp(mean - theta_0) - np.exp(-theta_0))
