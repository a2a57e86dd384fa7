"""The Hopfield network: patterns stored in symmetric weights, recalled as attractors.

After Hopfield 1982 and 1984 and the lectures on attractor networks (±1 neurons, lecture 1) and on Hebbian learning
(0/1 neurons with thresholds, lecture 4). Equations are in :mod:`~spikingsampling.models.hopfield.dynamics` and
:mod:`~spikingsampling.models.hopfield.storage`.
"""

from __future__ import annotations

import math
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from spikingsampling._checks import Seed, finite_array, finite_number, random_generator, whole_number
from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.models.hopfield import storage as storage
from spikingsampling.models.hopfield.checks import binary_rows, one_or_each, symmetric_weights
from spikingsampling.models.hopfield.dynamics import (
    asynchronous_sweep,
    balanced_thresholds,
    energy,
    fields,
    noise_scale,
    synchronous_step,
)

__all__ = ["CODINGS", "STORAGE_RULES", "UPDATES", "Hopfield"]

#: Name of a coding → value of a neuron that is off.
CODINGS = {"bipolar": -1, "binary": 0}
STORAGE_RULES = ("hebb", "palimpsest", "projection", "projection_iterative", "storkey")
#: Rules that can store one pattern after another.
INCREMENTAL = ("hebb", "palimpsest", "storkey")
UPDATES = ("asynchronous", "synchronous")


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
        T_j. None: :func:`~spikingsampling.models.hopfield.dynamics.balanced_thresholds`, which are 0 for ±1 neurons
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
        The stored patterns.
    n_passes_ : int
        Passes through the patterns that the rule ``projection_iterative`` needed.

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
        stored = self._binary("patterns", patterns, weights=True)
        standard = self._standardised(stored)
        if self.rule == "projection_iterative":
            weights, self.n_passes_ = storage.projection_iterative(standard)
        else:
            weights = storage.store(self.rule, standard, self.forgetting)
        self._weights, self.patterns_ = weights, stored
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
        new_patterns = self._binary("patterns", patterns)
        storage.add(self.rule, self._weights, self._standardised(new_patterns), self.forgetting)
        self.patterns_ = np.concatenate([self.patterns_, new_patterns])
        return self

    def dream(self, n_dreams: int, rate: float = 0.01, random_state: Seed = None) -> Self:
        """Unlearn what random states relax to: w_ij −= (λ/N) s_i s_j, ``n_dreams`` times (lecture 4).

        ``rate`` is λ. Dreams are those of the ±1 network without thresholds and noise, to which a 0/1 network with
        default thresholds is equal.
        """
        self._need("_weights")
        if not self._balanced or self.thresholds is not None:
            raise ParameterError("dream: needs activity = 0.5 and default thresholds")
        n_dreams, rate = whole_number("n_dreams", n_dreams, low=0), finite_number("rate", rate, low=0)
        storage.unlearn(self._weights, n_dreams, rate, random_generator("random_state", random_state))
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
        sweeps = whole_number("sweeps", sweeps)
        scales = self._noise(beta, sweeps)
        rng = random_generator("random_state", random_state)
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
        self._weights = symmetric_weights(weights, self.n_neurons, self.dtype)

    @property
    def thresholds_(self) -> NDArray[np.floating]:
        """T_j in use, (N,)."""
        low, n = CODINGS[self.coding], int(self.n_neurons)
        if self.thresholds is not None:
            values = one_or_each("Hopfield.thresholds", self.thresholds, n, "a finite number", np.isfinite)
            return values.astype(self.dtype)
        if low == -1 and self._balanced:
            return np.zeros(n, dtype=self.dtype)
        return balanced_thresholds(self._weights, self.activity, low)

    @property
    def _balanced(self) -> bool:
        return bool(np.all(np.asarray(self.activity) == 0.5))

    def _standardised(self, patterns: NDArray[np.int8]) -> NDArray[np.floating]:
        return storage.standardise(patterns, CODINGS[self.coding], self.activity, np.dtype(self.dtype).type)

    def _driven(self, external: ArrayLike | None, shape: tuple[int, ...]) -> NDArray[np.floating]:
        """Thresholds (n, N) less the input from outside."""
        if external is None:
            return np.broadcast_to(self.thresholds_, shape)
        return self.thresholds_ - finite_array("external", external, shape).astype(self.dtype)

    def _noise(self, beta: float | ArrayLike | None, sweeps: int) -> list[float]:
        beta = self.beta if beta is None else beta
        allowed = "a number more than 0 (infinity for no noise)"
        values = one_or_each("beta", beta, sweeps, allowed, lambda b: b > 0)
        return [noise_scale(float(b), self.convention) for b in values]

    def _binary(self, name: str, values: ArrayLike, *, weights: bool = False) -> NDArray[np.int8]:
        """States or patterns that the coding allows; with ``weights`` there must be room for weights as well."""
        n, size = int(self.n_neurons), np.dtype(self.dtype).itemsize
        shape = ("K" if name == "patterns" else "n", n)
        room = 2 * n * n * size * weights
        return binary_rows(
            name, values, CODINGS[self.coding], shape, lambda rows: rows * n * (size + 1) + room
        )

    def _need(self, name: str) -> None:
        if not hasattr(self, name):
            raise NotFittedError("this Hopfield network holds nothing yet: call store first")

    def _check(self) -> None:
        for name, known in (("coding", CODINGS), ("rule", STORAGE_RULES), ("update", UPDATES)):
            if getattr(self, name) not in known:
                raise UnknownNameError(f"Hopfield.{name}", str(getattr(self, name)), known)
        whole_number("Hopfield.n_neurons", self.n_neurons, low=2)
        finite_number("Hopfield.forgetting", self.forgetting, low=0)
        # Some neuron must vary.
        allowed, fits = "a number between 0 and 1", lambda a: (a >= 0) & (a <= 1) & np.any(a * (1 - a))
        one_or_each("Hopfield.activity", self.activity, self.n_neurons, allowed, fits)
        if np.dtype(self.dtype) not in (np.float32, np.float64):
            raise ParameterError(f"Hopfield.dtype = {self.dtype!r}: must be float32 or float64")
        if self.rule == "storkey" and not self._balanced:
            raise ParameterError(f"Hopfield.activity = {self.activity!r}: Storkey's rule needs 0.5")
