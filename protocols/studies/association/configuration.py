"""What the experiments with the association network share: their settings, and how data become a task."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from spikingsampling.data import (
    ClassName,
    ImageSet,
    ImageSoundData,
    SpeechSet,
    load_images,
    load_speech,
    speakers_of,
)
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.models.association import (
    MODALITIES,
    AssociationParameters,
    AssociationTask,
    Stimulation,
    association_network,
)
from spikingsampling.models.association.splits import Evaluation, hold_out_images, hold_out_speech
from spikingsampling.models.association.stimulation import first_of_each, grey_images
from spikingsampling.network.description import Network
from spikingsampling.parameters import quantity
from spikingsampling.recording.settings import Recording
from spikingsampling.units import Time

__all__ = [
    "CLASSES",
    "EVALUATION",
    "ONE_SPEAKER",
    "SMOKE",
    "AssociationConfiguration",
    "load_grey_images",
    "load_task",
    "make_network",
    "make_task",
]


#: What the presets `smoke` share: little data, and one network, so that it is compiled once for all of them.
SMOKE: dict[str, Any] = {
    "max_speakers": 1,
    "training": "20 s",
    "segment": "10 s",
    "network": {"n_circuits": 2, "circuit_size": 4},
    "stimulation": {"max_images": 20},
    "recording": {"snapshot_period": "10 s"},
}
#: Published data of one speaker.
ONE_SPEAKER: dict[str, Any] = {"data": "real", "speakers": ["jackson"]}

#: What is associated.
CLASSES: Any = Field(
    (1, 2), min_length=2, description="the digits to associate, or the names of classes of your own data"
)
#: The items that tests show.
EVALUATION: Any = Field(
    "test",
    description="items that tests show: the test split, or a validation split of the training data, on which settings "
    "are chosen",
)


class AssociationConfiguration(ProtocolConfiguration):
    """Settings of an experiment with the association network."""

    data: ImageSoundData = ImageSoundData()
    digits: tuple[ClassName, ...] = CLASSES
    speakers: tuple[str, ...] | None = Field(
        None, description="speakers to train and test with; none for all"
    )
    max_speakers: int | None = Field(None, ge=1, description="the first of these only; none for all")
    training: Time = quantity(
        "30 min", "simulated time of training", low="10 s", high="1000 h", dimension="time"
    )
    skip: Time = quantity(
        "80 ms",
        "start of each presentation that is not counted, in which the one before still acts",
        low="0 s",
        high="1 s",
        dimension="time",
    )
    segment: Time = quantity("60 s", "time between checkpoints", low="1 s", high="1 h", dimension="time")
    stimulation: Stimulation = Stimulation()
    evaluation: Evaluation = EVALUATION
    network: AssociationParameters = AssociationParameters()
    recording: Recording = Recording(snapshot_period="10 min")

    def pinned(self) -> Self:
        """The same settings with the hash of the user's own data."""
        return self.replace(data=self.data.pinned(self.digits))

    def heard(self) -> tuple[str, ...] | None:
        """The speakers that the settings name; None for all."""
        if self.max_speakers is None:
            return self.speakers
        return (self.speakers or speakers_of(self.data, self.digits))[: self.max_speakers]

    def speech(self, split: str) -> SpeechSet:
        """The sounds that the settings name."""
        return load_speech(self.data, split, self.digits, self.heard())

    def with_temperature(self, temperature: float) -> Self:
        """The same settings at another temperature."""
        circuit = self.network.circuit.replace(temperature=temperature)
        return self.replace(network=self.network.replace(circuit=circuit))


def make_task(configuration: AssociationConfiguration) -> AssociationTask:
    """Load and encode the data that a configuration names."""
    c = configuration
    return load_task(c.data, c.digits, c.heard(), c.evaluation, c.stimulation)


def load_task(
    data: ImageSoundData,
    digits: tuple[ClassName, ...],
    speakers: tuple[str, ...] | None,
    evaluation: Evaluation,
    stimulation: Stimulation,
) -> AssociationTask:
    """Load and encode images and sounds of some digits; tests show items of the split ``evaluation``."""
    shown_images = _load_images(data, digits, evaluation, stimulation)
    speech = load_speech(data, "train", digits, speakers)
    if evaluation == "validation" and data.sounds is None:
        shown_sounds = hold_out_speech(speech)
    else:
        shown_sounds = speech, load_speech(data, evaluation, digits, speakers)
    splits = (dict(zip(("train", "test"), parts, strict=True)) for parts in (shown_images, shown_sounds))
    return AssociationTask.make(digits, *splits, stimulation)


def _load_images(
    data: ImageSoundData, digits: tuple[ClassName, ...], evaluation: Evaluation, stimulation: Stimulation
) -> tuple[ImageSet, ImageSet]:
    """Images for training and for tests."""
    images = load_images(data, "train", digits)
    # The user's own data have a part for validation; of the others it is taken from what is for training.
    if evaluation == "validation" and data.images is None:
        return hold_out_images(images, stimulation.max_images)
    return images, load_images(data, evaluation, digits)


def load_grey_images(configuration: AssociationConfiguration, items: ArrayLike) -> NDArray[np.float64]:
    """Images (n, height, width) of items (n,) of the task's image library, as grey values before the front end."""
    c = configuration
    sets = _load_images(c.data, c.digits, c.evaluation, c.stimulation)
    grey = [each.images[first_of_each(each.labels, c.stimulation.max_images)] for each in sets]
    return grey_images(np.concatenate(grey)[items], c.stimulation)


def make_network(configuration: AssociationConfiguration, task: AssociationTask) -> Network:
    """The network that fits the stimuli of a task."""
    n_visual, n_auditory = (task.stimuli.libraries[f"{name}_input"].rates.shape[2] for name in MODALITIES)
    return association_network(configuration.network, n_visual, n_auditory)
