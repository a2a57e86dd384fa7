"""What is measured of the association network, on responses and arrays made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers.small.tasks import SOURCES, make_task, response_of
from spikingsampling.analysis import Reconstruction
from spikingsampling.models.association import (
    AUDITORY,
    MODALITIES,
    VISUAL,
    AssociationParameters,
    AssociationTask,
    ModalityReconstruction,
    association_network,
    feedforward_weights,
    population_selectivity,
    readout_accuracies,
    recall_confusions,
    reconstruct_modality,
)
from spikingsampling.network.parameters import SynapseConstants
from spikingsampling.simulation.response import Response


@pytest.fixture(scope="module")
def task() -> AssociationTask:
    return make_task()


def test_readouts_are_fitted_to_training_and_tested_on_each_modality(task: AssociationTask) -> None:
    """Every population answers in another way in each test."""
    same, swapped, always = {1: 0, 2: 1}, {1: 1, 2: 0}, {1: 0, 2: 0}
    tests = {
        "training": (same, swapped, "train", SOURCES),
        "joint": (same, always, "test", SOURCES),
        "auditory": (always, same, "test", SOURCES[1:]),
        "visual": (swapped, swapped, "test", SOURCES[:1]),
    }
    responses = {
        name: response_of(task, {VISUAL: visual, AUDITORY: auditory}, split, sources)
        for name, (visual, auditory, split, sources) in tests.items()
    }
    ones = float(np.mean(responses["joint"].labels == 1))
    assert ones != 0.5
    accuracies = readout_accuracies(responses, 0.04)
    # Held-out sounds: four; held-out images: five.
    expected = {
        "visual.own_accuracy": (0.0, 5),
        "audio_to_visual.accuracy": (ones, 4),
        "joint.visual_accuracy": (1.0, 5),
        "visual_to_audio.accuracy": (1.0, 5),
        "auditory.own_accuracy": (0.0, 4),
        "joint.auditory_accuracy": (1 - ones, 4),
    }
    assert accuracies.keys() == expected.keys()
    for name, (right, n_stimuli) in expected.items():
        assert accuracies[name].value == pytest.approx(right), name
        assert (accuracies[name].n, accuracies[name].n_stimuli) == (60, n_stimuli), name
    # Row: shown. The visual neurons say 1 to all sounds, the auditory ones name both images.
    confusions = recall_confusions(responses, 0.04, (2, 1))
    np.testing.assert_array_equal(confusions["audio_to_visual"], [[0, 1], [0, 1]])
    np.testing.assert_array_equal(confusions["visual_to_audio"], np.eye(2))
    # Only the populations and the tests that are asked for.
    del responses["joint"]
    assert [*readout_accuracies(responses, 0.04, (AUDITORY,))] == [
        "visual_to_audio.accuracy",
        "auditory.own_accuracy",
    ]


@pytest.mark.parametrize("sound", ["static", "streamed"])
def test_neurons_whose_weights_are_the_class_means_reconstruct_them(sound: str) -> None:
    task = make_task(sound=sound, image_activity=0)
    n_visual, n_auditory = (task.stimuli.libraries[source].rates.shape[2] for source in SOURCES)
    parameters = AssociationParameters(n_circuits=1, circuit_size=2)
    network = association_network(parameters, n_visual, n_auditory)
    p = network.parameters
    code = {1: 0, 2: 1}
    theta = {}
    for name in MODALITIES:
        rates, digits = task.rates(f"{name}_input", "train")
        means = np.array([rates[digits == digit].mean(axis=0) for digit in (1, 2)])
        means = means.reshape(2, -1, network.source(f"{name}_input").size).mean(axis=1)
        x = 0.2 + 0.005 * means  # the PSPs that a learnt neuron expects, α e^w
        weights = np.log(x / p.alpha).T  # (n_inputs, 2)
        projection = network.projection(f"{name}_input_to_{name}")
        theta[projection.name] = p.theta_0 + np.log(weights[projection.pre_index, projection.post_index])
    np.testing.assert_allclose(
        feedforward_weights(network, theta, VISUAL)[:, 0],
        np.exp(theta["visual_input_to_visual"][:784] - 3),
    )
    for name, shown in (("audio_to_visual", AUDITORY), ("visual_to_audio", VISUAL)):
        response = response_of(task, {VISUAL: code, AUDITORY: code}, "test", (f"{shown}_input",))
        reconstruction = reconstruct_modality(name, task, network, theta, response, 0.04)
        np.testing.assert_allclose(reconstruction.judged.right, 1)
        found = reconstruction.metrics(name)
        assert found[f"{name}.reconstruction_correlation"] == pytest.approx(1)
        assert found[f"{name}.reconstruction_correlation_wrong"] < 1
        assert found[f"{name}.reconstruction_accuracy"] == 1
        np.testing.assert_array_equal(reconstruction.cues, response.items[f"{shown}_input"])
        # Spikes of the other digit, counted when nothing is skipped, blur the picture.
        assert reconstruct_modality(name, task, network, theta, response, 0.0).judged.right.max() < 1 - 1e-9
        # The expected PSP is α e^w with the α of the projection.
        own = [replace(p, constants=SynapseConstants(alpha=1e-3)) for p in network.projections]
        scaled = reconstruct_modality(name, task, replace(network, projections=own), theta, response, 0.04)
        ratio = 1e-3 / network.parameters.alpha
        np.testing.assert_allclose(scaled.patterns, ratio * reconstruction.patterns, rtol=1e-12)


def test_selectivity_is_that_of_the_counted_spikes() -> None:
    """Neuron 0 fires twice for class 3, neuron 1 once for class 5; two spikes in the first 50 ms are not counted."""
    times = np.array([0.01, 0.06, 0.1, 0.22, 0.26])
    neurons = np.array([1, 0, 0, 0, 1])
    response = Response(
        np.array([3, 5]), {}, 2.0, 0.2, {"a": (2.0 + times, neurons), "b": (times[:0], neurons[:0])}, {"a": 2}
    )
    tuning = population_selectivity(response, "a", 0.05)
    np.testing.assert_array_equal(tuning.means, [[2, 0], [0, 1]])
    assert tuning.preferred.tolist() == [3, 5]


def test_how_often_a_reconstruction_is_closest_to_its_digit() -> None:
    """Four presentations: right, wrong, as close to both, and none reconstructed."""
    judged = Reconstruction(np.array([0.9, 0.3, 0.5, np.nan]), np.array([0.2, 0.6, 0.5, np.nan]))
    patterns = np.array([[1.0, 2.0], [3.0, 5.0], [10.0, 20.0], [0.0, 1.0]])
    reconstruction = ModalityReconstruction(patterns, np.array([4, 7, 4, 7]), np.arange(4), judged)
    found = reconstruction.metrics("audio_to_visual")
    assert found == pytest.approx(
        {
            "audio_to_visual.reconstruction_correlation": 1.7 / 3,
            "audio_to_visual.reconstruction_correlation_wrong": 1.3 / 3,
            "audio_to_visual.reconstruction_accuracy": 0.25,
        }
    )
    np.testing.assert_array_equal(reconstruction.class_mean(4), [5.5, 11])
    np.testing.assert_array_equal(reconstruction.class_mean(7), [1.5, 3])
