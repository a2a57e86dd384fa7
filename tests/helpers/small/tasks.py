"""A task of the association experiment with a dozen items, each of which can be told apart."""

from __future__ import annotations

import numpy as np

from spikingsampling.data import ImageSet, SpeechSet
from spikingsampling.models.association import AUDITORY, VISUAL, AssociationTask, Stimulation
from spikingsampling.simulation.response import Response

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


def response_of(
    task: AssociationTask,
    codes: dict[str, dict[int, int]],
    split: str,
    sources: tuple[str, ...],
    snapshots: dict | None = None,
) -> Response:
    """60 presentations in which the neuron of each population that ``codes`` names for a digit fires three times.

    Before these three spikes, within the first 40 ms, comes one of the other neuron.
    """
    items, digits = task.draw(60, split, np.random.default_rng(7), sources)
    onset = np.repeat(np.arange(60) * 0.2, 4)
    since = np.tile([0.01, 0.05, 0.1, 0.15], 60)
    first = np.tile([True, False, False, False], 60)
    spikes = {}
    for population, code in codes.items():
        right = np.repeat([code[d] for d in digits], 4)
        spikes[population] = (5.0 + onset + since, np.where(first, 1 - right, right))
    return Response(digits, items, 5.0, 0.2, spikes, {VISUAL: 2, AUDITORY: 2}, snapshots or {})
