"""A balanced network whose excitatory synapses sample their parameters, and whose inhibition keeps the rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.network.rules import Learning, SamplingRule
from spikingsampling.network.synapse_code import synapse_code
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.units import Frequency, Number, Time

if TYPE_CHECKING:
    from spikingsampling.engines.build import BrianObjects

__all__ = ["BalancedNetwork", "Connections", "State"]

Connections = dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]
State = dict[str, NDArray[np.float64]]
VOGELS = "Vogels et al., Science 334, 1569 (2011)"
TAU = 20e-3
#: Between two steps of prior and noise (s).
UPDATE_PERIOD = 1.0
#: What has happened so long ago that nothing is left of it (s).
_LONG_AGO = -1e4

NEURONS = f"""
dv/dt = -v/({TAU!r}*second) : 1 (unless refractory)
arriving : 1 (shared)
"""
#: Inhibitory plasticity: near coincidence strengthens, a presynaptic spike alone weakens.
INHIBITION = f"""
strength : 1
dy_before/dt = -y_before/({TAU!r}*second) : 1 (event-driven)
dy_after/dt = -y_after/({TAU!r}*second) : 1 (event-driven)
"""
_PLASTIC = "strength = clip(strength + {eta!r}*({change}), 0, 10)"


class BalancedNetwork(Parameters):
    """Integrate-and-fire neurons with threshold 1, four excitatory ones for each inhibitory one.

    Synapses between excitatory neurons sample their parameters; those of inhibitory neurons onto excitatory ones aim at
    a rate; the others are fixed. All act at once.
    """

    n_excitatory: int = Field(800, ge=80, le=10_000, description="excitatory neurons, a multiple of 4")
    connected: Number = quantity(0.1, "probability of a potential synapse", above=0, high=1)
    excitation: Number = quantity(0.3, "jump by an excitatory spike, for w = 1", above=0, high=10)
    inhibition: Number = quantity(0.15, "jump by an inhibitory spike, at the start", low=0, high=10)
    drive: Frequency = quantity(
        "900 Hz", "spikes from outside onto each neuron", low="0 Hz", high="100 kHz", dimension="frequency"
    )
    drive_weight: Number = quantity(0.06, "jump by one of these", above=0, high=1)
    target_rate: Frequency = quantity(
        "5 Hz",
        "rate that inhibitory plasticity aims at",
        low="0.1 Hz",
        high="100 Hz",
        source=VOGELS,
        dimension="frequency",
    )
    eta: Number = quantity(
        2e-3,
        "step of inhibitory plasticity; 0 for none",
        low=0,
        high=1,
        source=f"form: {VOGELS}; value: ours",
    )
    sampling: CircuitParameters = CircuitParameters(
        b="1e-3 /s", n_examples=100, alpha=0.1, alpha_cap=100.0, prior=GaussianPrior(0.5, 1.0)
    )
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

    def connections(self, seed: np.random.SeedSequence) -> Connections:
        """Pre- and postsynaptic neurons, numbered within their population, by name of the synapses."""
        rng = np.random.default_rng(seed)
        n_exc, n_inh = self.n_excitatory, self.n_excitatory // 4
        sizes = {
            "recurrent": (n_exc, n_exc),
            "forward": (n_exc, n_inh),
            "onto_excitatory": (n_inh, n_exc),
            "onto_inhibitory": (n_inh, n_inh),
        }
        made: Connections = {}
        for name, (n_pre, n_post) in sizes.items():
            mask = rng.random((n_pre, n_post)) < self.connected
            if name in ("recurrent", "onto_inhibitory"):
                np.fill_diagonal(mask, False)  # nobody onto itself
            made[name] = np.nonzero(mask)
        return made

    def objects(self, connections: Connections) -> BrianObjects:
        """The Brian2 objects, on the active device; how they learn is in their state."""
        from spikingsampling.engines.build import BrianObjects
        from spikingsampling.engines.isolation import b2

        b2.defaultclock.dt = self.dt * b2.second
        neurons = b2.NeuronGroup(
            self.n_neurons,
            NEURONS,
            threshold="v > 1",
            reset="v = 0",
            refractory=2 * b2.ms,
            method="exact",
            name="neurons",
        )
        neurons.run_regularly(f"v += {self.drive_weight!r}*poisson(arriving)", when="synapses", name="drive")
        excitatory, inhibitory = neurons[: self.n_excitatory], neurons[self.n_excitatory :]
        code = synapse_code(SamplingRule(), self.sampling)
        alone = f"y_after - {2 * self.target_rate * TAU!r}"
        kinds = {
            "recurrent": (
                excitatory,
                excitatory,
                code.model,
                f"{code.on_pre}\nv_post += {self.excitation!r}*w",
                code.on_post,
            ),
            "forward": (excitatory, inhibitory, "", f"v_post += {self.typical_jump!r}", ""),
            "onto_excitatory": (
                inhibitory,
                excitatory,
                INHIBITION,
                f"v_post -= strength\ny_before += 1\n{_PLASTIC.format(eta=self.eta, change=alone)}",
                f"y_after += 1\n{_PLASTIC.format(eta=self.eta, change='y_before')}",
            ),
            "onto_inhibitory": (inhibitory, inhibitory, "", f"v_post -= {self.inhibition!r}", ""),
        }
        groups: dict[str, b2.Group] = {"neurons": neurons}
        for name, (pre, post, model, on_pre, on_post) in kinds.items():
            at_once = {end: 0 * b2.ms for end, effect in (("pre", on_pre), ("post", on_post)) if effect}
            made = b2.Synapses(
                pre, post, model, on_pre=on_pre, on_post=on_post or None, delay=at_once, name=name
            )
            made.connect(i=connections[name][0], j=connections[name][1])
            groups[name] = made
        code.attach(groups["recurrent"])
        spikes = b2.SpikeMonitor(neurons, name="spikes")
        return BrianObjects(b2.Network(*groups.values(), spikes, name="network"), groups, {}, spikes)

    @property
    def typical_jump(self) -> float:
        """Jump by an excitatory spike through a synapse whose θ is 0.5."""
        theta_0 = self.sampling.theta_0
        return self.excitation * float(np.exp(0.5 - theta_0) - np.exp(-theta_0))

    def start(self, connections: Connections, seed: np.random.SeedSequence) -> State:
        """A state for :class:`.Segments` to start from: θ from the prior, no learning."""
        rng = np.random.default_rng(seed)
        n_recurrent, n_onto = (len(connections[name][0]) for name in ("recurrent", "onto_excitatory"))
        theta = self.sampling.prior.sample(rng, n_recurrent)
        return {
            "neurons.v": rng.uniform(0, 1, self.n_neurons),
            "neurons.lastspike": np.full(self.n_neurons, _LONG_AGO),
            "neurons.arriving": np.array(self.drive * self.dt),
            "recurrent.theta": theta,
            "recurrent.weight": np.exp(theta - self.sampling.theta_0),
            "recurrent.x_fall": np.zeros(n_recurrent),
            "recurrent.x_rise": np.zeros(n_recurrent),
            "recurrent.lastupdate": np.full(n_recurrent, _LONG_AGO),
            "onto_excitatory.strength": np.full(n_onto, self.inhibition),
            "onto_excitatory.y_before": np.zeros(n_onto),
            "onto_excitatory.y_after": np.zeros(n_onto),
            "onto_excitatory.lastupdate": np.full(n_onto, _LONG_AGO),
        } | self.learning("off")

    def learning(self, mode: Learning) -> State:
        """What of a state says how the recurrent synapses learn: ``state | network.learning("map")``."""
        constants = SamplingRule().constants(self.sampling, mode, UPDATE_PERIOD)["synapses"]
        return {f"recurrent.{name}": np.array(float(value)) for name, value in constants.items()}

    def continued(self, state: State, duration: float) -> State:
        """The state at the end of a segment as that at the start of the next, where time begins at 0 again."""
        times = ("neurons.lastspike", "recurrent.lastupdate", "onto_excitatory.lastupdate")
        return state | {name: state[name] - duration for name in times}
