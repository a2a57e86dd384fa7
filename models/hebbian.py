"""Rate-based learning rules: one equation each, one interface for all.

A rule takes weights W (n_out, n_in), inputs u (n_in,), outputs v (n_out,) and a context, and returns dW/dt times
τ_w, of the shape of W. The context is a threshold (θ_v or θ_u), a target, a strength α, or nothing. Rules are those
of the lectures on plasticity (3 and 4); after Dayan, Abbott, "Theoretical Neuroscience" (2001), chapter 8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikingsampling._checks import finite_array, finite_number
from spikingsampling.errors import ParameterError, UnknownNameError

__all__ = [
    "RATE_RULES",
    "Learnt",
    "RateRule",
    "bcm",
    "bcm_threshold",
    "delta",
    "hebb",
    "learn",
    "oja",
    "perceptron",
    "postsynaptic_threshold",
    "presynaptic_threshold",
    "sanger",
    "subtractive",
]

Floats = NDArray[np.float64]
#: Of weights, inputs, outputs and context.
RateRule = Callable[[Floats, Floats, Floats, ArrayLike], Floats]


def _in_doubles(rule: Callable[..., Floats]) -> Callable[..., Floats]:
    """The rule for arrays of any type: in that of integers, products would wrap round."""

    @wraps(rule)
    def of_doubles(*arguments: ArrayLike, **named: ArrayLike) -> Floats:
        return rule(
            *(np.asarray(value, dtype=float) for value in arguments),
            **{name: np.asarray(value, dtype=float) for name, value in named.items()},
        )

    return of_doubles


@_in_doubles
def hebb(w: Floats, u: Floats, v: Floats, context: ArrayLike = 0.0) -> Floats:
    """τ dw/dt = v u: grows along the principal eigenvector of Q = ⟨uuᵀ⟩ without a bound. No context."""
    return np.outer(v, u)


@_in_doubles
def postsynaptic_threshold(w: Floats, u: Floats, v: Floats, context: ArrayLike = 0.0) -> Floats:
    """τ dw/dt = (v − θ_v) u, θ_v = context; with θ_v = ⟨v⟩ the mean change is C w, C the covariance matrix."""
    return np.outer(v - context, u)


@_in_doubles
def presynaptic_threshold(w: Floats, u: Floats, v: Floats, context: ArrayLike = 0.0) -> Floats:
    """τ dw/dt = v (u − θ_u), θ_u = context; with θ_u = ⟨u⟩ the mean change is C w, C the covariance matrix."""
    return np.outer(v, u - context)


@_in_doubles
def bcm(w: Floats, u: Floats, v: Floats, context: ArrayLike = 0.0) -> Floats:
    """τ dw/dt = v (v − θ_v) u, θ_v = context (Bienenstock, Cooper, Munro 1982); see :func:`bcm_threshold`."""
    return np.outer(v * (v - context), u)


@_in_doubles
def bcm_threshold(v: Floats, theta: Floats) -> Floats:
    """τ_θ dθ_v/dt = v² − θ_v: the threshold slides faster than the weights grow."""
    return v**2 - theta


@_in_doubles
def subtractive(w: Floats, u: Floats, v: Floats, context: ArrayLike = 0.0) -> Floats:
    """τ dw/dt = v u − v (n·u) n/N_u with n = (1, …, 1): keeps Σ_j w_j (Miller, MacKay 1994). No context."""
    return np.outer(v, u - u.mean())


@_in_doubles
def oja(w: Floats, u: Floats, v: Floats, context: ArrayLike = 1.0) -> Floats:
    """τ dw/dt = v u − α v² w, α = context: w² → 1/α along the principal eigenvector (Oja 1982)."""
    return np.outer(v, u) - context * (v**2)[:, None] * w


@_in_doubles
def sanger(w: Floats, u: Floats, v: Floats, context: ArrayLike = 0.0) -> Floats:
    """τ dw_i/dt = v_i (u − Σ_{k≤i} v_k w_k): row i becomes eigenvector i (Sanger 1989). No context."""
    return np.outer(v, u) - np.tril(np.outer(v, v)) @ w


@_in_doubles
def delta(w: Floats, u: Floats, v: Floats, context: ArrayLike = 0.0) -> Floats:
    """Δw = (t − v) u, target t = context: descends ½(t − v)² (Widrow, Hoff 1960)."""
    return np.outer(context - v, u)


@_in_doubles
def perceptron(w: Floats, u: Floats, v: Floats, context: ArrayLike = 1.0) -> Floats:
    """Δw = ½ (t − sgn v) u, target t = ±1 = context: changes only where the answer is wrong (Rosenblatt 1958)."""
    output = np.where(v >= 0, 1.0, -1.0)
    return np.outer((context - output) / 2, u)


RATE_RULES: dict[str, RateRule] = {
    "hebb": hebb,
    "postsynaptic_threshold": postsynaptic_threshold,
    "presynaptic_threshold": presynaptic_threshold,
    "bcm": bcm,
    "subtractive": subtractive,
    "oja": oja,
    "sanger": sanger,
    "delta": delta,
    "perceptron": perceptron,
}


@dataclass(frozen=True, eq=False)
class Learnt:
    """How weights and threshold change under :func:`learn`.

    Attributes
    ----------
    weights : (n_steps + 1, n_out, n_in) array
        Before the first and after each input.
    thresholds : (n_steps + 1, n_out) array or None
        θ_v, if it slides.
    """

    weights: Floats
    thresholds: Floats | None = None


def learn(
    rule: str | RateRule,
    weights: ArrayLike,
    inputs: ArrayLike,
    eta: float,
    *,
    context: ArrayLike | None = None,
    targets: ArrayLike | None = None,
    tau_theta: float | None = None,
    rectify: bool = False,
) -> Learnt:
    """Show inputs one after the other to neurons v = W u, and change W by ``eta`` times the rule.

    Parameters
    ----------
    rule : str or callable
        A name in :data:`RATE_RULES`, or a function with their interface.
    weights : (n_out, n_in) array
    inputs : (n, n_in) array
    eta : float
        Learning rate, time step over τ_w.
    context : array, optional
        The same for all inputs; None is the rule's default.
    targets : (n, n_out) array, optional
        The context of each input (delta rule, perceptron).
    tau_theta : float, optional
        Time constant of BCM's sliding threshold, in inputs; ``context`` is its start (default 0).
    rectify : bool
        Outputs and weights do not fall below 0.

    Returns
    -------
    Learnt

    Raises
    ------
    UnknownNameError
        No rule of this name.
    ParameterError
        Wrong shapes, values or ranges; weights that diverge.
    """
    if isinstance(rule, str):
        if rule not in RATE_RULES:
            raise UnknownNameError("rule", rule, RATE_RULES)
        rule = RATE_RULES[rule]
    w = finite_array("weights", weights, ("n_out", "n_in"))
    inputs = finite_array("inputs", inputs, ("n", w.shape[1]))
    rate = finite_number("eta", eta)
    if rate <= 0:
        raise ParameterError(f"eta = {eta!r}: must be more than 0")
    if tau_theta is not None and not finite_number("tau_theta", tau_theta) >= 1:
        raise ParameterError(f"tau_theta = {tau_theta!r}: must be at least 1 input")
    if targets is not None:
        targets = finite_array("targets", targets, (len(inputs), len(w)))
    path, theta = np.empty((len(inputs) + 1, *w.shape)), np.zeros(len(w))
    thetas = np.empty((len(inputs) + 1, len(w)))
    if tau_theta is not None and context is not None:
        theta = theta + np.asarray(context, dtype=float)
    path[0], thetas[0] = w, theta
    for step, u in enumerate(inputs):
        v = w @ u
        if rectify:
            v = np.maximum(v, 0)
        extra = theta if tau_theta is not None else context
        extra = targets[step] if targets is not None else extra
        w = w + rate * (rule(w, u, v) if extra is None else rule(w, u, v, extra))
        if rectify:
            w = np.maximum(w, 0)
        if tau_theta is not None:
            theta = theta + bcm_threshold(v, theta) / tau_theta
        if not np.isfinite(w).all():
            raise ParameterError(
                f"weights diverge after {step + 1} inputs: eta = {rate:g} is too large for this rule"
            )
        path[step + 1], thetas[step + 1] = w, theta
    return Learnt(path, None if tau_theta is None else thetas)
