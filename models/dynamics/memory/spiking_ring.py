"""A ring of spiking neurons that holds a direction.

After Compte, Brunel, Goldman-Rakic, Wang, Cereb Cortex 10, 910 (2000). The constants are those that public
implementations give as the paper's control set; the text of the paper was not at hand.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from spikingsampling.models.dynamics.memory.footprint import Footprint
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.units import Frequency, Number, Time

if TYPE_CHECKING:
    import brian2

    from spikingsampling.engines.build import BrianObjects

__all__ = ["SpikingRing", "State"]

State = dict[str, NDArray[np.float64]]
COMPTE = "Compte et al., Cereb Cortex 10, 910 (2000), control set"
#: What has happened so long ago that nothing is left of it (s).
_LONG_AGO = -1e4
#: Neurons for which the conductances of recurrent synapses are given: excitatory ones, and a quarter of them.
_PAPER_SIZE = 2048

#: Excitatory, inhibitory: capacity (nF), leak (nS), refractory time (s).
MEMBRANE = {"capacity": (0.5, 0.2), "leak": (25.0, 20.0), "dead_time": (2e-3, 1e-3)}
#: mV.
LEAK, THRESHOLD, RESET, EXCITATION, INHIBITION = -70.0, -50.0, -60.0, 0.0, -70.0

# In mV, nS, pA and nF, so that a current over a capacity is in mV/s. A conductance enters with its mean over the step,
# and the magnesium block with its value at the beginning: then the equation of v is linear within a step.
NEURONS = f"""
dv/dt = (leak*({LEAK} - v) + ampa*mean_ampa*g_ext*({EXCITATION} - v) + field*g_nmda*block*({EXCITATION} - v)
         + gaba*mean_gaba*g_gaba*({INHIBITION} - v) + current)/(capacity*second) : 1 (unless refractory)
block = 1/(1 + exp(-0.062*v)/3.57) : 1 (constant over dt)
dampa/dt = -ampa/(tau_ampa*second) : 1
dx/dt = -x/(tau_rise*second) : 1
ds/dt = -s/(tau_nmda*second) + alpha*mean_x*x*(1 - s)/second : 1
field : 1
gaba : 1 (linked)
current : 1
arriving : 1 (shared)
capacity : 1 (constant)
leak : 1 (constant)
dead_time : second (constant)
g_ext : 1 (constant)
g_nmda : 1 (constant)
g_gaba : 1 (constant)
"""


class SpikingRing(Parameters):
    """Integrate-and-fire neurons; four excitatory ones on a ring for each inhibitory one.

    Excitatory synapses are NMDA receptors, s' = −s/τ + α x (1 − s) with x' = −x/τ_x and x → x + 1 at a spike, whose
    current is blocked by magnesium: G S (−v)/(1 + e^{−0.062 v}/3.57). S_i = Σ_j J(θ_i − θ_j) s_j onto excitatory
    neurons, Σ_j s_j onto inhibitory ones, each onto itself, too. Inhibitory synapses (GABA) reach all neurons alike.
    External AMPA synapses receive Poisson spikes. Conductances are those of the paper's network of 2048 excitatory
    neurons, and scale with 1/N.
    """

    n_excitatory: int = Field(
        2048,
        ge=32,
        le=16_384,
        multiple_of=4,
        description="excitatory neurons",
        json_schema_extra={"source": COMPTE},
    )
    j_plus: Number = quantity(1.62, "J⁺, weight at distance 0 over the mean", low=1, high=20, source=COMPTE)
    sigma_degrees: Number = quantity(
        14.4, "σ of the weights over distance, degrees", low=1, high=180, source=COMPTE
    )
    g_ee: Number = quantity(0.381, "NMDA onto excitatory neurons, nS", low=0, high=100, source=COMPTE)
    g_ei: Number = quantity(0.292, "NMDA onto inhibitory neurons, nS", low=0, high=100, source=COMPTE)
    g_ie: Number = quantity(1.336, "GABA onto excitatory neurons, nS", low=0, high=100, source=COMPTE)
    g_ii: Number = quantity(1.024, "GABA onto inhibitory neurons, nS", low=0, high=100, source=COMPTE)
    g_ext_e: Number = quantity(
        3.1, "external AMPA onto excitatory neurons, nS", low=0, high=100, source=COMPTE
    )
    g_ext_i: Number = quantity(
        2.38, "external AMPA onto inhibitory neurons, nS", low=0, high=100, source=COMPTE
    )
    drive: Frequency = quantity(
        "1800 Hz",
        "external spikes onto each neuron",
        low="0 Hz",
        high="100 kHz",
        source=COMPTE,
        dimension="frequency",
    )
    tau_ampa: Time = quantity(
        "2 ms", "decay of AMPA", low="0.1 ms", high="1 s", source=COMPTE, dimension="time"
    )
    tau_gaba: Time = quantity(
        "10 ms", "decay of GABA", low="0.1 ms", high="1 s", source=COMPTE, dimension="time"
    )
    tau_nmda: Time = quantity(
        "100 ms", "decay of NMDA", low="1 ms", high="10 s", source=COMPTE, dimension="time"
    )
    tau_rise: Time = quantity(
        "2 ms", "τ_x of NMDA", low="0.1 ms", high="1 s", source=COMPTE, dimension="time"
    )
    alpha: Frequency = quantity(
        "500 Hz", "α of NMDA", low="0 Hz", high="100 kHz", source=COMPTE, dimension="frequency"
    )
    coupling: Literal["waves", "dense"] = Field(
        "waves",
        description="how the sum over the ring is made: by waves of the weights, or synapse by synapse",
    )
    tolerance: Number = quantity(1e-9, "largest error of a weight made of waves", low=0, high=1e-3)
    dt: Time = quantity("0.2 ms", "time step", low="0.01 ms", high="0.5 ms", dimension="time")

    @property
    def n_neurons(self) -> int:
        """Number of all neurons; the excitatory ones come first."""
        return self.n_excitatory * 5 // 4

    @property
    def footprint(self) -> Footprint:
        """The weights between excitatory neurons."""
        return Footprint(self.n_excitatory, self.j_plus, math.radians(self.sigma_degrees))

    @property
    def directions(self) -> NDArray[np.float64]:
        """θ (n_excitatory,) in rad."""
        return self.footprint.directions

    def mean_over_step(self, tau: float) -> float:
        """Mean over a step of what decays with ``tau`` (s), relative to its value at the beginning."""
        return -tau / self.dt * math.expm1(-self.dt / tau)

    def _of_each(self, excitatory: float, inhibitory: float) -> NDArray[np.float64]:
        return np.repeat([excitatory, inhibitory], [self.n_excitatory, self.n_neurons - self.n_excitatory])

    def objects(self) -> BrianObjects:
        """The Brian2 objects, on the active device."""
        from spikingsampling.engines.build import BrianObjects
        from spikingsampling.engines.isolation import b2

        b2.defaultclock.dt = self.dt * b2.second
        n_exc = self.n_excitatory
        constants = {
            "tau_ampa": self.tau_ampa,
            "tau_rise": self.tau_rise,
            "tau_nmda": self.tau_nmda,
            "alpha": self.alpha,
            "mean_ampa": self.mean_over_step(self.tau_ampa),
            "mean_gaba": self.mean_over_step(self.tau_gaba),
            "mean_x": self.mean_over_step(self.tau_rise),
        }
        pool = b2.NeuronGroup(
            1,
            f"dgaba/dt = -gaba/({self.tau_gaba!r}*second) : 1",
            method="exponential_euler",
            order=1,
            name="pool",
        )
        neurons = b2.NeuronGroup(
            self.n_neurons,
            NEURONS,
            threshold=f"v > {THRESHOLD}",
            reset=f"v = {RESET}\nx += 1",
            refractory="dead_time",
            method="exponential_euler",
            namespace=constants,
            name="neurons",
        )
        neurons.gaba = b2.linked_var(pool, "gaba")
        neurons.run_regularly("ampa += poisson(arriving)", when="synapses", name="drive")
        inhibition = b2.Synapses(
            neurons[n_exc:], pool, on_pre="gaba_post += 1", delay=0 * b2.ms, name="inhibition"
        )
        inhibition.connect()
        sums = self._dense(neurons) if self.coupling == "dense" else self._waves(neurons)
        groups = {group.name: group for group in (neurons, pool, inhibition, *sums)}
        spikes = b2.SpikeMonitor(neurons, name="spikes")
        return BrianObjects(b2.Network(*groups.values(), spikes, name="network"), groups, {}, spikes)

    def _dense(self, neurons: brian2.NeuronGroup) -> list[brian2.Group]:
        from spikingsampling.engines.isolation import b2

        n_exc = self.n_excitatory
        sums = b2.Synapses(
            neurons, neurons, "weight : 1 (constant)\nfield_post = weight*s_pre : 1 (summed)", name="sums"
        )
        weights = np.concatenate([self.footprint.matrix, np.ones((n_exc, self.n_neurons - n_exc))], axis=1)
        pre, post = np.indices(weights.shape).reshape(2, -1)
        sums.connect(i=pre, j=post)
        sums.weight = weights.ravel()
        return [sums]

    def _waves(self, neurons: brian2.NeuronGroup) -> list[brian2.Group]:
        """Neurons → waves → neurons, all within a step: what comes first in it has the lower order."""
        from spikingsampling.engines.isolation import b2

        n_exc = self.n_excitatory
        amplitudes = self.footprint.waves(self.tolerance)
        angles = np.outer(self.directions, np.arange(len(amplitudes)))
        wave = b2.NeuronGroup(len(amplitudes), "even : 1\nodd : 1", order=-1, name="wave")
        model = "even_weight : 1 (constant)\nodd_weight : 1 (constant)\n"
        to_waves = b2.Synapses(
            neurons,
            wave,
            model + "even_post = even_weight*s_pre : 1 (summed)\nodd_post = odd_weight*s_pre : 1 (summed)",
            name="to_waves",
        )
        pre, post = np.indices(angles.shape).reshape(2, -1)
        to_waves.connect(i=pre, j=post)
        to_waves.even_weight, to_waves.odd_weight = np.cos(angles).ravel(), np.sin(angles).ravel()
        from_waves = b2.Synapses(
            wave,
            neurons,
            model + "field_post = even_weight*even_pre + odd_weight*odd_pre : 1 (summed)",
            name="from_waves",
        )
        # Onto inhibitory neurons there is the sum itself, which is the first wave.
        n_inh = self.n_neurons - n_exc
        from_waves.connect(
            i=np.concatenate([post, np.zeros(n_inh, dtype=int)]),
            j=np.concatenate([pre, np.arange(n_exc, self.n_neurons)]),
        )
        from_waves.even_weight = np.concatenate([(amplitudes * np.cos(angles)).ravel(), np.ones(n_inh)])
        from_waves.odd_weight = np.concatenate([(amplitudes * np.sin(angles)).ravel(), np.zeros(n_inh)])
        return [wave, to_waves, from_waves]

    def start(self, seed: np.random.SeedSequence) -> State:
        """A state for :class:`.Segments` to start from: potentials between reset and threshold, gates closed."""
        n = self.n_neurons
        scale = _PAPER_SIZE / self.n_excitatory
        zeros = {f"neurons.{name}": np.zeros(n) for name in ("ampa", "x", "s", "current")}
        constants = {
            **{name: self._of_each(*values) for name, values in MEMBRANE.items()},
            "g_ext": self._of_each(self.g_ext_e, self.g_ext_i),
            "g_nmda": self._of_each(self.g_ee, self.g_ei) * scale,
            "g_gaba": self._of_each(self.g_ie, self.g_ii) * scale,
        }
        return {
            **zeros,
            **{f"neurons.{name}": values for name, values in constants.items()},
            "neurons.v": np.random.default_rng(seed).uniform(RESET, THRESHOLD, n),
            "neurons.lastspike": np.full(n, _LONG_AGO),
            "neurons.arriving": np.array(self.drive * self.dt),
            "pool.gaba": np.zeros(1),
        }

    def shown(self, state: State, direction: float, current: float, width: float) -> State:
        """The state with a current (pA) of Gaussian shape of ``width`` (rad) at ``direction`` (rad); 0 pA for none."""
        distance = np.angle(np.exp(1j * (self.directions - direction)))
        values = np.zeros(self.n_neurons)
        values[: self.n_excitatory] = current * np.exp(-(distance**2) / (2 * width**2))
        return state | {"neurons.current": values}

    def continued(self, state: State, duration: float) -> State:
        """The state at the end of a segment as that at the start of the next, where time begins at 0 again."""
        return state | {"neurons.lastspike": state["neurons.lastspike"] - duration}
