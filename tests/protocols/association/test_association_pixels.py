"""Images in pixels, estimated from edges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread
from PIL import Image

from helpers.runs.association_runs import SMOKE
from spikingsampling.models.association import AssociationParameters, association_network
from spikingsampling.models.association.stimulation import image_patterns
from spikingsampling.protocols.association.association import PROTOCOL
from spikingsampling.protocols.studies.association.configuration import load_grey_images, make_task
from spikingsampling.protocols.studies.association.figures import EDGES as EDGE_CAPTIONS
from spikingsampling.protocols.studies.association.pixels import estimate_pixels, neuron_patterns
from spikingsampling.simulation.encoding import equalise, rates

EDGES = {"image_front_end": "edges", "upright": True}


@pytest.mark.parametrize("evaluation", ["test", "validation"])
def test_grey_images_are_those_that_the_front_end_gets(evaluation: str) -> None:
    c = PROTOCOL.configure("smoke", {"stimulation": EDGES, "evaluation": evaluation})
    task = make_task(c)
    library, n_train = task.stimuli.libraries["visual_input"], task.n_train["visual_input"]
    items = np.array([n_train + 3, 0, n_train - 1, n_train])
    seen = c.stimulation.replace(upright=False)  # they are upright already
    patterns = image_patterns(load_grey_images(c, items), seen).reshape(len(items), -1)
    expected = rates(
        equalise(patterns, c.stimulation.image_activity), c.stimulation.silent_rate, c.stimulation.image_rate
    )
    np.testing.assert_allclose(library.rates[items, 0], expected)


def test_the_estimate_is_fitted_to_training_images_in_any_unit() -> None:
    c = PROTOCOL.configure("smoke", {"stimulation": EDGES})
    task = make_task(c)
    estimate = estimate_pixels(c, task)
    patterns, digits = task.rates("visual_input", "train")
    np.testing.assert_array_equal(estimate.training, load_grey_images(c, np.arange(len(digits))))
    assert estimate.picture.shape == (28, 28)
    guesses = estimate.images(patterns)
    np.testing.assert_allclose(estimate.images(patterns / 70), guesses)
    truth = estimate.training.reshape(guesses.shape)
    # With an offset of its own the estimate has the mean of the training images, and it comes closer than their mean.
    np.testing.assert_allclose(guesses.mean(axis=0), truth.mean(axis=0), atol=1e-9)
    assert np.sum((guesses - truth) ** 2) < np.sum((truth - truth.mean(axis=0)) ** 2)


def test_a_neuron_stands_for_what_its_spike_reconstructs() -> None:
    network = association_network(AssociationParameters(n_circuits=1, circuit_size=2), 3, 2)
    p, projection = network.parameters, network.projection("visual_input_to_visual")
    theta = {projection.name: np.linspace(1, 3, 6)}
    weights = np.empty((3, 2))
    weights[projection.pre_index, projection.post_index] = np.exp(theta[projection.name] - p.theta_0)
    expected = np.minimum(p.alpha * np.exp(weights), p.alpha_cap)
    np.testing.assert_allclose(neuron_patterns(network, theta), expected.T)


def test_edges_are_drawn_in_pixels_too(command: Any) -> None:
    settings = (
        "training=10 s",
        *(f"stimulation.{name}={str(value).lower()}" for name, value in EDGES.items()),
    )
    code, _, err = command(*SMOKE, *(part for s in settings for part in ("--set", s)), "--out", "run")
    assert code == 0, err
    for name in ("receptive_fields_visual", "receptive_fields_visual_pixels", "reconstructions_from_image"):
        drawn = np.any(imread(f"run/figures/{name}.png")[..., :3] < 0.9, axis=-1)
        edges = np.concatenate([drawn[0], drawn[-1], drawn[:, 0], drawn[:, -1]])
        assert not edges.any(), name  # nothing reaches the edge of the page, where it would be cut


@pytest.mark.parametrize("edges", ["visual", "auditory"])
def test_captions_say_which_inputs_are_edges(edges: str, command: Any) -> None:
    setting = {"visual": "image_front_end", "auditory": "sound_inputs"}[edges]
    code, _, err = command(
        *SMOKE, "--set", "training=10 s", "--set", f"stimulation.{setting}=edges", "--out", "run"
    )
    assert code == 0, err
    for name in ("visual", "auditory"):
        with Image.open(f"run/figures/receptive_fields_{name}.png") as figure:
            caption = figure.text["Description"]
        told = [inputs for inputs, text in EDGE_CAPTIONS.items() if text in caption]
        assert told == ([name] if name == edges else [])
