"""The task of the association network: pairs of an image and a sound of the same digit or class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from spikingsampling.data import IMAGE_SHAPE, ClassName, ImageSet, SpeechSet, class_labels
from spikingsampling.errors import DataError
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.simulation.encoding import (
    CochleagramParameters,
    EdgeParameters,
    FrontEnd,
    cochleagram,
    edge_maps,
    equalise,
    rates,
    upright,
)
from spikingsampling.simulation.stimuli import SILENCE, Library, Stimuli
from spikingsampling.units import Frequency, Number, Time

__all__ = [
    "SOURCES",
    "AssociationTask",
    "Split",
    "Stimulation",
    "first_of_each",
    "grey_images",
    "image_library",
    "sound_library",
]

Split = Literal["train", "test"]
SOURCES = ("visual_input", "auditory_input")
#: What lies along the columns and rows of what the visual inputs see.
IMAGE_AXES = {
    "pixels": ("column (pixel)", "row (pixel)"),
    "edges": ("column (patch)", "row (patch)"),
}


class Stimulation(Parameters):
    """How images and sounds become spikes."""

    presentation: Time = quantity(
        "200 ms",
        "length of a presentation (Kappel et al., NIPS 2015)",
        low="20 ms",
        high="10 s",
        dimension="time",
    )
    image_front_end: Literal["pixels", "edges"] = Field(
        "pixels", description="what the visual inputs are: grey values, or edges by orientation"
    )
    upright: bool = Field(False, description="whether the skew is taken out of images first")
    edges: EdgeParameters = EdgeParameters()
    image_rate: Frequency = quantity(
        "120 Hz",
        "rate of a white pixel, or of the strongest edge",
        low="1 Hz",
        high="500 Hz",
        dimension="frequency",
    )
    image_activity: Number = quantity(
        0.115, "mean activity to which every image is scaled; 0 leaves images as they are", low=0, high=0.9
    )
    sound_rate: Frequency = quantity(
        "100 Hz", "rate of a fully active channel", low="1 Hz", high="500 Hz", dimension="frequency"
    )
    sound_activity: Number = quantity(
        0.145, "mean activity to which every sound is scaled; 0 leaves sounds as they are", low=0, high=0.9
    )
    silent_rate: Frequency = quantity(
        "1 Hz",
        "rate of black pixels and of silenced modalities (Kappel et al., NIPS 2015)",
        low="0 Hz",
        high="50 Hz",
        dimension="frequency",
    )
    front_end: FrontEnd = Field("mel", description="model of the cochlea")
    sound: Literal["static", "streamed"] = Field(
        "static",
        description="all frames at once on inputs of their own, or one after another on the same channels",
    )
    sound_frames: int = Field(8, ge=1, le=100, description="frames of a sound in a presentation")
    cochleagram: CochleagramParameters = CochleagramParameters()
    max_images: int = Field(1000, ge=2, description="training images per digit at most")


def image_patterns(images: NDArray[np.floating], stimulation: Stimulation) -> NDArray[np.float64]:
    """What the visual inputs see of images (n, height, width): patterns (n, rows, columns) in [0, 1]."""
    grey = grey_images(images, stimulation)
    return edge_maps(grey, stimulation.edges) if stimulation.image_front_end == "edges" else grey


def grey_images(images: NDArray[np.floating], stimulation: Stimulation) -> NDArray[np.float64]:
    """Images (n, height, width) as they are shown to the front end: set upright where this is asked for."""
    return upright(images) if stimulation.upright else images


def image_library(images: Mapping[Split, ImageSet], stimulation: Stimulation) -> tuple[Library, int]:
    """Rates of all images, training items first, and the number of these."""
    pixels, labels = [], []
    for split in ("train", "test"):
        indices = first_of_each(images[split].labels, stimulation.max_images)
        shown = image_patterns(images[split].images[indices], stimulation)
        flat = shown.reshape(len(indices), -1)
        pixels.append(equalise(flat, stimulation.image_activity) if stimulation.image_activity else flat)
        labels.append(images[split].labels[indices])
    return _library(pixels, labels, stimulation.image_rate, stimulation.silent_rate)


def sound_library(speech: Mapping[Split, SpeechSet], stimulation: Stimulation) -> tuple[Library, int]:
    """Rates of all cochleagrams, static or frame by frame, training items first, and the number of these."""
    sounds, labels = [], []
    for split in ("train", "test"):
        patterns = np.array(
            [
                cochleagram(
                    stimulation.front_end,
                    waveform,
                    speech[split].sample_rate,
                    stimulation.cochleagram,
                    n_frames=stimulation.sound_frames,
                )
                for waveform in speech[split].waveforms
            ]
        )
        flat = patterns.reshape(len(patterns), -1)
        if stimulation.sound_activity:
            flat = equalise(flat, stimulation.sound_activity)
        sounds.append(flat if stimulation.sound == "static" else flat.reshape(patterns.shape))
        labels.append(speech[split].labels)
    return _library(sounds, labels, stimulation.sound_rate, stimulation.silent_rate)


def _library(
    activity: Sequence[NDArray[np.float64]], labels: Sequence[NDArray[np.int64]], high: float, low: float
) -> tuple[Library, int]:
    all_rates = rates(np.concatenate(activity), low, high)
    return Library(all_rates, np.concatenate(labels), silent_rate=low), len(labels[0])


@dataclass(frozen=True, eq=False)
class AssociationTask:
    """Stimuli with the items of each split and digit.

    Attributes
    ----------
    digits : tuple of int
        Labels of the digits or other classes.
    stimuli : Stimuli
        Libraries of the sources ``visual_input`` and ``auditory_input``; training items come first.
    n_train : dict
        Number of training items by source.
    names : dict
        What the classes are called, by label.
    image_shape : (int, int)
        Height and width of what the visual inputs see: of the images, or of their maps of edges side by side.
    image_axes : (str, str)
        What lies along its columns and rows.
    orientations : int
        Maps of edges that lie side by side; 0 where the visual inputs see pixels.
    """

    digits: tuple[int, ...]
    stimuli: Stimuli
    n_train: dict[str, int]
    names: dict[int, str] = field(default_factory=dict)
    image_shape: tuple[int, int] = IMAGE_SHAPE
    image_axes: tuple[str, str] = IMAGE_AXES["pixels"]
    orientations: int = 0

    @classmethod
    def make(
        cls,
        digits: Sequence[ClassName],
        images: dict[Split, ImageSet],
        speech: dict[Split, SpeechSet],
        stimulation: Stimulation,
    ) -> AssociationTask:
        """Encode the data sets, whose labels are those of :func:`~spikingsampling.data.class_labels`.

        Raises
        ------
        DataError
            A digit has no item in one of the sets, or images of training and test differ in size.
        """
        shapes = [images[split].shape for split in ("train", "test")]
        if shapes[0] != shapes[1]:
            raise DataError(
                f"images for training have {shapes[0]} pixels and those for tests {shapes[1]}: must agree"
            )
        encoded = {
            "visual_input": image_library(images, stimulation),
            "auditory_input": sound_library(speech, stimulation),
        }
        libraries = {source: library for source, (library, _) in encoded.items()}
        n_train = {source: n for source, (_, n) in encoded.items()}
        static = stimulation.sound == "static"
        n_frames = 1 if static else stimulation.sound_frames
        stimuli = Stimuli(
            libraries, frame_period=stimulation.presentation / n_frames, frames_per_presentation=n_frames
        )
        names = {label: name for name, label in class_labels(digits).items()}
        height, width = image_patterns(np.zeros((1, *shapes[0])), stimulation).shape[1:]
        front_end = stimulation.image_front_end
        orientations = stimulation.edges.orientations if front_end == "edges" else 0
        task = cls(
            tuple(names), stimuli, n_train, names, (height, width), IMAGE_AXES[front_end], orientations
        )
        for source in libraries:
            for split in ("train", "test"):
                for digit, name in names.items():
                    if not len(task.items(source, split, digit)):
                        raise DataError(f"no {split} item of digit {name} for {source}")
        return task

    def items(self, source: str, split: Split, digit: int) -> NDArray[np.int64]:
        """Items of a digit among the training or held-out items of a source."""
        first, labels = self.n_train[source], self.stimuli.libraries[source].labels
        items = np.flatnonzero(labels == digit)
        return items[items < first] if split == "train" else items[items >= first]

    def rates(self, source: str, split: Split) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Rates (n, n_inputs of all frames) in Hz and digits (n,) of the items of a split."""
        library, first = self.stimuli.libraries[source], self.n_train[source]
        part = slice(None, first) if split == "train" else slice(first, None)
        return library.rates[part].reshape(len(library.labels[part]), -1), library.labels[part]

    def draw(
        self,
        n: int,
        split: Split,
        rng: np.random.Generator,
        sources: Sequence[str] = SOURCES,
    ) -> tuple[dict[str, NDArray[np.int64]], NDArray[np.int64]]:
        """``n`` random presentations of a split in which ``sources`` show the same digit and the others are silent.

        Returns
        -------
        items : dict of str to (n,) int array
        digits : (n,) int array
        """
        digits = rng.choice(self.digits, size=n)
        items = {source: np.full(n, SILENCE, dtype=np.int64) for source in self.stimuli.libraries}
        for source in sources:
            for digit in self.digits:
                these = digits == digit
                items[source][these] = rng.choice(self.items(source, split, digit), size=int(these.sum()))
        return items, digits


def first_of_each(labels: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Indices of the first ``most`` items of each class, in their order: those of an image library."""
    return np.sort(np.concatenate([np.flatnonzero(labels == label)[:most] for label in np.unique(labels)]))
