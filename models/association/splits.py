"""A validation split: what settings are chosen on, so that the choice never sees the test items."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from spikingsampling.data import ImageSet, SpeechSet
from spikingsampling.errors import DataError

__all__ = ["VALIDATION_IMAGES", "Evaluation", "hold_out_images", "hold_out_speech"]

Evaluation = Literal["test", "validation"]
#: Images per digit that are held out at most.
VALIDATION_IMAGES = 300


def hold_out_images(images: ImageSet, n_train: int) -> tuple[ImageSet, ImageSet]:
    """The first ``n_train`` training images of each digit, and the next ones (at most 300) for validation.

    Raises
    ------
    DataError
        A digit has no image left for validation.
    """
    train, held_out = [], []
    for digit in np.unique(images.labels):
        these = np.flatnonzero(images.labels == digit)
        if len(these) <= n_train:
            raise DataError(
                f"evaluation = 'validation': {images.name} has {len(these)} training images of {digit}, and max_images "
                f"= {n_train} takes them all: must be less"
            )
        train.append(these[:n_train])
        held_out.append(these[n_train : n_train + VALIDATION_IMAGES])

    def part(indices: list[NDArray[np.int64]]) -> ImageSet:
        chosen = np.sort(np.concatenate(indices))
        return ImageSet(images.images[chosen], images.labels[chosen], images.name)

    return part(train), part(held_out)


def hold_out_speech(speech: SpeechSet) -> tuple[SpeechSet, SpeechSet]:
    """All recordings but the first tenth of the takes of each speaker and digit, and these for validation.

    Raises
    ------
    DataError
        A speaker has a digit only once.
    """
    validation = np.zeros(len(speech), dtype=bool)
    for digit in np.unique(speech.labels):
        for speaker in np.unique(speech.speakers):
            these = np.flatnonzero((speech.labels == digit) & (speech.speakers == speaker))
            if len(these) == 1:
                raise DataError(
                    f"evaluation = 'validation': {speech.name} has one training recording of {digit} by {speaker}: "
                    "must be two or more"
                )
            order = these[np.argsort(speech.takes[these], kind="stable")]
            validation[order[: -(-len(order) // 10)]] = True

    def part(mask: NDArray[np.bool_]) -> SpeechSet:
        index = np.flatnonzero(mask)
        waveforms = tuple(speech.waveforms[i] for i in index)
        labels, speakers, takes = speech.labels[index], speech.speakers[index], speech.takes[index]
        return SpeechSet(waveforms, speech.sample_rate, labels, speakers, takes, speech.name)

    return part(~validation), part(validation)
