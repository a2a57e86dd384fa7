"""DEEP R: a network that never has more than K connections in a layer, and rewires while it learns.

w = s θ for θ > 0, with a fixed sign s; connections with θ ≤ 0 are dormant and are not stored. After each minibatch, for
active connections (Bellec, Kappel, Maass & Legenstein, ICLR 2018, in the form of their program):

    θ ← θ − η (∂E/∂θ + α − ν ξ)

Those with θ ≤ 0 become dormant, and as many dormant ones, drawn uniformly, become active at θ = 1e-12.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spikingsampling._checks import whole_number
from spikingsampling.errors import ParameterError
from spikingsampling.models.mlp import Floats
from spikingsampling.models.pruning.sparse import Indices, SparseLayer, SparseNetwork, Walk

__all__ = ["BIRTH", "RewiringLayer", "deep_r"]

#: θ of a connection that has just become active.
BIRTH = 1e-12


class RewiringLayer(SparseLayer):
    """K active connections, which begin with θ = |N(0, 1/n_in)|.

    Parameters
    ----------
    n_in, n_out, n_active : int
        ``n_active`` is K.
    rng : Generator
        Which connections begin, their θ, and later noise and rewiring.
    rewires : bool
        False: connections that die are gone, and no other comes.

    Attributes
    ----------
    theta : (K,) float64 array

    Raises
    ------
    ParameterError
        A number is not whole or below 1, or K is more than n_in · n_out.
    """

    def __init__(
        self, n_in: int, n_out: int, n_active: int, rng: np.random.Generator, *, rewires: bool = True
    ) -> None:
        super().__init__(n_in, n_out, rng)
        if whole_number("n_active", n_active) > self.size:
            raise ParameterError(f"n_active = {n_active}: must be at most {self.size}, what there can be")
        self.rewires, self._taken = rewires, set[int]()
        self.theta = np.abs(rng.standard_normal(n_active)) / np.sqrt(n_in)
        self.place(self._wake(n_active), self.theta)

    def _wake(self, n: int) -> Indices:
        """Make ``n`` connections active that are not: their numbers; all sets of them are equally probable."""
        found: list[int] = []
        while len(found) < n:
            for number in self._rng.integers(self.size, size=n - len(found)).tolist():
                if number not in self._taken:
                    self._taken.add(number)
                    found.append(number)
        return np.array(found, dtype=np.int64)

    def update(self, slopes: Floats, walk: Walk) -> int:
        """Move θ and replace what has died."""
        noise = walk.nu * self._rng.standard_normal(len(self.theta))
        self.theta -= walk.eta * (slopes + walk.alpha - noise)
        alive = self.theta > 0
        n = int(self.rewires * (alive.size - alive.sum()))
        if alive.all():
            self.place(self.index, self.theta)
            return 0
        self.theta = np.concatenate([self.theta[alive], np.full(n, BIRTH)])
        # a connection that has just died may come back
        self._taken.difference_update(self.index[~alive].tolist())
        self.place(np.concatenate([self.index[alive], self._wake(n)]), self.theta)
        return n


def deep_r(
    sizes: Sequence[int],
    n_active: Sequence[int],
    rng: np.random.Generator,
    *,
    eta: float = 0.5,
    alpha: float = 1e-5,
    nu: float = 1e-5,
    rewires: bool = True,
) -> SparseNetwork:
    """A network of :class:`RewiringLayer`.

    Parameters
    ----------
    sizes : sequence of int
        Units of each layer, the input first.
    n_active : sequence of int
        Connections K of each layer.
    rng : Generator
    eta, alpha, nu : float
    rewires : bool

    Raises
    ------
    ParameterError
        The lengths do not fit, or as for :class:`RewiringLayer` and :class:`Walk`.
    """
    if len(n_active) != len(sizes) - 1:
        raise ParameterError(
            f"n_active = {tuple(n_active)!r}: must have {len(sizes) - 1} numbers, one for each layer"
        )
    shapes = zip(sizes[:-1], sizes[1:], n_active, strict=True)
    return SparseNetwork(
        [RewiringLayer(*each, rng, rewires=rewires) for each in shapes], Walk(eta, alpha, nu)
    )
