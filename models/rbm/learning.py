"""Contrastive divergence and synaptic sampling in a restricted Boltzmann machine: the learning rule itself.

One update after every batch of images x (Itô; sequential synaptic sampling with η = bΔt; Fournier's report,
section 4.2):

    Δw_ij = η (∂ log p_S / ∂w_ij + N ⟨z_i x_j − ẑ_i x̂_j⟩) + √(2Tη) ξ_ij
    Δb_j  = η N ⟨x_j − x̂_j⟩ + √(2Tη) ξ_j        Δc_i = η N ⟨z_i − ẑ_i⟩ + √(2Tη) ξ_i

z is drawn from p(z|x) and (x̂, ẑ) is the end of k steps of Gibbs sampling: from z (plain contrastive
divergence) or from where the chains of the batch before ended (persistent). ⟨·⟩ is the mean over the batch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import sgemm

from spikingsampling.inference.priors import Prior

__all__ = ["Array", "LearningRule", "Machine", "Streams", "learn"]

Array = NDArray[np.float32]
#: Random numbers are drawn for about so many visible units at a time: few calls, and they stay in the cache.
_BLOCK = 1 << 16


@dataclass(frozen=True)
class LearningRule:
    """The constants of the rule; the values are checked by the estimator that makes it.

    Parameters
    ----------
    eta : float
        η = bΔt.
    n_examples : float
        N.
    temperature : float
        T; 0 switches the noise off.
    prior : Prior or None
        p_S of the weights; None is the uniform prior.
    bias_prior : Prior or None
        The same of visible and hidden biases; Kappel et al. and Fournier's report have none.
    k : int
        Steps of Gibbs sampling.
    persistent : bool
    gaussian : bool
        Visible units are Gaussian with variance 1 rather than binary.
    """

    eta: float
    n_examples: float
    temperature: float
    prior: Prior | None
    bias_prior: Prior | None
    k: int
    persistent: bool
    gaussian: bool


class Machine:
    """The parameters of a machine: views of one vector, so that noise reaches all of them in one addition.

    Parameters
    ----------
    weights : (n_hidden, n_visible) array
    visible_bias : (n_visible,) array
    hidden_bias : (n_hidden,) array
        All are copied, as float32: single precision is about twice as fast and its rounding, 1e-7 of a
        weight, is far below the noise of the rule.
    """

    def __init__(self, weights: NDArray, visible_bias: NDArray, hidden_bias: NDArray) -> None:
        n_hidden, n_visible = weights.shape
        self.theta: Array = np.concatenate([weights.ravel(), visible_bias, hidden_bias], dtype=np.float32)
        self.weights = self.theta[: n_hidden * n_visible].reshape(n_hidden, n_visible)
        self.visible_bias = self.theta[n_hidden * n_visible : -n_hidden]
        self.hidden_bias = self.theta[-n_hidden:]


@dataclass(frozen=True)
class Streams:
    """Separate randomness of the visible units, the hidden units and the parameters.

    With separate streams the noise on the parameters never shifts the Gibbs chain, so that learning at T = 0
    and plain contrastive divergence agree bit for bit.
    """

    visible: np.random.Generator
    hidden: np.random.Generator
    noise: np.random.Generator


#: NumPy's uniform float32 numbers are whole numbers of 24 bits divided by this.
_ONE = np.float32(1 << 24)


def _whole(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """2²⁴ times ``rng.random(shape, dtype=np.float32)``, from 64 random bits for each two numbers.

    The generator of NumPy's default makes 64 bits at a time, so that these are the numbers that NumPy draws,
    in two thirds of the time. Where a row would leave half of them over, NumPy itself draws: it keeps them
    for the next row.
    """
    if math.prod(shape[1:]) % 2:
        return rng.random(shape, dtype=np.float32) * _ONE
    n_pairs = math.prod(shape) // 2
    pairs = rng.integers(0, np.iinfo(np.uint64).max, n_pairs, dtype=np.uint64, endpoint=True)
    bits = pairs.astype("<u8", copy=False).view("<u4")
    bits >>= 8
    return bits.view("<i4").astype(np.float32).reshape(shape)


def _logistic(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Standard logistic noise: a unit with input a is on when the noise is below a, with probability σ(a)."""
    draws = _whole(rng, shape)
    draws /= _ONE - draws
    with np.errstate(divide="ignore"):  # log 0 = −∞: the unit is on whatever its input, as it should be
        return np.log(draws, out=draws)


def _normal(rng: np.random.Generator, n: int, size: int, variance: float) -> Array:
    """(n, size) Gaussian numbers by the method of Box and Muller, twice as fast as NumPy's in float32.

    Each row uses a fixed number of uniform numbers, so that the result does not depend on how many rows are
    drawn at a time. The largest number possible is 5.8 standard deviations.
    """
    pairs = _whole(rng, (n, 2, -(-size // 2)))
    radius, angle = pairs[:, 0], pairs[:, 1]
    # in place: pages of new arrays would cost as much as the functions
    np.subtract(_ONE, radius, out=radius)
    radius /= _ONE
    np.log(radius, out=radius)
    radius *= np.float32(-2 * variance)
    np.sqrt(radius, out=radius)
    angle *= np.float32(2 * np.pi) / _ONE
    cosine = np.cos(angle)
    np.sin(angle, out=angle)
    angle *= radius
    radius *= cosine
    return pairs.reshape(n, -1)[:, :size]


def _batches(
    machine: Machine, images: Array, batch_size: int, rule: LearningRule, streams: Streams
) -> Iterator[tuple[Array, Array, Array, Array | None]]:
    """Each batch with the noise of its visible units, hidden units and parameters.

    Noise (k, n, n_visible) and (k + 1, n, n_hidden) is for whole batches, of which the last may need a part.
    """
    n_hidden, n_visible = machine.weights.shape
    block = batch_size * max(1, _BLOCK // (batch_size * n_visible * rule.k))
    for start in range(0, len(images), block):
        part = images[start : start + block]
        n = -(-len(part) // batch_size)
        shape = (n, batch_size, rule.k, n_visible)
        if rule.gaussian:
            visible = _normal(streams.visible, n * batch_size, rule.k * n_visible, 1.0).reshape(shape)
        else:
            visible = _logistic(streams.visible, shape)
        hidden = _logistic(streams.hidden, (n, batch_size, rule.k + 1, n_hidden))
        noise: Iterable[Array | None] = repeat(None, n)
        if rule.temperature > 0:
            noise = _normal(streams.noise, n, machine.theta.size, 2 * rule.temperature * rule.eta)
        batches = (part[i : i + batch_size] for i in range(0, len(part), batch_size))
        yield from zip(batches, visible.swapaxes(1, 2), hidden.swapaxes(1, 2), noise, strict=True)


def learn(
    machine: Machine,
    images: Array,
    batch_size: int,
    rule: LearningRule,
    streams: Streams,
    chains: Array | None = None,
) -> Array:
    """Show images one batch after the other and update the machine in place after each.

    Parameters
    ----------
    machine : Machine
    images : (n, n_visible) float32 array
        In the order in which they are shown.
    batch_size : int
        The last batch may be smaller.
    rule : LearningRule
    streams : Streams
    chains : (batch_size, n_hidden) float32 array, optional
        Hidden states in which persistent chains start.

    Returns
    -------
    (n_last, n_hidden) array
        Hidden states at the end of the chains of the last batch.
    """
    weights, theta = machine.weights, machine.theta
    visible_bias, hidden_bias, transposed = machine.visible_bias, machine.hidden_bias, weights.T
    n_hidden, n_visible = weights.shape
    # The visible bias is the weight of one more hidden unit, which is always on.
    couplings = theta[:-n_hidden].reshape(n_hidden + 1, n_visible)
    size = min(batch_size, len(images))
    signed_x = np.empty((2 * size, n_visible), np.float32)
    signed_z, ones = np.ones((2 * size, n_hidden + 1), np.float32), np.ones(2 * size, np.float32)
    signed_z[size:, -1] = -1
    on, driven = np.empty((size, n_visible), bool), np.empty((size, n_visible), np.float32)
    gain = np.float32(rule.eta * rule.n_examples / size)
    for x, visible_noise, hidden_noise, noise in _batches(machine, images, batch_size, rule, streams):
        n = len(x)
        if n < batch_size:  # the last batch
            visible_noise, hidden_noise = visible_noise[:, :n], hidden_noise[:, :n]
        if n < size:
            size, gain = n, np.float32(rule.eta * rule.n_examples / n)
            on, driven = on[:n], driven[:n]
            signed_x, signed_z, ones = signed_x[: 2 * n], signed_z[: 2 * n], ones[: 2 * n]
            signed_z[n:, -1] = -1
            chains = None if chains is None else chains[:n]
        # A binary unit is on when its noise minus its bias is below its input.
        hidden_noise -= hidden_bias
        first = z = np.less(hidden_noise[0], np.dot(x, transposed)).astype(np.float32)
        if chains is not None:
            z = chains
        if not rule.gaussian:
            visible_noise -= visible_bias
        model = signed_x[n:]
        for emit, threshold in zip(visible_noise, hidden_noise[1:], strict=True):
            np.dot(z, weights, out=driven)
            if rule.gaussian:
                np.add(emit, visible_bias, out=model)
                model += driven
            else:
                np.less(emit, driven, out=on)
                model[...] = on
            z = np.less(threshold, np.dot(model, transposed)).astype(np.float32)
        if rule.persistent:
            chains = z
        signed_x[:n] = x
        signed_z[:n, :-1] = first
        np.negative(z, out=signed_z[n:, :-1])
        if rule.bias_prior is not None:
            biases = theta[weights.size :]
            biases += rule.eta * rule.bias_prior.grad_log_density(biases)
        if rule.prior is None:
            _add_product(couplings, gain, signed_z, signed_x)
        else:
            change = np.zeros_like(couplings)
            _add_product(change, gain, signed_z, signed_x)
            change[:-1] += rule.eta * rule.prior.grad_log_density(weights)
            couplings += change
        hidden_bias += gain * np.dot(ones, signed_z)[:-1]
        if noise is not None:
            theta += noise
    return z


def _add_product(total: Array, gain: np.float32, left: Array, right: Array) -> None:
    """total += gain leftᵀ right in place, in one call of BLAS, which wants all of them transposed."""
    sgemm(gain, right.T, left.T, 1, total.T, 0, 1, 1)
