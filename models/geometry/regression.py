"""Linear regression with fewer examples than weights, trained by mirror descent from random weights.

With N < D mirror descent ends at weights that fit all labels, and their dual has moved within the span of the inputs:
φ′(w) − φ′(w0) = −Xᵀλ, a sum of many inputs. This is why the change is Gaussian in the dual space, and in no other
(Pogodin et al., ICLR 2024).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikingsampling.inference import Potential

from .descent import MirrorDescent, cosine

__all__ = ["correlated_inputs", "dual_change", "fit", "interpolation", "log_normal_weights"]

Array = NDArray[np.float64]


def correlated_inputs(n: int, dimension: int, power: float, rng: np.random.Generator) -> Array:
    """Inputs (n, D): Gaussian with covariance ``(−1)^{|i−j|} / (1 + |i−j|^power)``, plus U(−½, ½) in each component.

    The covariance depends on i − j only and its absolute value is convex, so that a circulant matrix of twice the size
    holds it, and the Fourier transform gives exact samples (Davies & Harte, Biometrika 74, 95, 1987).
    """
    lag = np.arange(dimension)
    covariance = (-1.0) ** lag / (1 + lag.astype(float) ** power)
    eigenvalues = np.fft.fft(np.concatenate([covariance, covariance[-2:0:-1]])).real
    shape = n, len(eigenvalues)
    noise = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    root = np.sqrt(np.maximum(eigenvalues, 0.0) / len(eigenvalues))  # rounding makes a zero negative
    samples = np.fft.fft(root * noise, axis=1).real[:, :dimension]
    return samples + rng.uniform(-0.5, 0.5, (n, dimension))


def log_normal_weights(shape: int | tuple[int, ...], mean: float, rng: np.random.Generator) -> Array:
    """Log-normal absolute values with this mean and a standard deviation as large, with random signs."""
    variance = math.log(2)
    size = np.exp(rng.normal(math.log(mean) - variance / 2, math.sqrt(variance), shape))
    return size * rng.choice([-1.0, 1.0], shape)


def fit(
    potential: Potential, w0: Array, inputs: Array, labels: Array, rates: ArrayLike, epochs: int
) -> tuple[Array, Array]:
    """Full-batch mirror descent on the mean squared error, once for each learning rate.

    Parameters
    ----------
    potential : Potential
    w0 : (D,) or (K, D) array
        Weights at the start, of one output or of K that learn side by side.
    inputs : (N, D) array
    labels : (N,) or (K, N) array
        What the outputs are to be.
    rates : (R,) array
        Learning rates before the cosine.
    epochs : int

    Returns
    -------
    weights : (R, D) or (R, K, D) array
    losses : (R,) array
        Mean squared errors at the end; not finite where learning diverged.
    """
    rates = np.asarray(rates, dtype=float)
    w = np.broadcast_to(w0, (len(rates), *w0.shape))
    descent = MirrorDescent(potential, rates.reshape(-1, *[1] * w0.ndim))
    with np.errstate(all="ignore"):
        for epoch in range(epochs):
            error = w @ inputs.T - labels
            w = descent.step(w, 2 / len(inputs) * error @ inputs, cosine(epoch, epochs))
        return w, np.mean((w @ inputs.T - labels) ** 2, axis=tuple(range(1, w.ndim)))


def interpolation(w0: Array, inputs: Array, labels: Array) -> Array:
    """Where gradient descent (p = 2) ends: the weights (D,) nearest to ``w0`` that fit all labels."""
    return w0 + dual_change(np.ones_like(w0), w0, inputs, labels)


def dual_change(curvature: Array, w0: Array, inputs: Array, labels: Array) -> Array:
    """The change of the dual (D,) that makes the weights fit, to first order: −Xᵀλ, λ = (X H⁻¹ Xᵀ)⁻¹ (X w0 − y).

    H is the diagonal of ``curvature`` φ″(w0) (D,). Exact for p = 2, where H = 1.
    """
    kernel = (inputs / curvature) @ inputs.T
    return -inputs.T @ np.linalg.solve(kernel, inputs @ w0 - labels)
