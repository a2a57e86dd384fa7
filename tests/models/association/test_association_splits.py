"""The validation split: what is held out, and that nothing is in both parts."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.data import IMAGE_SHAPE, ImageSet, SpeechSet
from spikingsampling.errors import DataError
from spikingsampling.models.association.splits import hold_out_images, hold_out_speech


def images(n_each: int) -> ImageSet:
    """Each image tells its place in the set."""
    labels = np.tile([3, 7], n_each)
    grey = np.arange(len(labels)) / len(labels)
    return ImageSet(np.broadcast_to(grey[:, None, None], (len(labels), *IMAGE_SHAPE)), labels, "toy")


def speech(takes: range) -> SpeechSet:
    keys = [(digit, speaker, take) for digit in (3, 7) for speaker in ("a", "b") for take in reversed(takes)]
    labels, speakers, numbers = (np.array(column) for column in zip(*keys, strict=True))
    waveforms = tuple(np.full(4, i / 100, dtype=np.float32) for i in range(len(keys)))
    return SpeechSet(waveforms, 8000, labels, speakers, numbers, "toy")


def test_images_after_those_of_the_training_are_held_out() -> None:
    train, held_out = hold_out_images(images(400), 50)
    places = [np.rint(part.images[:, 0, 0] * 800).astype(int) for part in (train, held_out)]
    np.testing.assert_array_equal(places[0], np.arange(100))
    np.testing.assert_array_equal(places[1], np.arange(100, 700))  # 300 of each digit
    np.testing.assert_array_equal(held_out.labels[:2], [3, 7])


def test_the_first_tenth_of_the_takes_is_held_out() -> None:
    train, held_out = hold_out_speech(speech(range(5, 50)))
    assert sorted(set(held_out.takes.tolist())) == [5, 6, 7, 8, 9]
    assert sorted(set(train.takes.tolist())) == list(range(10, 50))
    assert (len(train), len(held_out)) == (4 * 40, 4 * 5)
    levels = [{float(wave[0]) for wave in part.waveforms} for part in (train, held_out)]
    assert not levels[0] & levels[1]


def test_what_leaves_nothing_to_learn_or_to_hold_out_is_refused() -> None:
    with pytest.raises(
        DataError, match=r"toy has 40 training images of 3, and max_images = 40 takes them all"
    ):
        hold_out_images(images(40), 40)
    with pytest.raises(DataError, match="toy has one training recording of 3 by a"):
        hold_out_speech(speech(range(1)))
