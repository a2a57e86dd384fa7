"""Yardsticks of the spiking network: clusters of k-means that recall each other, and a linear classifier."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.models.association import AssociationTask
from spikingsampling.protocols.studies.association.clusters import (
    ClusterMemory,
    analog_patterns,
    measure_ceiling,
    measure_clusters,
)
from spikingsampling.protocols.studies.association.memories import Presentations
from spikingsampling.simulation.stimuli import Library, Stimuli

SEED = np.random.SeedSequence(0)
CORNERS = {
    "visual": np.array([[0.0, 9, 0], [9, 0, 0], [0, 9, 9]]),
    "auditory": np.array([[0.0, 5, 0, 0], [5, 0, 0, 0], [0, 0, 9, 9]]),
}


def task(noise: float) -> AssociationTask:
    """Three classes: 60 noisy copies of a corner each, the first half for training."""
    rng, labels = np.random.default_rng(1), np.arange(60) % 3
    libraries = {
        f"{name}_input": Library(
            (corners[labels] + noise * rng.random((60, corners.shape[1])))[:, None], labels
        )
        for name, corners in CORNERS.items()
    }
    stimuli = Stimuli(libraries, frame_period=0.2)
    return AssociationTask((0, 1, 2), stimuli, dict.fromkeys(libraries, 30))


def draw(task: AssociationTask, n: int, split: str, seed: int) -> Presentations:
    items, labels = task.draw(n, split, np.random.default_rng(seed))
    return Presentations({}, {name: items[f"{name}_input"] for name in CORNERS}, labels)


def test_clusters_of_distinct_classes_recall_each_other_without_error():
    each = task(0.1)
    training, testing = draw(each, 300, "train", 1), draw(each, 50, "test", 2)
    memory = ClusterMemory(2, 3, SEED)
    memory.learn(analog_patterns(each, training))
    assert measure_clusters(memory, each, training, testing) == {
        "audio_to_visual.accuracy": 1,
        "audio_to_visual.reconstruction_accuracy": 1,
        "visual_to_audio.accuracy": 1,
        "visual_to_audio.reconstruction_accuracy": 1,
        "joint.visual_accuracy": 1,
    }
    assert set(measure_ceiling(each, training, testing).values()) == {1}


@pytest.mark.parametrize(("cue", "silent"), [("auditory", "visual"), ("visual", "auditory")])
def test_the_silent_clusters_have_the_probabilities_of_naive_bayes(cue: str, silent: str):
    # Two clusters a modality, seen together 6, 2, 1 and 3 times: (visual, auditory) = (0, 0), (0, 1), (1, 0), (1, 1).
    visual = np.repeat([0, 0, 1, 1], [6, 2, 1, 3])
    auditory = np.repeat([0, 1, 0, 1], [6, 2, 1, 3])
    patterns = {"visual": 10.0 * visual[:, None], "auditory": 10.0 * auditory[:, None]}
    memory = ClusterMemory(1, 2, SEED)
    memory.learn(patterns)
    together = np.array([[7.0, 3], [2, 4]])  # and one each
    alone = {"visual": np.array([9.0, 5]), "auditory": np.array([8.0, 6])}[silent]  # and one each
    if silent == "auditory":
        together = together.T
    given = together / together.sum(axis=1, keepdims=True)  # rows are the silent cluster
    asked = {cue: np.array([[0.0], [10.0]]), silent: np.zeros((2, 1))}
    joint = alone[:, None] * given
    expected_pattern = 10 * joint[1] / joint.sum(axis=0)
    response = memory.respond(asked, cue)[silent]
    # The numbering of clusters is k-means's own; the expected pattern does not depend on it.
    assert memory.reconstruct(silent, response)[:, 0] == pytest.approx(expected_pattern, abs=1e-12)


def test_presentations_show_the_rates_of_their_items():
    each = task(1.0)
    shown = draw(each, 5, "test", 3)
    rates, _ = each.rates("auditory_input", "test")
    assert np.array_equal(analog_patterns(each, shown)["auditory"], rates[shown.items["auditory"] - 30])
