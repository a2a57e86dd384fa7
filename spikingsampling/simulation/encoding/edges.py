"""Images for the visual inputs: set upright, and edges by orientation, as complex cells of V1 see them.

Both are fixed and know nothing of classes. Upright: a shear that takes the skew out of an image, as slanted handwriting
has it. Edges: local gradients, sorted by orientation and pooled over patches, so that small shifts do not matter.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field
from scipy import ndimage

from ...errors import ParameterError
from ...parameters import Parameters, quantity
from ...units import Number

__all__ = ["EdgeParameters", "edge_maps", "upright"]


class EdgeParameters(Parameters):
    """Settings of :func:`edge_maps`."""

    orientations: int = Field(4, ge=2, le=36, description="orientations of edges, evenly spaced over 180°")
    grid: int = Field(7, ge=1, le=1000, description="patches along each side of an image")
    smoothing: Number = quantity(
        0.7, "standard deviation of the Gaussian that smooths an image first (pixels)", low=0, high=100
    )


def _images(images: ArrayLike) -> NDArray[np.float64]:
    grey = np.asarray(images, dtype=float)
    if grey.ndim != 3 or not grey.size or not np.isfinite(grey).all() or grey.min() < 0:
        raise ParameterError(
            f"images of shape {grey.shape}: must be (n, height, width), finite, with values from 0"
        )
    return grey


def upright(images: ArrayLike) -> NDArray[np.float64]:
    """Images sheared so that the covariance of row and column vanishes, with the centre of mass in the middle.

    With μ_rc and μ_rr the second central moments of an image as a distribution over rows r and columns c, what was at
    column c of row r goes to c − (r − r̄) μ_rc/μ_rr (linear interpolation, 0 outside). Images of one row, or of no ink
    at all, stay as they are.

    Parameters
    ----------
    images : (n, height, width) array
        Grey values from 0, which is the background.

    Raises
    ------
    ParameterError
        Wrong shape, negative values, NaN or infinity.
    """
    grey = _images(images)
    rows, columns = np.mgrid[: grey.shape[1], : grey.shape[2]].astype(float)
    middle = (np.array(grey.shape[1:]) - 1) / 2
    straight = np.empty_like(grey)
    for image, result in zip(grey, straight, strict=True):
        ink = image.sum()
        row, column = ((image * place).sum() / max(ink, 1e-300) for place in (rows, columns))
        spread = (image * (rows - row) ** 2).sum()
        if not spread > 0:
            result[:] = image
            continue
        slope = (image * (rows - row) * (columns - column)).sum() / spread
        shear = np.array([[1.0, 0.0], [slope, 1.0]])
        ndimage.affine_transform(
            image, shear, np.array([row, column]) - shear @ middle, output=result, order=1
        )
    return straight


def edge_maps(images: ArrayLike, parameters: EdgeParameters | None = None) -> NDArray[np.float64]:
    """Strength of edges by orientation, in [0, 1]; the strongest of an image has 1.

    The image is smoothed, and its gradient is taken with Sobel's filters. Orientations are those of the gradient, at
    multiples of 180°/``orientations`` from the direction of rising columns towards rising rows; a gradient between two
    of them is shared out linearly. Each patch has the mean over its pixels.

    Parameters
    ----------
    images : (n, height, width) array
        Grey values from 0.
    parameters : EdgeParameters, optional

    Returns
    -------
    (n, grid, orientations · grid) array
        The maps of all orientations side by side.

    Raises
    ------
    ParameterError
        Wrong shape, values that are negative or not finite, or a ``grid`` finer than the pixels.
    """
    grey, p = _images(images), parameters or EdgeParameters()
    n, height, width = grey.shape
    if p.grid > min(height, width):
        raise ParameterError(
            f"grid = {p.grid}: must be at most the {height} rows and {width} columns of the images"
        )
    smooth = ndimage.gaussian_filter(grey, (0, p.smoothing, p.smoothing))
    down, right = (  # Sobel's filters, which in ndimage would smooth over the images, too
        ndimage.correlate1d(ndimage.correlate1d(smooth, [-1, 0, 1], axis), [1, 2, 1], 3 - axis)
        for axis in (1, 2)
    )
    strength = np.hypot(down, right)
    place = np.mod(np.arctan2(down, right) / math.pi * p.orientations, p.orientations)
    edges = [np.rint(np.linspace(0, size, p.grid + 1)).astype(int) for size in (height, width)]
    area = np.outer(*(np.diff(edge) for edge in edges))
    maps = np.empty((n, p.grid, p.orientations, p.grid))
    for k in range(p.orientations):
        apart = np.abs(np.mod(place - k + p.orientations / 2, p.orientations) - p.orientations / 2)
        part = np.clip(1 - apart, 0, None) * strength
        part = np.add.reduceat(np.add.reduceat(part, edges[0][:-1], axis=1), edges[1][:-1], axis=2)
        maps[:, :, k] = part / area
    flat = maps.reshape(n, p.grid, -1)
    peak = flat.max(axis=(1, 2), keepdims=True)
    return np.divide(flat, peak, out=np.zeros_like(flat), where=peak > 0)
