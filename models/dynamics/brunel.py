"""Sparsely connected excitatory and inhibitory neurons (Brunel, J. Comput. Neurosci. 8, 183, 2000, model A).

Times count from the moment at which a membrane potential crosses the threshold, which on a grid is the end of a step: a
PSP stands there a delay D later and can make its neuron fire at once, and a neuron rests for τ_rp. This is the meaning
of both in the paper, where time is continuous, and in NEST (``iaf_psc_delta``), whose order a step has: leak, PSPs,
threshold. By default Brian2 tests the threshold first, so that a PSP acts one step after it has come, and it counts the
refractory time from the start of the step of the spike, so that a neuron rests one step too short. Here synapses come
before the threshold; they learn of a spike in the step after it, so that their queues hold it for D − dt, and the
refractory time is τ_rp + dt. The time of a spike is the start of its step, as usual in Brian2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spikingsampling.engines.programs.cache import program_of_objects
from spikingsampling.engines.programs.scratch import Scratch
from spikingsampling.errors import ParameterError
from spikingsampling.models.dynamics.activity import Activity
from spikingsampling.models.dynamics.mean_field import MeanField

if TYPE_CHECKING:
    from spikingsampling.engines.build import BrianObjects
    from spikingsampling.engines.programs.program import Program

__all__ = ["STATES", "BrunelNetwork"]

#: The four states of the paper's figure 8: g and ν_ext/ν_thr.
STATES: dict[str, tuple[float, float]] = {
    "synchronous_regular": (3.0, 2.0),
    "fast_oscillation": (6.0, 4.0),
    "asynchronous_irregular": (5.0, 2.0),
    "slow_oscillation": (4.5, 0.9),
}
EQUATIONS = """
dv/dt = -v/tau : 1 (unless refractory)
g : 1 (shared)
arriving : 1 (shared)
"""
#: Spikes from outside, in mV: as many synapses as there are excitatory ones, each with a Poisson process of its own.
EXTERNAL = "v += weight*poisson(arriving)"
#: Where in a step PSPs come: after the leak, before the threshold.
ORDER = {"when": "groups", "order": 1}


@dataclass(frozen=True)
class BrunelNetwork:
    """A network of model A, compiled once for all states.

    Parameters
    ----------
    n_excitatory : int
        There is one inhibitory neuron for four of these.
    c_excitatory : int
        Excitatory synapses onto each neuron, four times as many as inhibitory ones; no pair has two.
    weight : float
        J (mV).
    delay : float
        D (s), a whole number of time steps, from the crossing of the threshold to the PSP.
    dt : float
        Time step (s).

    Raises
    ------
    ParameterError
        More synapses than neurons, numbers that are no multiples of 4, or a delay or refractory time (2 ms) that is no
        multiple of ``dt``.
    """

    n_excitatory: int = 10_000
    c_excitatory: int = 1000
    weight: float = 0.1
    delay: float = 1.5e-3
    dt: float = 1e-4

    def __post_init__(self) -> None:
        for name in ("n_excitatory", "c_excitatory"):
            value = getattr(self, name)
            if value < 4 or value % 4:
                raise ParameterError(f"{name} = {value}: must be a multiple of 4")
        if self.c_excitatory > self.n_excitatory:
            raise ParameterError(
                f"c_excitatory = {self.c_excitatory}: must be at most n_excitatory = {self.n_excitatory}"
            )
        for name, value in (("delay", self.delay), ("refractory", MeanField.refractory)):
            if value < self.dt or abs(value / self.dt - round(value / self.dt)) > 1e-6:
                raise ParameterError(f"{name} = {value:g} s: must be a multiple of dt = {self.dt:g} s")

    @property
    def n_neurons(self) -> int:
        """Number of all neurons."""
        return self.n_excitatory * 5 // 4

    @property
    def n_synapses(self) -> int:
        """Number of recurrent synapses."""
        return self.n_neurons * self.c_excitatory * 5 // 4

    def theory(self, g: float, drive: float, dt: float = 0.0) -> MeanField:
        """What mean-field theory says of a state, in continuous time or in steps of ``dt`` (s)."""
        return MeanField(g, drive, c_excitatory=self.c_excitatory, weight=self.weight, dt=dt)

    def compiled(self, announce: Callable[[str], None] = lambda text: None) -> Program:
        """The C++ program.

        Raises
        ------
        CompilerError
            There is no compiler, or it fails.
        """
        return program_of_objects(self._make, [], announce=announce)

    def _make(self) -> BrianObjects:
        import brian2 as b2

        from spikingsampling.engines.build import BrianObjects

        b2.defaultclock.dt = self.dt * b2.second
        # Before anything is drawn: which neurons are connected depends on the seed, too.
        b2.get_device().insert_code(
            "main",
            'brian::_random_generators[0].seed(strtoul(getenv("SPIKINGSAMPLING_SEED"), NULL, 10) + 1000003UL);',
        )
        theory = self.theory(1, 1)
        constants = {"tau": theory.tau * b2.second, "weight": self.weight}
        neurons = b2.NeuronGroup(
            self.n_neurons,
            EQUATIONS,
            threshold=f"v > {theory.threshold!r}",
            reset=f"v = {theory.reset!r}",
            refractory=(theory.refractory + self.dt) * b2.second,
            method="exact",
            namespace=constants,
            name="neurons",
        )
        neurons.run_regularly(EXTERNAL, **ORDER, name="external")
        kinds = {
            "excitatory": (neurons[: self.n_excitatory], self.c_excitatory, "v_post += weight"),
            "inhibitory": (neurons[self.n_excitatory :], self.c_excitatory // 4, "v_post -= g_post*weight"),
        }
        synapses = []
        for name, (group, count, effect) in kinds.items():
            made = b2.Synapses(
                group,
                neurons,
                on_pre=effect,
                delay=(self.delay - self.dt) * b2.second,
                namespace=constants,
                name=name,
            )
            made.pre.when, made.pre.order = ORDER["when"], ORDER["order"]
            made.connect(i=f"k for k in sample(N_pre, size={count})")
            synapses.append(made)
        spikes = b2.SpikeMonitor(neurons, name="spikes")
        network = b2.Network(neurons, *neurons.contained_objects, *synapses, spikes)
        return BrianObjects(network, {"neurons": neurons}, {}, spikes)

    def run(
        self, program: Program, g: float, drive: float, duration: float, seed: np.random.SeedSequence
    ) -> Activity:
        """Simulate a state from random potentials.

        Parameters
        ----------
        program : Program
            From :meth:`compiled`.
        g, drive : float
            As :class:`~spikingsampling.models.dynamics.mean_field.MeanField`.
        duration : float
            s.
        seed : SeedSequence
            Of the connections, the start and the input.

        Raises
        ------
        EngineError
            The program fails.
        """
        theory = self.theory(g, drive)
        start, noise = seed.spawn(2)
        potentials = np.random.default_rng(start).uniform(0, theory.threshold, self.n_neurons)
        arriving = self.c_excitatory * drive * theory.threshold_rate * self.dt
        expected = round(2 * self.n_neurons * duration / theory.refractory)
        with Scratch(8 * self.n_neurons + 12 * min(expected, 10**8)) as scratch:
            got = program.run(
                scratch,
                {"neurons.v": potentials, "neurons.g": g, "neurons.arriving": arriving},
                {},
                duration=duration,
                seed=int(noise.generate_state(1, np.uint32)[0]),
                sizes={},
            )
        return Activity(got.arrays["spikes.t"], got.arrays["spikes.i"], self.n_neurons, duration)
