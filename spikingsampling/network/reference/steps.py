"""What happens in a winner-take-all circuit at one output spike, one equation per function.

At an output spike, ``dt`` after the one before:

1. PSPs decay and take the input spikes strictly before it; the adaptation decays (:func:`decay_traces`); PSPs that are
   kept have the weights that the last output spike has left;
2. every synapse drifts and diffuses, and is held above the floor (:func:`langevin_step`);
3. weights follow from θ (:func:`weights`);
4. potentials and winning probabilities (:func:`potential`, :func:`softmax`); the winner is drawn;
5. the winner adapts (:func:`adapt`);
6. the winner's synapses learn, with the weights of step 3, without floor (:func:`learning_step`);
7. after the last output spike, steps 1 and 2 lead to the end of the run, without floor.

All functions are pure. The order is that of the authors' code for experiment 4, whose PSPs are immediate; the equations
are those of Kappel et al., PLOS Comput Biol 2015. Times are in seconds, θ of K neurons with n_in inputs is
(K, n_in).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..._checks import finite_array
from ..parameters import CircuitParameters
from ..rules import on_membrane, rule_weight

__all__ = [
    "CircuitState",
    "Interval",
    "OutputSpike",
    "adapt",
    "advance",
    "decay_traces",
    "langevin_step",
    "lateral_amplitude",
    "learning_step",
    "membrane_potential",
    "output_spike",
    "potential",
    "psp_weights",
    "softmax",
    "weights",
]

Floats: TypeAlias = NDArray[np.float64]


class Interval(NamedTuple):
    """The time ``dt`` in seconds since the event before, and the input spikes in it.

    ``indices`` (n_spikes,) are the inputs that fired, ``ages`` (n_spikes,) says how many seconds ago.
    """

    dt: float
    indices: NDArray[np.int64]
    ages: Floats


class CircuitState(NamedTuple):
    """All that the future of a circuit of K neurons with n_in inputs depends on.

    ``psp_fall`` and ``psp_rise`` (n_in,) are the two exponentials of each PSP, ``adaptation_fall`` and
    ``adaptation_rise`` (K,) those of the adaptation per neuron. ``kept_fall`` and ``kept_rise`` (K,) are those of the
    sums of PSPs that keep their weight, 0 where PSPs are immediate. ``theta`` (K, n_in) are the synaptic parameters.
    """

    psp_fall: Floats
    psp_rise: Floats
    adaptation_fall: Floats
    adaptation_rise: Floats
    kept_fall: Floats
    kept_rise: Floats
    theta: Floats

    @classmethod
    def at_rest(cls, theta: ArrayLike) -> CircuitState:
        """A circuit that has seen no spike yet.

        Raises
        ------
        ParameterError
            ``theta`` is not a finite (K, n_in) array with at least one neuron and one input.
        """
        theta = finite_array("theta", theta, ("K", "n_in")).copy()
        n_neurons, n_in = theta.shape
        at_inputs, at_neurons = np.zeros((2, n_in)), np.zeros((4, n_neurons))
        return cls(*at_inputs, *at_neurons, theta)

    @property
    def x(self) -> Floats:
        """PSP traces x_i (n_in,)."""
        return self.psp_fall - self.psp_rise

    def beta(self, parameters: CircuitParameters) -> Floats:
        """Adaptation currents β_k (K,), in nats."""
        return parameters.adaptation * (self.adaptation_fall - self.adaptation_rise)


class OutputSpike(NamedTuple):
    """What the circuit computed at one output spike.

    ``x`` (n_in,), ``w`` (K, n_in) before learning, ``u`` (K,), ``p`` (K,) and the index of the winner.
    """

    x: Floats
    w: Floats
    u: Floats
    p: Floats
    winner: int


def decay_traces(state: CircuitState, interval: Interval, parameters: CircuitParameters) -> CircuitState:
    """Step 1: PSPs and adaptation ``dt`` later; x gains e^{−s/τ_f} − e^{−s/τ_r} per input spike of age s.

    Kept PSPs gain as much times the weight at the spike, which is that after the event before.
    """

    def decay(trace: Floats, tau: float) -> Floats:
        return trace * math.exp(-interval.dt / tau)

    def input_gain(tau: float) -> Floats:
        kernel = np.exp(-interval.ages / tau)
        return np.bincount(interval.indices, kernel, len(state.psp_fall)).astype(float, copy=False)

    p = parameters
    fall, rise = input_gain(p.tau_fall), input_gain(p.tau_rise)
    if p.psp == "kept":
        w = psp_weights(weights(state.theta, p), p)
        state = state._replace(
            kept_fall=decay(state.kept_fall, p.tau_fall) + w @ fall,
            kept_rise=decay(state.kept_rise, p.tau_rise) + w @ rise,
        )
    return state._replace(
        psp_fall=decay(state.psp_fall, p.tau_fall) + fall,
        psp_rise=decay(state.psp_rise, p.tau_rise) + rise,
        adaptation_fall=decay(state.adaptation_fall, p.tau_adaptation_fall),
        adaptation_rise=decay(state.adaptation_rise, p.tau_adaptation_rise),
    )


def langevin_step(theta: Floats, dt: float, noise: Floats | None, parameters: CircuitParameters) -> Floats:
    """Steps 2 and 7: θ + b ∂log p_S(θ) dt + √(2 T b dt) ξ (Itô), ξ = ``noise``; without noise T = 0."""
    p = parameters
    drifted = theta + p.b * p.prior.grad_log_density(theta) * dt
    return drifted if noise is None else drifted + math.sqrt(2 * p.temperature * p.b * dt) * noise


def weights(theta: Floats, parameters: CircuitParameters) -> Floats:
    """Step 3: w = e^{θ − θ0}, the weight in the learning rule."""
    return rule_weight(theta, parameters.theta_0)


def psp_weights(w: Floats, parameters: CircuitParameters) -> Floats:
    """m_ki = max(0, w_ki − e^{−θ0}), the weights of PSPs; a synapse is active where θ > 0.

    With the normaliser m_ki − log⟨e^{m_k}⟩, the mean taken over the inputs.
    """
    on = on_membrane(w, parameters.theta_0)
    return on - np.log(np.exp(on).mean(axis=1, keepdims=True)) if parameters.normaliser else on


def membrane_potential(w: Floats, x: Floats, beta: Floats, parameters: CircuitParameters) -> Floats:
    """u_k = Σ_i m_ki x_i + β_k, with immediate PSPs and the weights m of :func:`psp_weights`."""
    return psp_weights(w, parameters) @ x + beta


def potential(state: CircuitState, w: Floats, parameters: CircuitParameters) -> Floats:
    """Step 4: u (K,), of the PSPs that were kept, or of immediate ones with the weights of now."""
    beta = state.beta(parameters)
    if parameters.psp == "kept":
        return state.kept_fall - state.kept_rise + beta
    return membrane_potential(w, state.x, beta, parameters)


def lateral_amplitude(x: Floats, parameters: CircuitParameters) -> float:
    """a = X/(X + X_half), with X = Σ_i x_i, of the lateral spikes of a circuit with feed-forward traces x (n_in,); 1 at
    X_half = 0."""
    total = float(np.sum(x))
    return total / (total + parameters.lateral_half) if parameters.lateral_half else 1.0


def softmax(u: Floats) -> Floats:
    """Step 4: p_k = e^{u_k} / Σ_l e^{u_l}, the probability that neuron k wins."""
    z = np.exp(u - u.max())  # adaptation drives all u below −1600, where a bare exponential is 0
    return z / z.sum()


def adapt(state: CircuitState, winner: int) -> CircuitState:
    """Step 5: one more own spike in the adaptation traces of the winner."""
    own = np.arange(len(state.adaptation_fall)) == winner
    return state._replace(
        adaptation_fall=state.adaptation_fall + own, adaptation_rise=state.adaptation_rise + own
    )


def learning_step(theta: Floats, w: Floats, x: Floats, parameters: CircuitParameters) -> Floats:
    """Step 6: θ_i + N b w_i (x_i − α e^{w_i}) for the synapses (n_in,) of the winner, with α e^w capped.

    Where retracted synapses do not learn, only for those with θ > 0.
    """
    p = parameters
    learns = (theta > 0) | p.retracted_learn
    with np.errstate(over="ignore"):  # an e^w beyond the largest float is capped like any other
        expected = np.minimum(p.alpha_cap, p.alpha * np.exp(w))
    return theta + p.n_examples * p.b * w * (x - expected) * learns


def advance(
    state: CircuitState,
    interval: Interval,
    noise: Floats | None,
    parameters: CircuitParameters,
    floor: float = -math.inf,
) -> CircuitState:
    """Steps 1 and 2; without ``floor`` it is step 7."""
    state = decay_traces(state, interval, parameters)
    return state._replace(theta=np.maximum(floor, langevin_step(state.theta, interval.dt, noise, parameters)))


def output_spike(
    state: CircuitState,
    interval: Interval,
    noise: Floats | None,
    choose: Callable[[Floats], int],
    parameters: CircuitParameters,
) -> tuple[CircuitState, OutputSpike]:
    """Steps 1 to 6; ``choose`` maps the winning probabilities to the winner."""
    state = advance(state, interval, noise, parameters, parameters.theta_floor)
    w = weights(state.theta, parameters)
    u = potential(state, w, parameters)
    p = softmax(u)
    winner = choose(p)
    theta = state.theta.copy()
    theta[winner] = learning_step(theta[winner], w[winner], state.x, parameters)
    return adapt(state, winner)._replace(theta=theta), OutputSpike(state.x, w, u, p, winner)
