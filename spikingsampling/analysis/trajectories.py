"""Trajectories of parameters: principal components of a subset of θ.

A warning that belongs to every picture of this kind: the first components of a random walk in many dimensions carry
most of its variance and look like smooth arcs (Antognini & Sohl-Dickstein, NeurIPS 2018). So slow noise alone gives
a low-dimensional picture; compare with a run under the prior alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.decomposition import PCA

from .._checks import finite_array, whole_array, whole_number
from ..errors import ParameterError

__all__ = ["PrincipalComponents", "choose_parameters", "principal_components"]

Array = NDArray[np.float64]


def choose_parameters(candidates: ArrayLike, n_chosen: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Choose parameters at random, without repetition; the same for the same generator state.

    Parameters
    ----------
    candidates : (n,) int array or (n_parameters,) bool array
        Indices, or a mask.
    n_chosen : int
    rng : numpy.random.Generator

    Returns
    -------
    (n_chosen,) int array
        Sorted.

    Raises
    ------
    ParameterError
        Fewer candidates than wanted.
    """
    pool = np.asarray(candidates)
    pool = np.flatnonzero(pool) if pool.dtype == bool else np.unique(whole_array("candidates", pool, 0))
    n_chosen = whole_number("n_chosen", n_chosen, low=0)
    if not 1 <= n_chosen <= len(pool):
        raise ParameterError(f"n_chosen = {n_chosen!r}: must be from 1 to the {len(pool)} candidates")
    return np.sort(rng.choice(pool, n_chosen, replace=False))


@dataclass(frozen=True, eq=False)
class PrincipalComponents:
    """A trajectory in the coordinates in which it varies most.

    Attributes
    ----------
    points : (n_times, n_components) array
        Coordinates; units of θ, origin at the mean over time.
    explained : (n_components,) array
        Fraction of the total variance over time that each explains.
    directions : (n_components, n_parameters) array
        Orthonormal.
    participation_ratio : float
        (Σλ)²/Σλ² of all variances λ: how many dimensions the whole trajectory fills, from 1 to n_parameters.
    """

    points: Array
    explained: Array
    directions: Array
    participation_ratio: float


def principal_components(theta: ArrayLike, n_components: int = 3) -> PrincipalComponents:
    """Principal components over time of parameters theta (n_times, n_parameters), centred and not rescaled.

    Raises
    ------
    ParameterError
        Not finite, not 2-D, without any change, or more components than times or parameters.
    """
    theta = finite_array("theta", theta, ("n_times", "n_parameters"))
    most = min(theta.shape)
    n_components = whole_number("n_components", n_components, low=0)
    if not 1 <= n_components <= most:
        raise ParameterError(
            f"n_components = {n_components!r}: must be from 1 to {most}, as theta is {theta.shape}"
        )
    if not np.ptp(theta, axis=0).any():
        raise ParameterError("theta: does not change over time; it has no principal components")
    model = PCA(svd_solver="full")
    points = model.fit_transform(theta)
    variances = model.explained_variance_ratio_
    return PrincipalComponents(
        points[:, :n_components],
        variances[:n_components],
        model.components_[:n_components],
        float(1 / np.sum(variances**2)),
    )
