"""Reaching in closed loop: a point in a plane is moved to one of eight targets by spiking neurons that are rewarded.

After the experiments of Kaiser et al. 2019 (Frontiers in Neuroscience) with SPORE and a robot, without the robot: their
abstract says that learning rate and temperature must be annealed for performance to stay. Sizes and rates are our own.

The environment is Python: every ``act`` (50 ms) it reads the spikes of eight pools, each of which pulls the point in
one direction, moves the point, and sets the reward and the rates of the inputs, which code the direction to the target.
r = max(0, cos φ), with φ between movement and direction to the target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from spikingsampling.models.reward.layer import DT, RewardedLayer, State
from spikingsampling.network.reward.neuron import StochasticNeuron
from spikingsampling.network.reward.rule import RewardSampling
from spikingsampling.network.reward.signal import RewardSignal
from spikingsampling.parameters import quantity
from spikingsampling.units import Frequency, Number, Time

if TYPE_CHECKING:
    from spikingsampling.engines.build import BrianObjects

__all__ = ["COUNTS", "N_DIRECTIONS", "Reaching"]

Array = NDArray[np.float64]

#: Targets, and pools of neurons.
N_DIRECTIONS = 8
#: Counted by the environment, for each network.
COUNTS = ("trials", "reached", "seconds")


class Reaching(RewardedLayer):
    """Networks, each with a point of its own; the targets lie at distance 1 from where it starts."""

    n_networks: int = Field(5, ge=1, le=100, description="independent networks, side by side")
    n_inputs: int = Field(16, ge=2, le=1000, description="inputs, each with a preferred direction")
    pool_size: int = Field(4, ge=1, le=100, description="neurons that pull in a direction")
    n_potential: int = Field(2, ge=1, le=20, description="potential synapses of an input with a neuron")
    act: Time = quantity("50 ms", "time between two acts", low="15 ms", high="200 ms", dimension="time")
    reach: Number = quantity(0.02, "how far a spike moves the point", above=0, high=1)
    radius: Number = quantity(0.2, "a target is reached within this distance", above=0, high=0.9)
    patience: Time = quantity("4 s", "longest time of a trial", low="50 ms", high="1 h", dimension="time")
    lowest_rate: Frequency = quantity(
        "2 Hz", "lowest rate of an input", low="0 Hz", high="1 kHz", dimension="frequency"
    )
    highest_rate: Frequency = quantity(
        "60 Hz", "rate at its direction", low="0 Hz", high="1 kHz", dimension="frequency"
    )
    width: Number = quantity(4.0, "κ of its tuning e^{κ (cos − 1)}", above=0, high=1000)
    theta_mean: Number = quantity(0.0, "mean θ at the start", low=-10, high=10)
    theta_sd: Number = quantity(0.5, "its standard deviation", low=0, high=10)
    #: The reward tells of the last act; an eligibility of a second would pay for the twenty before it.
    rule: RewardSampling = RewardSampling(
        b="5e-3 /s", update_period="50 ms", tau_eligibility="100 ms", accumulation="steps", psp="spore"
    )
    neuron: StochasticNeuron = StochasticNeuron()
    signal: RewardSignal = RewardSignal()

    @model_validator(mode="after")
    def _check(self) -> Reaching:
        ratio = self.act / self.rule.update_period
        if round(ratio) < 1 or abs(ratio - round(ratio)) > 1e-9:
            raise ValueError(
                f"rule.update_period = {self.rule.update_period:g} s: must divide act = {self.act:g} s, a segment"
            )
        return self

    @property
    def n_neurons(self) -> int:
        """Neurons of a network."""
        return N_DIRECTIONS * self.pool_size

    def objects(self) -> BrianObjects:
        """The Brian2 objects of all networks, on the active device."""
        from spikingsampling.engines.build import BrianObjects
        from spikingsampling.engines.isolation import b2

        b2.defaultclock.dt = DT * b2.second
        inputs = b2.NeuronGroup(
            self.n_networks * self.n_inputs,
            "rate : Hz",
            threshold="rand() < rate*dt",
            reset="",
            name="inputs",
        )
        neurons, synapses = self.layer(inputs)
        groups = {"inputs": inputs, "neurons": neurons, "synapses": synapses}
        spikes = b2.SpikeMonitor(neurons, name="spikes")
        return BrianObjects(b2.Network(*groups.values(), spikes, name="network"), groups, {}, spikes)

    def start(self, seeds: np.random.SeedSequence) -> State:
        """Networks and their world; names that begin with ``world.`` are the environment's, others the program's."""
        rngs = [np.random.default_rng(seed) for seed in seeds.spawn(self.n_networks)]
        n, state = self.n_networks, self.layer_start(rngs)
        if self.neuron.adaptation and self.neuron.target_rate:  # thresholds where they settle without input
            settled = (self.neuron.bias - np.log(self.neuron.target_rate)) / self.neuron.adaptation
            state["neurons.spiked"] = np.full(n * self.n_neurons, settled)
        state |= {f"world.{name}": np.zeros(n) for name in (*COUNTS, "clock", "mean_reward")}
        state["world.pays"] = np.ones(n)
        state["world.position"] = np.zeros((n, 2))
        state["world.target"] = np.array([float(rng.integers(N_DIRECTIONS)) for rng in rngs])
        return state | {"inputs.rate": self.rates(state)}

    def lesioned(self, state: State, n_removed: int) -> State:
        """The state without the last ``n_removed`` neurons of each pool: they have no synapses and pull at nothing."""
        pool = np.arange(self.n_neurons) % self.pool_size >= self.pool_size - n_removed
        gone = np.tile(pool, self.n_networks)
        silenced = state["neurons.spiked"] + np.where(gone, 1e6, 0.0)  # a threshold that nothing reaches
        return self.without_synapses(state | {"neurons.spiked": silenced}, gone)

    def towards(self, state: State) -> Array:
        """Vectors (n_networks, 2) from the points to their targets."""
        return _unit(state["world.target"] * (2 * np.pi / N_DIRECTIONS)) - state["world.position"]

    def rates(self, state: State) -> Array:
        """Rates of all inputs (Hz): each prefers a direction to the target."""
        towards = self.towards(state)
        angle = np.arctan2(towards[:, 1], towards[:, 0])
        preferred = 2 * np.pi * np.arange(self.n_inputs) / self.n_inputs
        tuning = np.exp(self.width * (np.cos(angle[:, None] - preferred) - 1))
        return (self.lowest_rate + (self.highest_rate - self.lowest_rate) * tuning).ravel()

    def acted(self, state: State, neurons: NDArray[np.int32], rng: np.random.Generator) -> State:
        """The state after the environment has seen which neurons spiked (n_spikes,) in an act.

        It moves the points, pays, begins new trials where a target is reached or time is over, and shows directions.
        """
        network, pool = neurons // self.n_neurons, neurons % self.n_neurons // self.pool_size
        pulls = np.zeros((self.n_networks, N_DIRECTIONS))
        np.add.at(pulls, (network, pool), 1.0)
        move = self.reach * pulls @ _unit(2 * np.pi * np.arange(N_DIRECTIONS) / N_DIRECTIONS)
        towards = self.towards(state)
        lengths = np.linalg.norm(move, axis=1) * np.linalg.norm(towards, axis=1)
        cosine = np.divide(
            (move * towards).sum(axis=1), lengths, out=np.zeros_like(lengths), where=lengths > 0
        )
        r = state["world.pays"] * np.maximum(0, cosine)
        signal = self.signal
        mean = r + (state["world.mean_reward"] - r) * np.exp(-self.act / signal.tau_mean)
        reward = np.where(r > 0, r / np.maximum(mean, signal.floor), 0.0) + signal.offset
        clock = state["world.clock"] + self.act
        end = state | {"world.position": state["world.position"] + move, "world.mean_reward": mean}
        reached = np.linalg.norm(self.towards(end), axis=1) < self.radius
        over = reached | (clock > self.patience - self.act / 2)
        end |= {
            "world.trials": state["world.trials"] + over,
            "world.reached": state["world.reached"] + reached,
            "world.seconds": state["world.seconds"] + over * clock,
            "world.clock": np.where(over, 0.0, clock),
            "world.position": np.where(over[:, None], 0.0, end["world.position"]),
            "world.target": np.where(over, rng.integers(N_DIRECTIONS, size=len(over)), state["world.target"]),
            "neurons.reward": np.repeat(reward, self.n_neurons),
        }
        return end | {"inputs.rate": self.rates(end)}

    def without_reward(self, state: State) -> State:
        """The state where nothing is paid."""
        return state | {"world.pays": np.zeros(self.n_networks)}


def _unit(angles: Array) -> Array:
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)
