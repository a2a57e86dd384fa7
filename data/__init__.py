"""Loaders of the data sets and their registry.

Two kinds, each with images and speech: ``embedded`` needs no network (scikit-learn's digits and synthetic
speech), ``real`` is MNIST and the Free Spoken Digit Dataset. Training and test sets never share an item.
"""

from __future__ import annotations

from collections.abc import Sequence

from spikingsampling.data import embedded_images, fsdd, mnist, synthetic_speech
from spikingsampling.data.registry import require
from spikingsampling.data.types import IMAGE_SHAPE, ImageSet, SpeechSet, check_digits
from spikingsampling.errors import UnknownNameError

__all__ = ["IMAGE_SHAPE", "KINDS", "ImageSet", "SpeechSet", "load_images", "load_speech", "speakers_of"]

KINDS = ("embedded", "real")


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise UnknownNameError("kind of data", str(kind), KINDS)


def speakers_of(kind: str) -> tuple[str, ...]:
    """The speakers that there is speech of for training.

    Raises
    ------
    UnknownNameError
        No such kind.
    """
    _check_kind(kind)
    return synthetic_speech.TRAINING_SPEAKERS if kind == "embedded" else fsdd.SPEAKERS


def load_images(kind: str, split: str, digits: Sequence[int]) -> ImageSet:
    """Images of handwritten digits.

    Parameters
    ----------
    kind : {"embedded", "real"}
        scikit-learn's digits scaled to 28 x 28, or MNIST.
    split : {"train", "test"}
    digits : sequence of int
        Distinct, 0 to 9.

    Raises
    ------
    UnknownNameError
        No such kind or split.
    ParameterError
        Digits that are not distinct whole numbers from 0 to 9.
    DataError
        Real data missing or damaged.
    """
    _check_kind(kind)
    digits = check_digits(digits)
    if kind == "embedded":
        return embedded_images.load(split).select(digits)
    return mnist.load(require("mnist"), split, digits)


def load_speech(
    kind: str, split: str, digits: Sequence[int], speakers: Sequence[str] | None = None
) -> SpeechSet:
    """Spoken digits.

    Parameters
    ----------
    kind : {"embedded", "real"}
        Synthetic speech, or the Free Spoken Digit Dataset.
    split : {"train", "test"}
        The test set has held-out utterances of all speakers, and of synthetic speech also
        held-out speakers.
    digits : sequence of int
        Distinct, 0 to 9.
    speakers : sequence of str, optional
        Default: all of this split.

    Raises
    ------
    UnknownNameError
        No such kind, split or speaker.
    ParameterError
        Digits that are not distinct whole numbers from 0 to 9, or no speaker.
    DataError
        Real data missing or damaged, or a held-out speaker asked for training.
    """
    _check_kind(kind)
    if kind == "embedded":
        return synthetic_speech.load(split, digits, speakers)
    return fsdd.load(require("fsdd"), split, digits, speakers)
