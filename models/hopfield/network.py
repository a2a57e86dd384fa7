"""The Hopfield network: patterns stored in symmetric weights, recalled as attractors.

After Hopfield 1982 and 1984 and the lectures on attractor networks (±1 neurons, lecture 1) and on Hebbian learning
(0/1 neurons with thresholds, lecture 4). Equations are in :mod:`~spikingsampling.models.hopfield.dynamics` and
:mod:`~spikingsampling.models.hopfield.storage`.
"""

from __future__ import annotations

import math
import os
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.models.hopfield import storage as storage
from spikingsampling.models.hopfield.dynamics import (
    asynchronous_sweep,
    energy,
    fields,
    noise_scale,
    synchronous_step,
)

__all__ = ["CODINGS", "RULES", "UPDATES", "Hopfield"]

#: Name of a coding → value of a neuron that is off.
CODINGS = {"bipolar": -1, "binary": 0}
RULES = ("hebb", "palimpsest", "projection", "projection_iterative", "storkey")
#: Rules that can store one pattern after another.
INCREMENTAL = ("hebb", "palimpsest", "storkey")
UPDATES = ("asynchronous", "synchronous")
Seed = int | np.random.Generator | np.random.SeedSequence | None


class Hopfield(BaseEstimator):
    """Hopfield network of N binary neurons.

    Parameters
    ----------
    n_neurons : int
        N.
    coding : {"bipolar", "binary"}
        Neurons are ±1 (lecture 1) or 0 and 1 (lecture 4).
    rule : {"hebb", "palimpsest", "projection", "projection_iterative", "storkey"}
        How patterns are stored.
    activity : float or (N,) array
        a, the probability that a neuron of a pattern is on, one for all or one each. All rules store deviations
        from it (covariance rule; Tsodyks, Feigelman 1988).
    thresholds : float, (N,) array or None
        T_j. None: T_j = Σ_i w_ij ⟨s_i⟩ − ⟨s_j⟩ + (0 or ½ for ±1 or 0/1), with ⟨s⟩ the mean of a pattern, so that only
        deviations from it act, and the signals of on and off are equally far from the threshold; 0 for ±1 neurons
        with a = ½. A 0/1 network with a = ½ then does the same as the ±1 network, at half the field.
    update : {"asynchronous", "synchronous"}
    beta : float
        β, inverse temperature; infinity for no noise.
    convention : {"glauber", "logistic"}
        P(s = 1) = 1/(1 + e^{−2βh}) or 1/(1 + e^{−βh}), see
        :data:`~spikingsampling.models.hopfield.dynamics.CONVENTIONS`.
    forgetting : float
        ε of the palimpsest.
    dtype : {float32, float64}
        Of weights and fields.

    Attributes
    ----------
    weights_ : (N, N) array
        Symmetric with zero diagonal; it can be assigned to, and is checked then.
    patterns_ : (K, N) int8 array
        What was stored.

    Raises
    ------
    ParameterError, UnknownNameError
        A parameter has a wrong type or range; patterns or states have a wrong shape or other values than the
        coding's; weights are not symmetric; what is asked for does not fit into memory.
    """

    def __init__(
        self,
        n_neurons: int,
        *,
        coding: str = "bipolar",
        rule: str = "hebb",
        activity: float | ArrayLike = 0.5,
        thresholds: ArrayLike | None = None,
        update: str = "asynchronous",
        beta: float = math.inf,
        convention: str = "glauber",
        forgetting: float = 4.0,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.n_neurons = n_neurons
        self.coding = coding
        self.rule = rule
        self.activity = activity
        self.thresholds = thresholds
        self.update = update
        self.beta = beta
        self.convention = convention
        self.forgetting = forgetting
        self.dtype = dtype

    def store(self, patterns: ArrayLike) -> Self:
        """Store patterns (K, N), and nothing of before."""
        self._check()
        given = self._binary("patterns", patterns, weights=True)
        standard = self._standardised(given)
        if self.rule == "hebb":
            weights = storage.hebb(standard)
        elif self.rule == "palimpsest":
            weights = storage.palimpsest(standard, self.forgetting)
        elif self.rule == "projection":
            weights = storage.projection(standard)
        elif self.rule == "projection_iterative":
            weights, self.n_passes_ = storage.projection_iterative(standard)
        else:
            weights = self._one_by_one(np.zeros((self.n_neurons,) * 2, self.dtype), standard)
        self._weights, self.patterns_ = weights, given
        return self

    def add(self, patterns: ArrayLike) -> Self:
        """Store further patterns (K, N), one after the other; without earlier ones as :meth:`store`.

        Raises
        ------
        ParameterError
            The projection rule needs all patterns at once.
        """
        self._check()
        if self.rule not in INCREMENTAL:
            raise ParameterError(f"rule {self.rule!r} needs all patterns at once: use store, not add")
        if not hasattr(self, "_weights"):
            return self.store(patterns)
        given = self._binary("patterns", patterns)
        self._one_by_one(self._weights, self._standardised(given))
        self.patterns_ = np.concatenate([self.patterns_, given])
        return self

    def dream(self, n_dreams: int, rate: float = 0.01, random_state: Seed = None) -> Self:
        """Unlearn what random states relax to: w_ij −= (λ/N) s_i s_j, ``n_dreams`` times (lecture 4).

        ``rate`` is λ. Dreams are those of the ±1 network without thresholds and noise, to which a 0/1 network with
        default thresholds is equal.
        """
        self._need("_weights")
        if not self._balanced or self.thresholds is not None:
            raise ParameterError("dream: needs activity = 0.5 and default thresholds")
        _whole("n_dreams", n_dreams, low=0)
        _number("rate", rate, low=0)
        storage.unlearn(self._weights, n_dreams, rate, _generator(random_state))
        return self

    def recall(
        self,
        states: ArrayLike,
        *,
        sweeps: int = 100,
        beta: float | ArrayLike | None = None,
        external: ArrayLike | None = None,
        random_state: Seed = None,
        trajectory: bool = False,
    ) -> NDArray[np.int8]:
        """Let the network run from states (n, N), one row per trial.

        Parameters
        ----------
        states : (n, N) array
        sweeps : int
            Updates per neuron; without noise at most, for it ends where nothing changes.
        beta : float or (sweeps,) array, optional
            Replaces the β of the constructor; an array gives it for each sweep (noise that is taken away).
        external : (n, N) array, optional
            Added to the fields throughout, an input from outside (lecture 4); a strong one holds a neuron.
        random_state : int, Generator, SeedSequence or None
            Seed of the order of updates and of the noise.
        trajectory : bool
            Return the states after each sweep, too.

        Returns
        -------
        (n, N) int8 array
            The states at the end; with ``trajectory`` (t + 1, n, N), from the start to the end.
        """
        self._check()
        self._need("_weights")
        _whole("sweeps", sweeps)
        scales = self._noise(beta, sweeps)
        rng = _generator(random_state)
        s = self._binary("states", states).astype(self.dtype)
        path = [s.astype(np.int8)]
        running = np.arange(len(s))
        low, thresholds = CODINGS[self.coding], self._driven(external, s.shape)
        part, h = s, fields(self._weights, s, thresholds)
        for t, scale in enumerate(scales):
            if self.update == "asynchronous":
                moved = asynchronous_sweep(self._weights, part, h, low, scale, rng)
            else:
                moved = synchronous_step(part, h, low, scale, rng)
                h = fields(self._weights, part, thresholds[running])
            s[running] = part
            if trajectory:
                path.append(s.astype(np.int8))
            if not any(scales[t:]):
                running, part, h = running[moved], part[moved], h[moved]
                if not len(running):
                    break
        return np.array(path) if trajectory else s.astype(np.int8)

    def energy(self, states: ArrayLike) -> NDArray[np.floating]:
        """E = −½ Σ_ij w_ij s_i s_j + Σ_j T_j s_j of states (n, N), shape (n,)."""
        self._need("_weights")
        return energy(self._weights, self._binary("states", states).astype(self.dtype), self.thresholds_)

    def fields(self, states: ArrayLike) -> NDArray[np.floating]:
        """h_j = Σ_i w_ij s_i − T_j of states (n, N), shape (n, N)."""
        self._need("_weights")
        return fields(self._weights, self._binary("states", states).astype(self.dtype), self.thresholds_)

    def overlaps(self, states: ArrayLike) -> NDArray[np.floating]:
        """m^μ = (1/N) Σ_i ξ_i^μ s_i of states (n, N) with the stored patterns, shape (n, K).

        Both in standardised form, which for ±1 neurons with a = ½ changes nothing (lecture 1); m = 1 at a pattern
        whose activity is a.
        """
        self._need("patterns_")
        own = self._standardised(self._binary("states", states))
        return own @ self._standardised(self.patterns_).T / self.n_neurons

    @property
    def weights_(self) -> NDArray[np.floating]:
        """Weights (n_neurons, n_neurons); symmetric, with an empty diagonal, which is checked when they are set."""
        self._need("_weights")
        return self._weights

    @weights_.setter
    def weights_(self, weights: ArrayLike) -> None:
        self._check()
        n = self.n_neurons
        given = np.array(weights, dtype=self.dtype)
        if given.shape != (n, n):
            raise ParameterError(f"weights have shape {given.shape}: must be ({n}, {n})")
        if not np.isfinite(given).all():
            raise ParameterError("weights: every value must be finite")
        if given.diagonal().any():
            i = int(np.flatnonzero(given.diagonal())[0])
            raise ParameterError(f"weights[{i}, {i}] = {given[i, i]:g}: the diagonal must be 0")
        gap = np.abs(given - given.T)
        if gap.max() > 16 * np.finfo(given.dtype).eps * np.abs(given).max():
            i, j = np.unravel_index(int(gap.argmax()), gap.shape)
            raise ParameterError(
                f"weights are not symmetric: weights[{i}, {j}] = {given[i, j]:g}, "
                f"weights[{j}, {i}] = {given[j, i]:g}; must be equal, or there is no energy"
            )
        self._weights = given

    @property
    def thresholds_(self) -> NDArray[np.floating]:
        """T_j in use, (N,)."""
        low = CODINGS[self.coding]
        if self.thresholds is not None:
            given = np.asarray(self.thresholds, dtype=self.dtype)
            if given.shape not in ((), (self.n_neurons,)) or not np.isfinite(given).all():
                raise ParameterError(
                    f"Hopfield.thresholds of shape {given.shape}: must be one finite number or "
                    f"{self.n_neurons} of them"
                )
            return np.broadcast_to(given, (self.n_neurons,))
        if low == -1 and self._balanced:
            return np.zeros(self.n_neurons, dtype=self.dtype)
        mean = np.broadcast_to(low + (1 - low) * np.asarray(self.activity), self.n_neurons)
        return (mean.astype(self.dtype) @ self._weights - mean + (1 + low) / 2).astype(self.dtype)

    def _one_by_one(self, weights: NDArray, standard: NDArray) -> NDArray:
        for pattern in standard:
            if self.rule == "hebb":
                storage.hebb_step(weights, pattern)
            elif self.rule == "palimpsest":
                storage.palimpsest_step(weights, pattern, self.forgetting)
            else:
                storage.storkey_step(weights, pattern)
        return weights

    @property
    def _balanced(self) -> bool:
        return bool(np.all(np.asarray(self.activity) == 0.5))

    def _standardised(self, patterns: NDArray[np.int8]) -> NDArray[np.floating]:
        return storage.standardise(patterns, CODINGS[self.coding], self.activity, np.dtype(self.dtype).type)

    def _driven(self, external: ArrayLike | None, shape: tuple[int, ...]) -> NDArray[np.floating]:
        """Thresholds (n, N) less the input from outside."""
        if external is None:
            return np.broadcast_to(self.thresholds_, shape)
        given = np.asarray(external, dtype=self.dtype)
        if given.shape != shape or not np.isfinite(given).all():
            raise ParameterError(f"external has shape {given.shape}: must be {shape} finite numbers")
        return self.thresholds_ - given

    def _noise(self, beta: float | ArrayLike | None, sweeps: int) -> list[float]:
        values = np.asarray(self.beta if beta is None else beta, dtype=float)
        if values.shape not in ((), (sweeps,)) or not (values > 0).all():
            raise ParameterError(
                f"beta = {beta if beta is not None else self.beta!r}: must be a number more than 0 (infinity for "
                f"no noise), or {sweeps} of them, one per sweep"
            )
        return [noise_scale(float(b), self.convention) for b in np.broadcast_to(values, sweeps)]

    def _binary(self, name: str, values: ArrayLike, *, weights: bool = False) -> NDArray[np.int8]:
        given, n, low = np.asarray(values), self.n_neurons, CODINGS[self.coding]
        if given.ndim != 2 or given.shape[1] != n or not len(given):
            rows = "K" if name == "patterns" else "n"
            raise ParameterError(f"{name} has shape {given.shape}: must be ({rows}, {n}), one per row")
        size = np.dtype(self.dtype).itemsize
        needed = given.size * (size + 1) + 2 * n * n * size * weights
        if needed > (there := _memory()):
            raise ParameterError(
                f"{name}: {len(given)} of {n} neurons need {needed / 2**30:.3g} GiB of memory, this machine has "
                f"{there / 2**30:.3g} GiB"
            )
        wrong = (given != 1) & (given != low)
        if wrong.any():
            allowed = "−1 or 1" if low else "0 or 1"
            raise ParameterError(
                f"{name} holds {given[wrong][0]}: with the coding {self.coding!r} every value must be {allowed}"
            )
        return given.astype(np.int8)

    def _need(self, name: str) -> None:
        if not hasattr(self, name):
            raise NotFittedError("this Hopfield network holds nothing yet: call store first")

    def _check(self) -> None:
        for name, known in (("coding", CODINGS), ("rule", RULES), ("update", UPDATES)):
            if getattr(self, name) not in known:
                raise UnknownNameError(f"Hopfield.{name}", str(getattr(self, name)), known)
        _whole("Hopfield.n_neurons", self.n_neurons, low=2)
        _number("Hopfield.forgetting", self.forgetting, low=0)
        a = np.asarray(self.activity, dtype=float)
        if (
            a.shape not in ((), (self.n_neurons,))
            or not ((a >= 0) & (a <= 1)).all()
            or not (a * (1 - a)).any()
        ):
            raise ParameterError(
                f"Hopfield.activity = {self.activity!r}: must be a number between 0 and 1, or {self.n_neurons} of them"
            )
        if np.dtype(self.dtype) not in (np.float32, np.float64):
            raise ParameterError(f"Hopfield.dtype = {self.dtype!r}: must be float32 or float64")
        if self.rule == "storkey" and not self._balanced:
            raise ParameterError(f"Hopfield.activity = {self.activity!r}: Storkey's rule needs 0.5")


def _memory() -> int:
    """Physical memory of this machine (bytes)."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _generator(seed: Seed) -> np.random.Generator:
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise ParameterError(
            f"random_state = {seed!r}: must be None, a whole number from 0, a Generator or a SeedSequence"
        ) from None


def _whole(name: str, value: Any, low: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral) or value < low:
        raise ParameterError(f"{name} = {value!r}: must be a whole number, at least {low}")
    return int(value)


def _number(name: str, value: Any, low: float = -math.inf) -> float:
    if isinstance(value, bool) or not (isinstance(value, Real) and math.isfinite(value) and value >= low):
        at_least = "" if low == -math.inf else f", at least {low}"
        raise ParameterError(f"{name} = {value!r}: must be a finite number{at_least}")
    return float(value)
