"""The exact reference: one winner-take-all circuit with synaptic sampling, event by event, in float64.

It has no clock: between two output spikes of the circuit only the Langevin step of θ is approximate: it is
one Euler-Maruyama step (Itô), as in the authors' code for experiment 4. This is the
oracle that the Brian2 network is tested against, plain rather than fast.

Steps 1 to 6 of :mod:`spikingsampling.network.reference.steps` run at each output spike, and step 7 at the end.
:func:`replay` runs prescribed spikes and winners, :func:`simulate` draws its own. ``temperature=0`` learns
the maximum a posteriori, ``b=0`` does not learn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..._checks import finite_array, index_array, positive_time, spike_times
from ...errors import ParameterError
from ..parameters import CircuitParameters
from .steps import CircuitState, Interval, advance, output_spike

__all__ = ["CircuitState", "ReferenceRun", "Replay", "replay", "simulate"]

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

_DEFAULTS = CircuitParameters()


def _intervals(indices: Integers, times: Floats, events: Floats) -> Iterator[Interval]:
    """What lies between each event and the one before (or 0): input spikes count strictly before an event."""
    last, first = 0.0, 0
    for event, stop in zip(events, np.searchsorted(times, events, side="left"), strict=True):
        yield Interval(event - last, indices[first:stop], event - times[first:stop])
        last, first = event, stop


@dataclass(frozen=True)
class Replay:
    """Result of :func:`replay`.

    Attributes
    ----------
    x : (n_in, n_out) array
        PSP traces at the output spikes.
    u, p : (K, n_out) arrays
        Membrane potentials, and winning probabilities softmax(u).
    w : (K, n_in, n_out) array
        e^{θ − θ0} after the Langevin step and before the learning step of each output spike.
    state : CircuitState
        The circuit at the end of the run.
    """

    x: Floats
    u: Floats
    p: Floats
    w: Floats
    state: CircuitState

    @property
    def theta(self) -> Floats:
        """θ at the end of the run (K, n_in)."""
        return self.state.theta


def replay(
    input_indices: ArrayLike,
    input_times: ArrayLike,
    output_times: ArrayLike,
    winners: ArrayLike,
    theta: ArrayLike,
    duration: Any,
    parameters: CircuitParameters = _DEFAULTS,
    noise: tuple[ArrayLike, ArrayLike] | None = None,
) -> Replay:
    """Run a circuit through prescribed input spikes, output spikes and winners.

    Parameters
    ----------
    input_indices, input_times : (n_spikes,) arrays
        Index of the input in [0, n_in) and time in seconds of each input spike, sorted by time.
    output_times : (n_out,) array
        Times of the output spikes of the circuit in seconds, sorted.
    winners : (n_out,) array
        Index of the neuron in [0, K) that fires each of them.
    theta : (K, n_in) array
        Synaptic parameters at time 0, when all traces are 0.
    duration : float, str or brian2 Quantity
        Time of the end of the run; a plain number is in seconds.
    parameters : CircuitParameters
    noise : None or pair of arrays (n_out, K, n_in) and (K, n_in)
        Standard normal numbers ξ for the step to each output spike and for the one from there to the end;
        the temperature is that of ``parameters``. None runs at T = 0, whatever ``parameters`` say.

    Returns
    -------
    Replay
        Holds every weight at every output spike: 8 K n_in n_out bytes.

    Raises
    ------
    ParameterError
        Times negative, not sorted or beyond the end; an index out of range; a wrong shape; NaN or infinity.
    """
    state = CircuitState.at_rest(theta)
    n_neurons, n_in = state.theta.shape
    end = positive_time("duration", duration)
    times = spike_times("input_times", input_times, end)
    indices = index_array("input_indices", input_indices, n_in, length=len(times))
    events = spike_times("output_times", output_times, end)
    winner_indices = index_array("winners", winners, n_neurons, length=len(events))
    if noise is None:
        per_output = tail = None
    elif isinstance(noise, tuple | list) and len(noise) == 2:
        per_output = finite_array("noise (per_output)", noise[0], (len(events), n_neurons, n_in))
        tail = finite_array("noise (tail)", noise[1], (n_neurons, n_in))
    else:
        raise ParameterError(f"noise is a {type(noise).__name__}: must be None or a pair (per_output, tail)")

    remaining_winners = iter(winner_indices.tolist())
    x = np.empty((len(events), n_in))
    u, p = np.empty((2, len(events), n_neurons))
    w = np.empty((len(events), n_neurons, n_in))
    intervals = _intervals(indices, times, np.append(events, end))
    for j, interval in enumerate(islice(intervals, len(events))):
        xi = None if per_output is None else per_output[j]
        state, spike = output_spike(state, interval, xi, lambda _: next(remaining_winners), parameters)
        x[j], u[j], p[j], w[j] = spike.x, spike.u, spike.p, spike.w
    state = advance(state, next(intervals), tail, parameters)
    return Replay(x.T, u.T, p.T, np.moveaxis(w, 0, -1), state)


@dataclass(frozen=True)
class ReferenceRun:
    """Result of :func:`simulate`; times are in seconds since the start of the run.

    Attributes
    ----------
    input_indices, input_times : (n_spikes,) arrays
        Input spikes, sorted by time.
    output_times, winners : (n_out,) arrays
        Output spikes of the circuit and the neuron that fired each, sorted by time.
    theta : (n_snapshots, K, n_in) array
        θ at the requested times.
    state : CircuitState
        The circuit at the end, from which another run can start.
    """

    input_indices: Integers
    input_times: Floats
    output_times: Floats
    winners: Integers
    theta: Floats
    state: CircuitState


def simulate(
    start: CircuitState,
    rates: ArrayLike,
    schedule: ArrayLike,
    pattern_duration: Any,
    parameters: CircuitParameters = _DEFAULTS,
    *,
    rng: np.random.Generator,
    snapshot_times: ArrayLike = (),
) -> ReferenceRun:
    """Run a circuit that draws its input spikes, output spikes, winners and noise.

    All input spikes are held in memory (16 bytes each): run hours as several calls, each from the ``state``
    that the one before has returned.

    Parameters
    ----------
    start : CircuitState
        ``CircuitState.at_rest(theta)``, or the ``state`` of an earlier run.
    rates : (n_patterns, n_in) array
        Poisson rates of the inputs in Hz while a pattern is shown.
    schedule : (n_presentations,) array
        Index of each pattern shown, one after another.
    pattern_duration : float, str or brian2 Quantity
        How long each is shown; a plain number is in seconds.
    parameters : CircuitParameters
    rng : numpy.random.Generator
    snapshot_times : (n_snapshots,) array
        Times in seconds, sorted, at which θ is returned. It is stepped to them as to an output spike, with
        floor: a finer Euler step and other random numbers than without them, the same law but for that.

    Returns
    -------
    ReferenceRun

    Raises
    ------
    ParameterError
        A wrong shape, index, rate, duration or snapshot time; ``rng`` is not a Generator.
    """
    if not isinstance(start, CircuitState):
        raise ParameterError(f"start is a {type(start).__name__}: must be a CircuitState")
    if not isinstance(rng, np.random.Generator):
        raise ParameterError(f"rng = {rng!r}: must be a numpy.random.Generator")
    shape = start.theta.shape
    rates = finite_array("rates", rates, ("n_patterns", shape[1]))
    if np.any(rates < 0):
        raise ParameterError(f"rates holds {rates.min()} Hz: must be at least 0 Hz")
    patterns = index_array("schedule", schedule, len(rates))
    each = positive_time("pattern_duration", pattern_duration)
    end = len(patterns) * each
    snapshots = spike_times("snapshot_times", snapshot_times, end)

    indices, times = _poisson_inputs(rates[patterns], each, rng)
    output_times = np.sort(rng.uniform(0.0, end, rng.poisson(parameters.rho_net * end)))
    events = np.concatenate([snapshots, output_times])
    order = np.argsort(events, kind="stable")
    noisy = parameters.temperature > 0 and parameters.b > 0

    def xi() -> Floats | None:
        return rng.standard_normal(shape) if noisy else None

    def draw(p: Floats) -> int:
        return int(rng.choice(len(p), p=p))

    state, winners, theta = start, [], np.empty((len(snapshots), *shape))
    intervals = _intervals(indices, times, np.append(events[order], end))
    for event, interval in zip(order, intervals, strict=False):
        if event < len(snapshots):
            state = advance(state, interval, xi(), parameters, parameters.theta_floor)
            theta[event] = state.theta
        else:
            state, spike = output_spike(state, interval, xi(), draw, parameters)
            winners.append(spike.winner)
    state = advance(state, next(intervals), xi(), parameters)
    return ReferenceRun(indices, times, output_times, np.array(winners, dtype=np.int64), theta, state)


def _poisson_inputs(rates: Floats, each: float, rng: np.random.Generator) -> tuple[Integers, Floats]:
    """Poisson spikes at ``rates`` (n_presentations, n_in) in Hz, ``each`` seconds per presentation."""
    counts = rng.poisson(rates * each)
    presentation, inputs = (np.repeat(index.ravel(), counts.ravel()) for index in np.indices(counts.shape))
    times = (presentation + rng.random(len(presentation))) * each
    order = np.argsort(times)
    return inputs[order], times[order]
