"""Lever press: a recurrent network that learns a movement from a reward, and then another one.

After Kappel et al., eNeuro 2018, as far as SPORE's example states its constants. A cue (a pattern of the inputs) asks
for a movement of the lever, first below −15 and then above +15. Two pools of neurons pull it:

lever ← 0.95 lever + 0.05 (up − down), every 15 ms, with up and down the spikes per second of the pools in the half
second before.

When the movement is done within 10 s, the reward is 1 for 0.3 s. Then, or after 10 s, there is a pause of 0.5 to 1 s
without the cue. The second task is the same movement the other way round; which one the paper took was not to be read.

Inputs reach 30 of 40 hidden neurons. Hidden neurons and pools are connected all to all, with up to 10 potential
synapses for each pair, each of which exists with probability 0.5. Inhibition is fixed, and inhibitory neurons do not
adapt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from spikingsampling.models.reward.lever_task import ACT, LEVER_STEP, TASK
from spikingsampling.network.reward.neuron import StochasticNeuron
from spikingsampling.network.reward.pairs import PairCode, pair_code
from spikingsampling.network.reward.rule import SPORE, RewardSampling
from spikingsampling.network.reward.signal import RewardSignal
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.units import Frequency, Number

if TYPE_CHECKING:
    from spikingsampling.engines.build import BrianObjects

__all__ = ["DT", "LEVER_STEP", "LeverPress"]

Array = NDArray[np.float64]

#: Time step (s).
DT = 1e-3

_INPUTS = "rate : Hz\nshown : Hz\nstage : 1 (linked)\n"


class LeverPress(Parameters):
    """The networks and their task. The defaults are SPORE's."""

    n_networks: int = Field(5, ge=1, le=100, description="independent networks, side by side")
    n_inputs: int = Field(50, ge=1, le=1000, description="inputs of a network")
    n_hidden: int = Field(40, ge=1, le=1000, description="hidden neurons")
    n_reached: int = Field(30, ge=1, le=1000, description="those of them that inputs reach")
    pool_size: int = Field(10, ge=1, le=1000, description="neurons of each of the two pools")
    n_inhibitory: int = Field(20, ge=1, le=1000, description="inhibitory neurons")
    n_potential: int = Field(10, ge=1, le=20, description="most potential synapses of a pair")
    p_potential: Number = quantity(0.5, "chance that one of them exists", low=0, high=1, source=SPORE)
    mark: Number = quantity(15.0, "how far the lever must go each way (Hz)", above=0, high=1e6, source=SPORE)
    patience: Number = quantity(10.0, "longest time of a trial (s)", above=0, high=1e6, source=SPORE)
    meal: Number = quantity(0.3, "time of the reward (s)", above=0, high=1e3, source=SPORE)
    background: Frequency = quantity(
        "2 Hz",
        "rate of inputs without the cue",
        low="0 Hz",
        high="1 kHz",
        source=SPORE,
        dimension="frequency",
    )
    highest_rate: Frequency = quantity(
        "60 Hz",
        "highest rate of inputs in the cue",
        low="2 Hz",
        high="1 kHz",
        source=SPORE,
        dimension="frequency",
    )
    theta_mean: Number = quantity(-0.5, "mean θ at the start", low=-10, high=10, source=SPORE)
    theta_sd: Number = quantity(0.5, "its standard deviation", low=0, high=10, source=SPORE)
    rule: RewardSampling = RewardSampling(accumulation="steps", psp="spore")
    neuron: StochasticNeuron = StochasticNeuron()
    inhibitory_neuron: StochasticNeuron = StochasticNeuron(dead_time="2 ms", adaptation=0.0)
    signal: RewardSignal = RewardSignal(tau_mean="750 s")

    @property
    def n_excitatory(self) -> int:
        """Hidden neurons and both pools of a network."""
        return self.n_hidden + 2 * self.pool_size

    @property
    def code(self) -> PairCode:
        """The rule, as code."""
        return pair_code(self.rule, self.n_potential, DT)

    def pairs(self, name: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Which neurons the pairs of a projection join: indices (n_pairs,) before and after, over all networks.

        Projections are ``inputs``, ``lateral``, and ``lever`` from the neurons that pull it to their network. A neuron
        is paired with itself, too, but has no synapse there: so the pairs of a neuron are one row.
        """
        n, e = np.arange(self.n_networks)[:, None], self.n_excitatory
        if name == "inputs":
            pre, post = np.divmod(np.arange(self.n_inputs * self.n_reached), self.n_reached)
            return (n * self.n_inputs + pre).ravel(), (n * e + post).ravel()
        if name == "lateral":
            pre, post = np.divmod(np.arange(e * e), e)
            return (n * e + pre).ravel(), (n * e + post).ravel()
        pulling = np.arange(self.n_hidden, e)
        return (n * e + pulling).ravel(), np.repeat(np.arange(self.n_networks), len(pulling))

    def objects(self) -> BrianObjects:
        """The Brian2 objects of all networks, on the active device."""
        from spikingsampling.engines.build import BrianObjects
        from spikingsampling.engines.isolation import b2

        n, step, code, none = self.n_networks, LEVER_STEP * b2.second, self.code, 0 * b2.ms
        b2.defaultclock.dt = DT * b2.second
        s = self.signal
        task = b2.NeuronGroup(n, TASK, name="task")
        act = ACT.format(
            **{"step": LEVER_STEP, "mark": self.mark, "patience": self.patience, "meal": self.meal},
            **{"rate": -float(np.expm1(-LEVER_STEP / s.tau_mean)), "floor": s.floor, "offset": s.offset},
        )
        task.run_regularly(act, dt=step, when="start", order=-2, name="task_acts")
        cued = (
            f"rate = {self.background!r}*Hz + int(stage > 0)*int(stage < 3)*(shown - {self.background!r}*Hz)"
        )
        inputs = b2.NeuronGroup(
            n * self.n_inputs,
            _INPUTS + code.pre,
            threshold="rand() < rate*dt",
            reset=code.on_arrival,
            name="inputs",
        )
        inputs.stage = b2.linked_var(task, "stage", index=np.repeat(np.arange(n), self.n_inputs))
        inputs.run_regularly(cued, dt=step, when="start", order=-1, name="inputs_show")
        code.attach_pre(inputs)

        def spiking(name: str, neuron: StochasticNeuron, size: int, model: str = "", **own: str) -> Any:
            spikes = {
                "threshold": neuron.threshold,
                "reset": neuron.reset,
                "refractory": neuron.refractory,
            } | own
            equations = neuron.equations(self.rule, inhibited=True) + model
            return b2.NeuronGroup(n * size, equations, **spikes, method="exact", name=name)

        plastic = code.pre + code.post + "paid : 1 (linked)\n"
        own = {"threshold": "rand() < rate*dt", "reset": f"{self.neuron.reset}\n{code.on_arrival}"}
        neurons = spiking("neurons", self.neuron, self.n_excitatory, plastic, **own)
        neurons.paid = b2.linked_var(task, "reward", index=np.repeat(np.arange(n), self.n_excitatory))
        neurons.run_regularly("reward = paid", dt=step, when="start", order=-1, name="neurons_are_paid")
        neurons.run_regularly("rate = rho", when="before_thresholds", order=-3, name="neurons_rate")
        code.attach_pre(neurons)
        code.attach_post(neurons)
        inhibitory = spiking("inhibitory", self.inhibitory_neuron, self.n_inhibitory)
        groups: dict[str, Any] = {
            "task": task,
            "inputs": inputs,
            "neurons": neurons,
            "inhibitory": inhibitory,
        }
        for name, pre in (("input_pairs", inputs), ("lateral_pairs", neurons)):
            groups[name] = b2.Synapses(
                pre,
                neurons,
                code.model,
                on_pre=self.neuron.on_pre,
                on_post=code.on_post,
                delay={"pre": none, "post": none},
                name=name,
            )
            i, j = self.pairs(name.removesuffix("_pairs").replace("input", "inputs"))
            groups[name].connect(i=i, j=j)
            code.attach(groups[name])
        ends = {
            "exciting": (neurons, inhibitory),
            "inhibiting": (inhibitory, neurons),
            "mutual": (inhibitory, inhibitory),
        }
        for name, (pre, post) in ends.items():
            arrival = self.neuron.on_pre if name == "exciting" else self.neuron.on_inhibition
            fixed = b2.Synapses(pre, post, "w : 1", on_pre=arrival, delay=none, name=name)
            a, b = len(pre) // n, len(post) // n
            i, j = np.divmod(np.arange(a * b), b)
            networks = np.arange(n)[:, None]
            fixed.connect(i=(networks * a + i).ravel(), j=(networks * b + j).ravel())
            groups[name] = fixed
        pull = b2.Synapses(neurons, task, "vote : 1", on_pre="votes_post += vote", delay=none, name="pull")
        i, j = self.pairs("lever")
        pull.connect(i=i, j=j)
        groups["pull"] = pull
        spikes = b2.SpikeMonitor(inhibitory, name="spikes")
        return BrianObjects(b2.Network(*groups.values(), spikes, name="network"), groups, {}, spikes)

    def start(self, seeds: np.random.SeedSequence) -> dict[str, Array]:
        """A state to start from, as :class:`~spikingsampling.engines.segments.Segments` takes it.

        Thresholds begin where a neuron without input fires at its target rate, and not 15 s before that.
        """
        rngs = [np.random.default_rng(seed) for seed in seeds.spawn(self.n_networks)]

        def drawn(draw: Any) -> Array:
            return np.concatenate([draw(rng) for rng in rngs])

        n, e, h = self.n_networks, self.n_excitatory, self.n_inhibitory
        state = {f"task.{line.split()[0]}": np.zeros(n) for line in TASK.strip().splitlines()}
        state |= {
            "task.pause": drawn(lambda rng: rng.uniform(0.5, 1, 1)),
            "task.order": np.ones(n),
            "task.pays": np.ones(n),
        }
        top = self.highest_rate
        state["inputs.shown"] = drawn(lambda rng: np.clip(top * rng.gamma(0.2, 0.8, self.n_inputs), 2.0, top))
        state["inputs.rate"] = np.full(n * self.n_inputs, self.background)
        psps = ("psp_fall", "psp_rise", "inhibition_fall", "inhibition_rise")
        for group, size, neuron in (
            ("neurons", n * e, self.neuron),
            ("inhibitory", n * h, self.inhibitory_neuron),
        ):
            state |= {f"{group}.{name}": np.zeros(size) for name in (*psps, "spiked")}
            state[f"{group}.lastspike"] = np.full(size, -1e4)
            if neuron.adaptation and neuron.target_rate:
                settled = (neuron.bias - np.log(neuron.target_rate)) / neuron.adaptation
                state[f"{group}.spiked"] = np.full(size, settled)
        for group, size in (("inputs", n * self.n_inputs), ("neurons", n * e)):
            state |= {f"{group}.{name}": np.zeros(size) for name in ("trace_fall", "trace_rise", "trace")}
        state |= {f"neurons.{name}": np.zeros(n * e) for name in ("blend", "reward")}
        state |= {f"neurons.{name}": np.ones(n * e) for name in ("lasting", "fading")}
        for group, name in (("input_pairs", "inputs"), ("lateral_pairs", "lateral")):
            size = len(self.pairs(name)[0])
            each = size // n
            zeros = [f"{what}_{k}" for what in ("eligibility", "gradient") for k in range(self.n_potential)]
            state |= {f"{group}.{what}": np.zeros(size) for what in ("eligible", "graded", *zeros)}
            state[f"{group}.intact"] = np.ones(size)
            count = drawn(
                lambda rng, each=each: rng.binomial(self.n_potential, self.p_potential, each).astype(float)
            )
            if name == "lateral":
                pre, post = self.pairs(name)
                count[pre == post] = 0
            state[f"{group}.n_synapses"] = count
            for k in range(self.n_potential):
                state[f"{group}.theta_{k}"] = drawn(
                    lambda rng, each=each: rng.normal(self.theta_mean, self.theta_sd, each)
                )
        for name, a, b, p, mean, sd in (
            ("exciting", e, h, 0.575, 0.5, 0.1),
            ("inhibiting", h, e, 0.6, -1.0, 0.2),
            ("mutual", h, h, 0.55, -1.0, 0.2),
        ):
            state[f"{name}.w"] = drawn(
                lambda rng, a=a, b=b, p=p, mean=mean, sd=sd: (
                    rng.normal(mean, sd, a * b) * (rng.random(a * b) < p)
                )
            )
        state["pull.vote"] = np.tile(np.repeat([1.0, -1.0], self.pool_size), n)
        return self.weighed(self.annealed(state, self.rule.b, self.rule.temperature))

    def theta(self, state: dict[str, Array], group: str) -> tuple[Array, NDArray[np.bool_]]:
        """θ (n_potential, n_pairs), and which of them exist and are intact."""
        theta = np.stack([state[f"{group}.theta_{k}"] for k in range(self.n_potential)])
        there = np.arange(self.n_potential)[:, None] < state[f"{group}.n_synapses"]
        return theta, there & (state[f"{group}.intact"] > 0)

    def weighed(self, state: dict[str, Array]) -> dict[str, Array]:
        """The state with the weights that follow from θ."""
        end = dict(state)
        for group in ("input_pairs", "lateral_pairs"):
            theta, there = self.theta(state, group)
            each = there * (theta > 0) * self.rule.w_0 * np.exp(theta - self.rule.theta_0)
            end |= {f"{group}.weight_{k}": each[k] for k in range(self.n_potential)}
            end[f"{group}.w"] = each.sum(axis=0)
        return end

    def annealed(self, state: dict[str, Array], b: float, temperature: float) -> dict[str, Array]:
        """The state with another b (1/s) and T."""
        constants = self.code.constants(b, temperature)
        groups = ("input_pairs", "lateral_pairs")
        return state | {f"{g}.{name}": np.array(value) for g in groups for name, value in constants.items()}

    def lesioned(self, state: dict[str, Array], n_removed: int) -> dict[str, Array]:
        """The state without the last ``n_removed`` hidden neurons: they have no synapses, plastic or fixed."""
        gone = np.zeros((self.n_networks, self.n_excitatory), dtype=bool)
        gone[:, self.n_hidden - n_removed : self.n_hidden] = True
        gone, end = gone.ravel(), dict(state)
        (_, to), (before, after) = self.pairs("inputs"), self.pairs("lateral")
        end["input_pairs.intact"] = np.where(gone[to], 0.0, state["input_pairs.intact"])
        end["lateral_pairs.intact"] = np.where(gone[before] | gone[after], 0.0, state["lateral_pairs.intact"])
        end["exciting.w"] = np.where(np.repeat(gone, self.n_inhibitory), 0.0, state["exciting.w"])
        return self.weighed(end)

    def continued(self, state: dict[str, Array], duration: float) -> dict[str, Array]:
        """The state at the end of a segment as that at the start of the next, where time begins at 0 again."""
        end = dict(state)
        for group, neuron in (("neurons", self.neuron), ("inhibitory", self.inhibitory_neuron)):
            end[f"{group}.lastspike"] = state[f"{group}.lastspike"] - duration
            end[f"{group}.spiked"] = state[f"{group}.spiked"] - neuron.target_rate * duration
        return end
