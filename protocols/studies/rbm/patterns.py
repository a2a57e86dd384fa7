"""Training and held-out patterns: binary images, and spoken digits in three codes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikingsampling.data import IMAGE_SHAPE, load_images, load_speech
from spikingsampling.errors import UnknownNameError
from spikingsampling.simulation.encoding import CochleagramParameters, mel_cochleagram

__all__ = [
    "CODES",
    "Floats",
    "Patterns",
    "audio_levels",
    "encode",
    "image_patterns",
    "mean_pattern_error",
    "pictures",
    "subsample",
]

#: How levels of a spectrum become patterns.
CODES = ("threshold", "median", "gaussian")
#: The most examples of each part on which errors are measured.
_MAX_MEASURED = 500

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Patterns:
    """Training and held-out examples, (n, n_visible) each."""

    train: Floats
    test: Floats


def image_patterns(kind: str, digits: Sequence[int], rng: np.random.Generator) -> Patterns:
    """Binary images: each pixel is 1 with the probability of its grey value (Fournier's report, section 4.1).

    Arguments ``kind`` and ``digits`` and errors as :func:`~spikingsampling.data.load_images`.
    """

    def binary(split: str) -> Floats:
        grey = load_images(kind, split, digits).images.reshape(-1, math.prod(IMAGE_SHAPE))
        return (rng.random(grey.shape, dtype=np.float32) < grey).astype(np.float32)

    return Patterns(binary("train"), binary("test"))


def audio_levels(kind: str, digits: Sequence[int], parameters: CochleagramParameters) -> Patterns:
    """Levels in [0, 1] of static mel spectra, (n, n_frames · n_channels), frame by frame.

    Arguments ``kind`` and ``digits`` and errors as :func:`~spikingsampling.data.load_speech`.
    """

    def levels(split: str) -> Floats:
        speech = load_speech(kind, split, digits)
        return np.array(
            [mel_cochleagram(sound, speech.sample_rate, parameters).ravel() for sound in speech.waveforms]
        )

    return Patterns(levels("train"), levels("test"))


def encode(levels: Patterns, code: str, threshold: float) -> Patterns:
    """Levels in one of the codes; medians, means and spreads are those of the training sounds.

    Parameters
    ----------
    levels : Patterns
    code : {"threshold", "median", "gaussian"}
        1 above ``threshold``; 1 above the training median of each input; levels of mean 0 and variance 1.
    threshold : float

    Raises
    ------
    UnknownNameError
        No such code.
    """
    if code not in CODES:
        raise UnknownNameError("code", code, CODES)
    if code == "gaussian":
        mean = levels.train.mean(axis=0)
        # An input that never varies has nothing to tell, whatever it is divided by.
        sd = np.maximum(levels.train.std(axis=0), 1e-3)
        return Patterns((levels.train - mean) / sd, (levels.test - mean) / sd)
    border = threshold if code == "threshold" else np.median(levels.train, axis=0)
    return Patterns((levels.train > border).astype(float), (levels.test > border).astype(float))


def mean_pattern_error(patterns: Patterns) -> float:
    """L1 error on held-out patterns of a machine without hidden units: the mean of the training patterns."""
    return float(np.abs(patterns.test - patterns.train.mean(axis=0)).mean())


def subsample(X: Floats) -> Floats:
    """At most 500 examples, evenly spread: MNIST's test set begins with the cleaner half of its writers."""
    return X if len(X) <= _MAX_MEASURED else X[np.linspace(0, len(X) - 1, _MAX_MEASURED).astype(int)]


def pictures(X: Floats, shape: tuple[int, int] = IMAGE_SHAPE) -> list[Floats]:
    """Patterns (n, n_visible) as pictures of this shape."""
    return [x.reshape(shape) for x in X]
