"""The networks that are simulated, described once for all competitors."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from spikingsampling.network.parameters import CircuitParameters

__all__ = ["Case", "association", "circuit"]

#: Length of the stimulus before it repeats (patterns of 200 ms).
PRESENTATIONS = 500


@dataclass(frozen=True)
class Case:
    """A network, its stimulus and its initial synapses.

    Sources are numbered through: inputs 0 … n_inputs − 1, then the hidden neurons, whose spikes arrive after
    ``parameters.lateral_delay``. Hidden neuron k belongs to circuit k // n_neurons.

    Attributes
    ----------
    name : str
    n_circuits, n_neurons : int
        Circuits, and neurons in each.
    rates : (n_patterns, n_inputs) array
        Poisson rates in Hz.
    schedule : (n_presentations,) array of int32
        Pattern shown for ``pattern_duration`` each; it starts again when it ends.
    inputs : (n_circuits, 2) array of int
        First input of each circuit, and one past its last.
    lateral : (n_circuits, n_circuits) array of bool
        ``lateral[pre, post]``: all neurons of circuit pre project to all of circuit post; on the diagonal, to
        all but themselves.
    theta : (n_synapses,) array
        Initial synaptic parameters by row: for each hidden neuron its sources in rising order.
    """

    name: str
    n_circuits: int
    n_neurons: int
    rates: NDArray[np.float64]
    schedule: NDArray[np.int32]
    inputs: NDArray[np.int64]
    lateral: NDArray[np.bool_]
    theta: NDArray[np.float64] = field(repr=False)
    parameters: CircuitParameters = field(default_factory=CircuitParameters)
    pattern_duration: float = 0.2
    update_period: float = 1.0
    dt: float = 1e-3

    def with_kept_psps(self) -> Case:
        """The same network, with PSPs that keep the weight that a synapse had at the spike."""
        return replace(self, parameters=self.parameters.replace(psp="kept"))

    @property
    def n_inputs(self) -> int:
        """Inputs of all sources."""
        return self.rates.shape[1]

    @property
    def n_hidden(self) -> int:
        """Neurons of all circuits."""
        return self.n_circuits * self.n_neurons

    def connectivity(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Synapses in compressed rows: ``indptr`` (n_hidden + 1,) and sources ``indices`` (n_synapses,)."""
        return _connectivity(self.n_inputs, self.n_neurons, self.inputs, self.lateral)

    def synapse_events_per_second(self) -> float:
        """Synapses touched by a spike per simulated second, at its arrival or by learning."""
        _, indices = self.connectivity()
        winner_rate = self.parameters.rho_net / self.n_neurons
        mean_rates = self.rates[self.schedule].mean(axis=0)
        source_rates = np.append(mean_rates, np.full(self.n_hidden, winner_rate))
        return float(source_rates[indices].sum() + winner_rate * len(indices))


def _connectivity(
    n_inputs: int, n_neurons: int, inputs: NDArray[np.int64], lateral: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    rows = []
    for post in range(len(inputs) * n_neurons):
        sources = np.concatenate(
            [np.arange(*inputs[post // n_neurons])]
            + [
                n_inputs + np.arange(pre * n_neurons, (pre + 1) * n_neurons)
                for pre in np.flatnonzero(lateral[:, post // n_neurons])
            ]
        )
        rows.append(sources[sources != n_inputs + post])
    indptr = np.cumsum([0] + [len(row) for row in rows])
    return indptr, np.concatenate(rows).astype(np.int32)


def _case(
    name: str,
    n_neurons: int,
    n_inputs: int,
    inputs: NDArray[np.int64],
    lateral: NDArray[np.bool_],
    parameters: CircuitParameters,
    seed: int,
) -> Case:
    rng = np.random.default_rng(seed)
    rates = rng.uniform(0, 40, (10, n_inputs))
    rates *= 20 / rates.mean(axis=1, keepdims=True)
    indptr, _ = _connectivity(n_inputs, n_neurons, inputs, lateral)
    return Case(
        name=name,
        n_circuits=len(inputs),
        n_neurons=n_neurons,
        rates=rates,
        schedule=rng.integers(len(rates), size=PRESENTATIONS, dtype=np.int32),
        inputs=inputs,
        lateral=lateral,
        theta=parameters.prior.sample(rng, int(indptr[-1])),
        parameters=parameters,
    )


def circuit(n_inputs: int = 1000, n_neurons: int = 10, seed: int = 1) -> Case:
    """One winner-take-all circuit; ten patterns of 200 ms with a mean rate of 20 Hz, θ from the prior."""
    return _case(
        f"circuit, K = {n_neurons}, n = {n_inputs:,}",
        n_neurons,
        n_inputs,
        np.array([[0, n_inputs]]),
        np.zeros((1, 1), dtype=bool),
        CircuitParameters(),
        seed,
    )


def association(lateral: NDArray[np.bool_] | None = None, n_neurons: int = 10, seed: int = 1) -> Case:
    """The association network: four visual circuits on 784 inputs, four auditory ones on 616.

    Parameters
    ----------
    lateral : (8, 8) array of bool, optional
        Lateral blocks ``[pre, post]``, visual circuits first; by default all pairs of circuits of different
        modalities.
    """
    n_visual, n_auditory = 784, 616
    inputs = np.array([[0, n_visual]] * 4 + [[n_visual, n_visual + n_auditory]] * 4)
    visual = np.arange(8) < 4
    return _case(
        "association, 8 circuits",
        n_neurons,
        n_visual + n_auditory,
        inputs,
        visual[:, None] != visual[None, :] if lateral is None else lateral,
        CircuitParameters(),
        seed,
    )
