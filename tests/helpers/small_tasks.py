"""A task of the association experiment with a dozen items, each of which can be told apart."""

from __future__ import annotations

import numpy as np

from spikingsampling.data import ImageSet, SpeechSet
from spikingsampling.models.association.task import AssociationTask, Stimulation

SOURCES = ("visual_input", "auditory_input")
SPLITS = ("train", "test")
RATE = 8000


def image_set(per_digit: dict[int, int], first: float) -> ImageSet:
    """Images that can be told apart by their first pixel."""
    labels = np.repeat(list(per_digit), list(per_digit.values()))
    images = np.zeros((len(labels), 28, 28))
    images[:, 10:14, 10:14] = 0.9
    images[:, 0, 0] = first + np.arange(len(labels)) / 1000
    return ImageSet(images, labels, "test images")


def speech_set(per_digit: dict[int, int], seed: int) -> SpeechSet:
    """Noisy tones, one frequency per digit."""
    labels = np.repeat(list(per_digit), list(per_digit.values()))
    rng, t = np.random.default_rng(seed), np.arange(1600) / RATE
    waves = [
        0.5 * np.sin(2 * np.pi * 300 * (1 + label) * t) + 0.05 * rng.standard_normal(t.size)
        for label in labels
    ]
    n = len(labels)
    return SpeechSet(tuple(waves), RATE, labels, np.full(n, "anna"), np.arange(n), "test speech")


IMAGES = {"train": image_set({1: 4, 2: 3}, 0.1), "test": image_set({1: 2, 2: 3}, 0.5)}
SPEECH = {"train": speech_set({1: 3, 2: 5}, 1), "test": speech_set({1: 2, 2: 2}, 2)}


def make_task(**settings: object) -> AssociationTask:
    plain = {"image_rate": "100 Hz", "sound_rate": "100 Hz", "sound_activity": 0}
    return AssociationTask.make((1, 2), IMAGES, SPEECH, Stimulation(**{**plain, **settings}))
