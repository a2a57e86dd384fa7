"""Two patterns, two pools: the first network task of reward-based synaptic sampling, as in an example of SPORE.

Inputs fire with one of two patterns for 0.5 to 1 s, then with a background rate for 0.5 to 1 s. Two pools of neurons
are rewarded for one pattern each: r = σ(0.2 (lead − 25 Hz)), with lead the spikes per second of the right pool
less those of the other, over 500 ms and not across a change of the input; r = 0 where the other pool leads, and in the
background. Nobody tells a neuron what to do: all see the same reward.

Several networks, independent of each other, stand side by side in one program, which also holds the task. The task acts
every 25 ms, and the phases last multiples of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from spikingsampling.models.reward.layer import DT, RewardedLayer
from spikingsampling.network.reward.neuron import StochasticNeuron
from spikingsampling.network.reward.rule import SPORE, RewardSampling
from spikingsampling.network.reward.signal import RewardSignal
from spikingsampling.parameters import quantity
from spikingsampling.units import Frequency, Number, Time

if TYPE_CHECKING:
    from spikingsampling.engines.build import BrianObjects

__all__ = ["TASK_STEP", "TwoPatterns"]

Array = NDArray[np.float64]

#: Time between two acts of the task (s).
TASK_STEP = 25e-3
#: Time over which pools are compared (s).
WINDOW = 0.5
_BINS = round(WINDOW / TASK_STEP)

_TASK = "\n".join(
    [
        *(
            f"{name} : 1"
            for name in ("votes", "shown", "balance", "phases", "correct", "mean_reward", "reward")
        ),
        *(f"bin_{k} : 1" for k in range(_BINS)),
        "left : second",
        "pays : 1",
    ]
)
# `balance` is what the phase has so far: spikes of pool 1 less those of pool 2. At the end of a phase with a pattern it
# says who fired more. A new phase forgets it, and the window.
_ACT = "\n".join(
    [
        *(f"bin_{k} = bin_{k - 1}" for k in range(_BINS - 1, 0, -1)),
        "bin_0 = votes",
        "balance += votes",
        "votes = 0",
        "side = int(shown == 1) - int(shown == 2)",
        f"lead = side*({' + '.join(f'bin_{k}' for k in range(_BINS))})/{WINDOW!r}",
        "r = pays*int(lead > 0)/(1 + exp(-0.2*(lead - 25)))",
        "mean_reward += (r - mean_reward)*{rate!r}",
        "reward = r*int(r > 0)/clip(mean_reward, {floor!r}, inf) + ({offset!r})",
        f"left -= {TASK_STEP!r}*second",
        f"over = int(left < {TASK_STEP / 2!r}*second)",
        "phases += over*int(shown > 0)",
        "correct += over*int(side*balance > 0)",
        "shown = (1 - over)*shown + over*int(shown == 0)*(1 + int(rand() < 0.5))",
        f"left = (1 - over)*left + over*{TASK_STEP!r}*({_BINS} + floor({_BINS + 1}*rand()))*second",
        "balance = (1 - over)*balance",
        *(f"bin_{k} = (1 - over)*bin_{k}" for k in range(_BINS)),
    ]
)
_INPUTS = """
rate : Hz
first : Hz
other : Hz
shown : 1 (linked)
"""


class TwoPatterns(RewardedLayer):
    """The networks, their inputs and their reward. The defaults are SPORE's."""

    n_networks: int = Field(10, ge=1, le=1000, description="independent networks, side by side")
    n_inputs: int = Field(50, ge=1, le=10_000, description="inputs of a network")
    pool_size: int = Field(10, ge=1, le=1000, description="neurons in each of two pools")
    n_potential: int = Field(2, ge=1, le=100, description="potential synapses of an input with a neuron")
    background: Frequency = quantity(
        "2 Hz", "rate without a pattern", low="0 Hz", high="1 kHz", source=SPORE, dimension="frequency"
    )
    highest_rate: Frequency = quantity(
        "60 Hz", "highest rate in a pattern", low="0 Hz", high="1 kHz", source=SPORE, dimension="frequency"
    )
    theta_mean: Number = quantity(-0.5, "mean θ at the start", low=-10, high=10, source=SPORE)
    theta_sd: Number = quantity(0.5, "its standard deviation", low=0, high=10, source=SPORE)
    rule: RewardSampling = RewardSampling(b="5e-4 /s", accumulation="steps", psp="spore")
    neuron: StochasticNeuron = StochasticNeuron()
    signal: RewardSignal = RewardSignal(tau_mean="750 s")
    segment: Time = quantity("50 s", "time of a segment", low="25 ms", high="1 h", dimension="time")

    @property
    def n_neurons(self) -> int:
        """Neurons of a network."""
        return 2 * self.pool_size

    def objects(self) -> BrianObjects:
        """The Brian2 objects of all networks, on the active device."""
        from spikingsampling.engines.build import BrianObjects
        from spikingsampling.engines.isolation import b2

        n, step = self.n_networks, TASK_STEP * b2.second
        b2.defaultclock.dt = DT * b2.second
        signal = self.signal
        rate = -float(np.expm1(-TASK_STEP / signal.tau_mean))
        task = b2.NeuronGroup(n, _TASK, name="task")
        act = _ACT.format(rate=rate, floor=signal.floor, offset=signal.offset)
        task.run_regularly(act, dt=step, when="start", order=-2, name="task_acts")

        inputs = b2.NeuronGroup(
            n * self.n_inputs, _INPUTS, threshold="rand() < rate*dt", reset="", name="inputs"
        )
        inputs.shown = b2.linked_var(task, "shown", index=np.repeat(np.arange(n), self.n_inputs))
        show = (
            f"rate = int(shown == 0)*{self.background!r}*Hz + int(shown == 1)*first + int(shown == 2)*other"
        )
        inputs.run_regularly(show, dt=step, when="start", order=-1, name="inputs_show")

        neurons, synapses = self.layer(inputs, "paid : 1 (linked)\n")
        neurons.paid = b2.linked_var(task, "reward", index=np.repeat(np.arange(n), self.n_neurons))
        neurons.run_regularly("reward = paid", dt=step, when="start", order=-1, name="neurons_are_paid")
        votes = b2.Synapses(
            neurons, task, "vote : 1", on_pre="votes_post += vote", delay=0 * b2.ms, name="votes"
        )
        votes.connect(i=np.arange(len(neurons)), j=np.repeat(np.arange(n), self.n_neurons))

        groups = {"task": task, "inputs": inputs, "neurons": neurons, "synapses": synapses, "votes": votes}
        spikes = b2.SpikeMonitor(neurons, name="spikes")
        return BrianObjects(b2.Network(*groups.values(), spikes, name="network"), groups, {}, spikes)

    def start(self, seeds: np.random.SeedSequence) -> dict[str, Array]:
        """A state to start from, as :class:`~spikingsampling.engines.segments.Segments` takes it.

        Each network draws patterns and θ from a seed of its own.
        """
        rngs = [np.random.default_rng(seed) for seed in seeds.spawn(self.n_networks)]
        top, shape = self.highest_rate, (2, self.n_inputs)
        patterns = np.stack([np.clip(top * rng.gamma(0.2, 0.8, shape), min(2.0, top), top) for rng in rngs])
        layer = self.layer_start(rngs)
        left = np.array([rng.integers(_BINS, 2 * _BINS + 1) for rng in rngs]) * TASK_STEP
        state = {f"task.{name.split()[0]}": np.zeros(self.n_networks) for name in _TASK.splitlines()}
        state |= {"task.left": left, "task.pays": np.ones(self.n_networks)}
        state |= {"inputs.rate": np.full(patterns[:, 0].size, self.background)}
        state |= {"inputs.first": patterns[:, 0].ravel(), "inputs.other": patterns[:, 1].ravel()}
        state["votes.vote"] = np.tile(np.repeat([1.0, -1.0], self.pool_size), self.n_networks)
        return state | layer

    def without_reward(self, state: dict[str, Array]) -> dict[str, Array]:
        """The state where nothing is paid."""
        return state | {"task.pays": np.zeros(self.n_networks)}

    def lesioned(self, state: dict[str, Array], n_removed: int) -> dict[str, Array]:
        """The state without the last ``n_removed`` neurons of each pool: they have no synapses and no say."""
        gone = np.arange(self.pool_size) >= self.pool_size - n_removed
        neurons = np.tile(np.concatenate([gone, gone]), self.n_networks)
        silenced = state | {"votes.vote": np.where(neurons, 0.0, state["votes.vote"])}
        return self.without_synapses(silenced, neurons)
