"""Handwritten digits that come with scikit-learn, in the format of MNIST; they need no network.

Source: the test part of "Optical Recognition of Handwritten Digits", E. Alpaydin and C. Kaynak, UCI Machine
Learning Repository 1998, doi:10.24432/C50P49.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from sklearn.datasets import load_digits

from spikingsampling.data.types import IMAGE_SHAPE, ImageSet, check_split

__all__ = ["NAME", "load"]

NAME = "scikit-learn digits, scaled to 28 x 28"
#: The digit fills the central 20 x 20 pixels, as in MNIST.
_BOX = 20
#: Part of each class, taken from its end, that is held out for testing.
_TEST_PART = 0.25


def _enlarge(images: NDArray) -> NDArray[np.float32]:
    """Scale (n, 8, 8) with values 0 to 16 to (n, 28, 28) in [0, 1] by cubic splines."""
    scaled = ndimage.zoom(images / 16, (1, _BOX / 8, _BOX / 8), order=3, mode="grid-constant", grid_mode=True)
    margin = (IMAGE_SHAPE[0] - _BOX) // 2
    return np.pad(np.clip(scaled, 0, 1), ((0, 0), (margin, margin), (margin, margin))).astype(np.float32)


@functools.cache
def load(split: str) -> ImageSet:
    """All ten digits of one split: 1350 images for training, 447 for testing.

    The images of each digit keep their order, and the last quarter is held out, so that neighbours in the
    original list are not spread over both parts.

    Parameters
    ----------
    split : {"train", "test"}
    """
    check_split(split)
    pixels, labels = load_digits(return_X_y=True)
    held_out = np.zeros(labels.size, dtype=bool)
    for digit in range(10):
        members = np.flatnonzero(labels == digit)
        held_out[members[round(members.size * (1 - _TEST_PART)) :]] = True
    mask = held_out if split == "test" else ~held_out
    return ImageSet(_enlarge(pixels[mask].reshape(-1, 8, 8)), labels[mask], NAME)
