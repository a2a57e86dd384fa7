"""Loaders of the data sets and their registry.

Two kinds, each with images and speech: ``embedded`` needs no network (scikit-learn's digits and synthetic
speech), ``real`` is MNIST and the Free Spoken Digit Dataset. A protocol's settings (:class:`ImageData`) name one of
these, or files of the user's own. Training and test sets never share an item.
"""

from __future__ import annotations

from collections.abc import Sequence

from spikingsampling.data import embedded_images, fsdd, mnist, synthetic_speech
from spikingsampling.data.registry import require
from spikingsampling.data.settings import ImageData, ImageSoundData
from spikingsampling.data.types import IMAGE_SHAPE, ClassName, ImageSet, SpeechSet, check_digits, class_labels
from spikingsampling.errors import UnknownNameError

__all__ = [
    "IMAGE_SHAPE",
    "KINDS",
    "ClassName",
    "ImageData",
    "ImageSet",
    "ImageSoundData",
    "SpeechSet",
    "class_labels",
    "load_images",
    "load_speech",
    "speakers_of",
]

KINDS = ("embedded", "real")


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise UnknownNameError("kind of data", str(kind), KINDS)


def speakers_of(kind: str | ImageSoundData, digits: Sequence[ClassName] = ()) -> tuple[str, ...]:
    """The speakers that there is speech of for training; of the user's own, those who say ``digits``.

    Raises
    ------
    UnknownNameError
        No such kind.
    """
    if isinstance(kind, ImageSoundData):
        if kind.sounds is not None:
            return kind.own_speakers(digits)
        kind = kind.source
    _check_kind(kind)
    return synthetic_speech.TRAINING_SPEAKERS if kind == "embedded" else fsdd.SPEAKERS


def load_images(kind: str | ImageData, split: str, digits: Sequence[ClassName]) -> ImageSet:
    """Images of handwritten digits, or the user's own.

    Parameters
    ----------
    kind : {"embedded", "real"} or ImageData
        scikit-learn's digits scaled to 28 x 28, MNIST, or what the settings name.
    split : {"train", "test"}
        The user's own have a part ``validation``, too.
    digits : sequence of int or str
        Distinct, 0 to 9; of the user's own the names of classes.

    Raises
    ------
    UnknownNameError
        No such kind or split.
    ParameterError
        Digits that are not distinct whole numbers from 0 to 9.
    DataError
        Real data missing or damaged.
    """
    if isinstance(kind, ImageData):
        if kind.images is not None:
            return kind.own_images(split, digits)
        kind = kind.source
    _check_kind(kind)
    digits = check_digits(digits)
    if kind == "embedded":
        return embedded_images.load(split).select(digits)
    return mnist.load(require("mnist"), split, digits)


def load_speech(
    kind: str | ImageSoundData, split: str, digits: Sequence[ClassName], speakers: Sequence[str] | None = None
) -> SpeechSet:
    """Spoken digits, or the user's own sounds.

    Parameters
    ----------
    kind : {"embedded", "real"} or ImageSoundData
        Synthetic speech, the Free Spoken Digit Dataset, or what the settings name.
    split : {"train", "test"}
        The test set has held-out utterances of all speakers, and of synthetic speech also
        held-out speakers. The user's own sounds have a part ``validation``, too.
    digits : sequence of int or str
        Distinct, 0 to 9; of the user's own the names of classes.
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
    if isinstance(kind, ImageSoundData):
        if kind.sounds is not None:
            return kind.own_speech(split, digits, speakers)
        kind = kind.source
    _check_kind(kind)
    if kind == "embedded":
        return synthetic_speech.load(split, digits, speakers)
    return fsdd.load(require("fsdd"), split, digits, speakers)
