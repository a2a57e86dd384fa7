"""Networks of one layer: every input reaches every stochastic neuron, through synapses that are rewarded."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spikingsampling.network.reward.code import reward_code
from spikingsampling.network.reward.neuron import StochasticNeuron
from spikingsampling.network.reward.rule import RewardSampling
from spikingsampling.parameters import Parameters
from spikingsampling.units import Number

if TYPE_CHECKING:
    import brian2

__all__ = ["DT", "RewardedLayer", "State"]

Array = NDArray[np.float64]
State = dict[str, Array]

#: Time step (s).
DT = 1e-3


class RewardedLayer(Parameters, ABC):
    """Independent networks side by side. Variables of ``neurons`` and ``synapses`` of all of them follow each other."""

    n_networks: int
    n_inputs: int
    n_potential: int
    theta_mean: Number
    theta_sd: Number
    rule: RewardSampling
    neuron: StochasticNeuron

    @property
    @abstractmethod
    def n_neurons(self) -> int:
        """Neurons of a network."""

    @property
    def n_synapses(self) -> int:
        """Potential synapses of a network."""
        return self.n_inputs * self.n_neurons * self.n_potential

    @property
    def ends(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The input and the neuron of each synapse, (n_networks n_synapses,) each."""
        pre = np.repeat(np.arange(self.n_inputs), self.n_neurons * self.n_potential)
        post = np.tile(np.repeat(np.arange(self.n_neurons), self.n_potential), self.n_inputs)
        networks = np.arange(self.n_networks)[:, None]
        return (networks * self.n_inputs + pre).ravel(), (networks * self.n_neurons + post).ravel()

    def layer(
        self, inputs: brian2.NeuronGroup, model: str = ""
    ) -> tuple[brian2.NeuronGroup, brian2.Synapses]:
        """The neurons and their synapses, on the active device.

        ``reward`` of the neurons is what synapses see; ``model`` is added to their equations.
        """
        from spikingsampling.engines.isolation import b2

        neuron, none = self.neuron, 0 * b2.ms
        neurons: Any = b2.NeuronGroup(
            self.n_networks * self.n_neurons,
            neuron.equations(self.rule) + "reward : 1\nrate : Hz\n" + model,
            threshold="rand() < rate*dt",
            reset=neuron.reset,
            refractory=neuron.refractory,
            method="exact",
            name="neurons",
        )
        # ρ once for each neuron, not for each synapse
        neurons.run_regularly("rate = rho", when="before_thresholds", order=-1, name="neurons_rate")
        code = reward_code(self.rule, rate="rate_post")
        synapses: Any = b2.Synapses(
            inputs,
            neurons,
            code.model,
            on_pre=code.on_pre + neuron.on_pre,
            on_post=code.on_post,
            delay={"pre": none, "post": none},
            name="synapses",
        )
        i, j = self.ends
        synapses.connect(i=i, j=j)
        code.attach(synapses)
        return neurons, synapses

    def layer_start(self, rngs: list[np.random.Generator]) -> State:
        """A state of neurons and synapses: θ of each network from a generator of its own, all else at rest."""
        n_neurons = self.n_networks * self.n_neurons
        theta = np.concatenate([rng.normal(self.theta_mean, self.theta_sd, self.n_synapses) for rng in rngs])
        state = {
            f"neurons.{name}": np.zeros(n_neurons) for name in ("psp_fall", "psp_rise", "spiked", "reward")
        }
        state["neurons.lastspike"] = np.full(n_neurons, -1e4)
        traces = ("eligibility", "gradient", "y_fall", "y_rise")
        state |= {f"synapses.{name}": np.zeros(theta.size) for name in traces}
        state |= {"synapses.theta": theta, "synapses.intact": np.ones(theta.size)}
        state["synapses.w"] = self.weights(state)
        return self.annealed(state, self.rule.b, self.rule.temperature)

    def weights(self, state: State) -> Array:
        """w of all synapses, from θ and what is intact."""
        theta, rule = state["synapses.theta"], self.rule
        return state["synapses.intact"] * np.where(theta > 0, rule.w_0 * np.exp(theta - rule.theta_0), 0.0)

    def annealed(self, state: State, b: float, temperature: float) -> State:
        """The state with another b (1/s) and T."""
        b_time = b * self.rule.update_period
        noise = np.sqrt(2 * temperature * b_time)
        return state | {"synapses.b_time": np.array(b_time), "synapses.noise": np.array(noise)}

    def without_synapses(self, state: State, neurons: NDArray[np.bool_]) -> State:
        """The state where the ``neurons`` (n_networks n_neurons,) have no synapses."""
        end = dict(state)
        end["synapses.intact"] = np.where(neurons[self.ends[1]], 0.0, state["synapses.intact"])
        return end | {"synapses.w": self.weights(end)}

    def continued(self, state: State, duration: float) -> State:
        """The state at the end of a segment as that at the start of the next, where time begins at 0 again."""
        return state | {
            "neurons.lastspike": state["neurons.lastspike"] - duration,
            "neurons.spiked": state["neurons.spiked"] - self.neuron.target_rate * duration,
        }
