"""How images and sounds become spikes of the inputs of the association network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from spikingsampling.data import ImageSet, SpeechSet
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.simulation.encoding import (
    CochleagramParameters,
    EdgeParameters,
    FrontEnd,
    cochleagram,
    edge_maps,
    equalise,
    rates,
    spectral_edges,
    upright,
)
from spikingsampling.simulation.stimuli import Library
from spikingsampling.units import Frequency, Number, Time

__all__ = [
    "IMAGE_AXES",
    "SOUND_AXES",
    "Split",
    "Stimulation",
    "first_of_each",
    "grey_images",
    "image_library",
    "image_patterns",
    "sound_library",
    "sound_patterns",
]

Split = Literal["train", "test"]
#: What lies along the columns and rows of what the visual inputs see.
IMAGE_AXES = {
    "pixels": ("column (pixel)", "row (pixel)"),
    "edges": ("column (patch)", "row (patch)"),
}
#: The same of what the auditory inputs hear.
SOUND_AXES = {
    "levels": ("time (frame)", "frequency (channel)"),
    "edges": ("time (frame)", "channel (rise, fall)"),
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
    sound_inputs: Literal["levels", "edges"] = Field(
        "levels",
        description="what the auditory inputs are: levels of channels, or where they rise and fall over frequency",
    )
    sound: Literal["static", "streamed"] = Field(
        "static",
        description="all frames at once on inputs of their own, or one after another on the same channels",
    )
    sound_frames: int = Field(8, ge=1, le=100, description="frames of a sound in a presentation")
    cochleagram: CochleagramParameters = CochleagramParameters()
    max_images: int = Field(1000, ge=2, description="training images per digit at most")

    @model_validator(mode="after")
    def _check_channels(self) -> Stimulation:
        if self.sound_inputs == "edges" and self.cochleagram.n_channels < 3:
            raise ValueError(
                f"cochleagram.n_channels = {self.cochleagram.n_channels}: must be at least 3 with "
                "sound_inputs = 'edges'"
            )
        return self


def image_patterns(images: NDArray[np.floating], stimulation: Stimulation) -> NDArray[np.float64]:
    """What the visual inputs see of images (n, height, width): patterns (n, rows, columns) in [0, 1]."""
    grey = grey_images(images, stimulation)
    return edge_maps(grey, stimulation.edges) if stimulation.image_front_end == "edges" else grey


def sound_patterns(
    waveforms: Sequence[NDArray[np.floating]], sample_rate: float, stimulation: Stimulation
) -> NDArray[np.float64]:
    """What the auditory inputs hear of sounds: patterns (n, frames, channels) in [0, 1]."""
    levels = np.array(
        [
            cochleagram(
                stimulation.front_end,
                waveform,
                sample_rate,
                stimulation.cochleagram,
                n_frames=stimulation.sound_frames,
            )
            for waveform in waveforms
        ]
    )
    return spectral_edges(levels) if stimulation.sound_inputs == "edges" else levels


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
        patterns = sound_patterns(speech[split].waveforms, speech[split].sample_rate, stimulation)
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


def first_of_each(labels: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Indices of the first ``most`` items of each class, in their order: those of an image library."""
    return np.sort(np.concatenate([np.flatnonzero(labels == label)[:most] for label in np.unique(labels)]))
