"""The task of the association network: pairs of an image and a sound of the same digit or class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spikingsampling.data import IMAGE_SHAPE, ClassName, ImageSet, SpeechSet, class_labels
from spikingsampling.errors import DataError
from spikingsampling.models.association.stimulation import (
    IMAGE_AXES,
    SOUND_AXES,
    Split,
    Stimulation,
    image_library,
    image_patterns,
    sound_library,
)
from spikingsampling.simulation.stimuli import SILENCE, Stimuli

__all__ = ["SOURCES", "AssociationTask"]

SOURCES = ("visual_input", "auditory_input")


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
    sound_shape : (int, int)
        Frames and channels of what the auditory inputs hear at a time.
    sound_axes : (str, str)
        What lies along these.
    """

    digits: tuple[int, ...]
    stimuli: Stimuli
    n_train: dict[str, int]
    names: dict[int, str] = field(default_factory=dict)
    image_shape: tuple[int, int] = IMAGE_SHAPE
    image_axes: tuple[str, str] = IMAGE_AXES["pixels"]
    orientations: int = 0
    sound_shape: tuple[int, int] = (1, 1)
    sound_axes: tuple[str, str] = SOUND_AXES["levels"]

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
        front_end, heard = stimulation.image_front_end, stimulation.sound_frames // n_frames
        task = cls(
            tuple(names),
            stimuli,
            n_train,
            names,
            image_shape=(height, width),
            image_axes=IMAGE_AXES[front_end],
            orientations=stimulation.edges.orientations if front_end == "edges" else 0,
            sound_shape=(heard, libraries["auditory_input"].rates.shape[2] // heard),
            sound_axes=SOUND_AXES[stimulation.sound_inputs],
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
