"""The two kinds of data set: images and recordings, of digits or of classes that the user names."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikingsampling._checks import whole_array
from spikingsampling.errors import DataError, ParameterError, UnknownNameError

__all__ = [
    "IMAGE_SHAPE",
    "ClassName",
    "ImageSet",
    "SpeechSet",
    "check_digits",
    "check_speakers",
    "check_split",
    "class_labels",
]

#: Height and width of every image of a digit, in pixels.
IMAGE_SHAPE = (28, 28)
SPLITS = ("train", "test")
#: A digit, or the name of a class of the user's own data.
ClassName = int | str


def check_split(split: str) -> str:
    """Return ``split`` if it is ``"train"`` or ``"test"``, else raise :class:`UnknownNameError`."""
    if split not in SPLITS:
        raise UnknownNameError("split", str(split), SPLITS)
    return split


def check_digits(digits: Sequence[int]) -> tuple[int, ...]:
    """The digits as a tuple of distinct whole numbers from 0 to 9.

    Raises
    ------
    ParameterError
        None given, one given twice, or something else than a whole number from 0 to 9.
    """
    allowed = "must be distinct whole numbers from 0 to 9, for example [1, 2]"
    try:
        result = tuple(operator.index(digit) for digit in digits)
    except TypeError:
        raise ParameterError(f"digits = {digits!r}: {allowed}") from None
    if not result or len(set(result)) < len(result) or not set(result) <= set(range(10)):
        raise ParameterError(f"digits = {digits!r}: {allowed}")
    return result


def class_labels(classes: Sequence[ClassName]) -> dict[str, int]:
    """The label of each class by its name: a digit is its own label, other classes are numbered in their order.

    Raises
    ------
    ParameterError
        None given, one given twice, a negative number or an empty name.
    """
    names = [str(name) for name in classes]
    if not names or len(set(names)) < len(names) or any(not name or name.startswith("-") for name in names):
        raise ParameterError(
            f"digits = {classes!r}: must be distinct numbers or names of classes, one at least"
        )
    numbers = all(isinstance(name, int) for name in classes)
    return {name: int(name) if numbers else index for index, name in enumerate(names)}


def check_speakers(speakers: Sequence[str] | None, known: Sequence[str]) -> tuple[str, ...]:
    """The speakers as a tuple; None stands for all ``known`` ones.

    Raises
    ------
    UnknownNameError
        A speaker is not among ``known``; the message names the nearest one.
    ParameterError
        An empty selection.
    """
    if speakers is None:
        return tuple(known)
    names = (speakers,) if isinstance(speakers, str) else tuple(speakers)
    for name in names:
        if name not in known:
            raise UnknownNameError("speaker", str(name), known)
    if not names:
        raise ParameterError(f"speakers = {speakers!r}: must name at least one of {', '.join(known)}")
    return names


def _whole_numbers(values: NDArray, what: str) -> NDArray[np.int64]:
    """DataError if a value would be changed; names the first."""
    try:
        return _read_only(whole_array(what, values), np.int64)
    except ParameterError as error:
        raise DataError(str(error)) from None


def _read_only(array: NDArray, dtype: type) -> NDArray:
    result = np.asarray(array, dtype=dtype).view()
    result.setflags(write=False)
    return result


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images with their classes.

    Parameters
    ----------
    images : array, shape (n, height, width)
        Grey values in [0, 1], 0 for the background; held as read-only float32. Digits have 28 x 28 pixels.
    labels : array, shape (n,)
        The digits, or numbers of the classes (:func:`class_labels`), held as int64.
    name : str
        Where the images come from.

    Raises
    ------
    DataError
        The shapes do not fit together, a grey value is outside [0, 1], or a label is no whole number.
    """

    images: NDArray[np.float32]
    labels: NDArray[np.int64]
    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "images", _read_only(self.images, np.float32))
        object.__setattr__(self, "labels", _whole_numbers(self.labels, f"{self.name}: labels"))
        if self.images.ndim != 3 or self.labels.ndim != 1 or len(self.images) != len(self.labels):
            raise DataError(
                f"{self.name}: images of shape {self.images.shape} do not fit labels of shape "
                f"{self.labels.shape}: must be (n, height, width) and (n,)"
            )
        if self.images.size and not (self.images.min() >= 0 and self.images.max() <= 1):
            raise DataError(f"{self.name}: grey values must be in [0, 1]")

    def __len__(self) -> int:
        return self.labels.size

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the images (pixels)."""
        return self.images.shape[1:]

    def select(self, digits: Sequence[int]) -> ImageSet:
        """The images of these digits, in the order of this set."""
        mask = np.isin(self.labels, check_digits(digits))
        return ImageSet(self.images[mask], self.labels[mask], self.name)


@dataclass(frozen=True, eq=False)
class SpeechSet:
    """Recordings of spoken digits or other sounds, with their classes.

    Parameters
    ----------
    waveforms : tuple of n arrays, each of shape (n_samples,)
        Sound pressure in arbitrary units, from −1 to 1; held as read-only float32.
    sample_rate : int
        Samples per second (Hz), one for the whole set.
    labels : array, shape (n,)
        The digits, or numbers of the classes (:func:`class_labels`), held as int64.
    speakers : array of str, shape (n,)
    takes : array, shape (n,)
        Number of the utterance among those of its speaker and digit.
    name : str
        Where the recordings come from.

    Raises
    ------
    DataError
        The lengths do not fit together, or a label or take is no whole number.
    """

    waveforms: tuple[NDArray[np.float32], ...]
    sample_rate: int
    labels: NDArray[np.int64]
    speakers: NDArray[np.str_]
    takes: NDArray[np.int64]
    name: str

    def __post_init__(self) -> None:
        waveforms = tuple(_read_only(waveform, np.float32) for waveform in self.waveforms)
        object.__setattr__(self, "waveforms", waveforms)
        for field, dtype in (("labels", np.int64), ("speakers", np.str_), ("takes", np.int64)):
            given = getattr(self, field)
            whole = dtype is np.int64
            values = _whole_numbers(given, f"{self.name}: {field}") if whole else _read_only(given, dtype)
            object.__setattr__(self, field, values)
            if values.shape != (len(waveforms),):
                raise DataError(
                    f"{self.name}: {len(waveforms)} waveforms do not fit {field} of shape {values.shape}"
                )

    def __len__(self) -> int:
        return self.labels.size

    def select(self, digits: Sequence[int] | None = None, speakers: Sequence[str] | None = None) -> SpeechSet:
        """The recordings of these digits by these speakers (None: all), in the order of this set.

        Raises
        ------
        UnknownNameError
            A speaker has no recording in this set.
        """
        mask = np.isin(self.speakers, check_speakers(speakers, sorted(set(self.speakers.tolist()))))
        if digits is not None:
            mask &= np.isin(self.labels, check_digits(digits))
        index = np.flatnonzero(mask)
        return SpeechSet(
            tuple(self.waveforms[i] for i in index),
            self.sample_rate,
            self.labels[index],
            self.speakers[index],
            self.takes[index],
            self.name,
        )
