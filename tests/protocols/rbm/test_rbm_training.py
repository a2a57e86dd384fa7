"""Training with measurements, patterns and settings of the experiments with restricted Boltzmann machines."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.small.trainings import Counter, image_like, training
from spikingsampling.data import load_images, load_speech
from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.experiment import discovery
from spikingsampling.inference.priors import GaussianMixturePrior, UniformPrior
from spikingsampling.models.rbm import RBM
from spikingsampling.protocols.studies.rbm.configuration import RBMSettings, bimodal, trimodal
from spikingsampling.protocols.studies.rbm.patterns import (
    Patterns,
    audio_levels,
    encode,
    image_patterns,
    mean_pattern_error,
    pictures,
    subsample,
)
from spikingsampling.protocols.studies.rbm.training import (
    pixel_probes,
    presentation_order,
    reconstruction_error,
    train,
)
from spikingsampling.simulation.encoding import CochleagramParameters, mel_cochleagram


def numbered(n: int) -> Patterns:
    return Patterns(np.arange(float(n))[:, np.newaxis], np.arange(3.0)[:, np.newaxis])


def test_training_measures_before_and_after_and_at_events():
    seen = []
    model = RBM(2, random_state=0).initialise(784)
    trajectory = train(
        model,
        image_like(),
        50,
        20,
        np.random.default_rng(1),
        probes=pixel_probes([(0, 1), (27, 26)]),
        events={30: lambda machine: seen.append(machine.visible_bias_[1])},
    )
    assert trajectory.steps == [0, 20, 30, 30, 40, 50]
    weights, biases = trajectory.probe("weights"), trajectory.probe("biases")
    assert weights.shape == (6, 2, 2)
    np.testing.assert_array_equal(weights[-1], model.weights_[:, [1, 782]].T)
    np.testing.assert_array_equal(biases[-1], model.visible_bias_[[1, 782]])
    np.testing.assert_array_equal(trajectory.probe("hidden_biases")[-1], model.hidden_bias_)
    assert biases[2, 0] == seen[0] == biases[3, 0]
    assert trajectory.probe("high_biases")[-1] == (model.visible_bias_ > -1).sum()
    longer = train(model, image_like(), 10, 20, np.random.default_rng(1), trajectory=trajectory)
    assert longer.steps == [0, 20, 30, 30, 40, 50, 50, 60]


def test_biases_above_minus_one_are_counted():
    model = RBM(2, random_state=0).initialise(784)
    model.visible_bias_ = np.full(784, -2.0)
    model.visible_bias_[:3] = [-1.0, -0.999, 5.0]
    assert pixel_probes([(0, 0)])["high_biases"](model) == 2


def test_errors_are_those_of_the_model_at_that_time():
    """The model is wrong by the number of images that it was shown."""
    trajectory = train(Counter(), numbered(8), 20, 7, np.random.default_rng(0))
    assert trajectory.steps == [0, 7, 14, 20]
    assert trajectory.test_error == trajectory.train_error == [0.0, 7.0, 14.0, 20.0]


def test_training_and_held_out_errors_are_not_exchanged():
    class Wrong(Counter):
        def reconstruct(self, X, rng):
            return X - len(X)

    trajectory = train(Wrong(), numbered(8), 1, 1, np.random.default_rng(0))
    assert trajectory.train_error == [8.0, 8.0]
    assert trajectory.test_error == [3.0, 3.0]


def test_events_change_the_model_between_two_measurements():
    model = Counter()
    trajectory = train(
        model, numbered(8), 6, 4, np.random.default_rng(0), events={5: lambda each: each.shown.clear()}
    )
    assert trajectory.steps == [0, 4, 5, 5, 6]
    assert trajectory.test_error == [0.0, 4.0, 5.0, 0.0, 1.0]


def test_every_image_is_shown_once_per_pass():
    model = Counter()
    train(model, numbered(8), 20, 7, np.random.default_rng(0))
    assert sorted(model.shown[:8]) == sorted(model.shown[8:16]) == list(range(8))
    assert model.shown[:8] != model.shown[8:16]
    assert len(model.shown) == 20
    assert model.shown == presentation_order(8, 20, np.random.default_rng(0)).tolist()
    assert len(presentation_order(8, 8, np.random.default_rng(0))) == 8


def test_the_error_at_a_time_is_the_one_measured_last():
    trajectory = training([0.0] * 4, [0.9, 0.5, 0.7, 0.2], [0, 10, 10, 20])
    assert [trajectory.error_at(step) for step in (0, 9, 10, 19, 20, 99)] == [0.9, 0.9, 0.7, 0.7, 0.2, 0.2]


def test_error_is_the_mean_difference_of_drawn_reconstructions():
    model, x = RBM(3, random_state=2).fit(image_like().train), image_like().test
    rng = np.random.default_rng(3)
    drawn = []
    for _ in range(60):
        z = (rng.random((len(x), 3)) < model.transform(x)).astype(float)
        drawn.append(np.abs(x - (rng.random(x.shape) < model.visible_mean(z))).mean())
    ours = [reconstruction_error(model, x, rng) for _ in range(60)]
    error = np.hypot(np.std(drawn), np.std(ours)) / np.sqrt(60)
    assert abs(np.mean(drawn) - np.mean(ours)) < 4 * error


def test_images_are_on_with_the_probability_of_their_grey_value():
    grey = load_images("embedded", "train", [3]).images.reshape(-1, 784)
    draws = np.mean(
        [image_patterns("embedded", [3], np.random.default_rng(i)).train for i in range(20)], axis=0
    )
    deviation = (draws - grey).sum() / np.sqrt((grey * (1 - grey)).sum() / 20)
    assert abs(deviation) < 4
    assert not draws[grey == 0].any()
    assert draws[grey == 1].all()


def test_both_parts_of_the_data_are_their_own():
    patterns = image_patterns("embedded", [3], np.random.default_rng(0))
    for part, split in ((patterns.train, "train"), (patterns.test, "test")):
        assert len(part) == len(load_images("embedded", split, [3]).images)
    parameters = CochleagramParameters(n_channels=7, n_frames=2)
    levels = audio_levels("embedded", [1], parameters)
    for part, split in ((levels.train, "train"), (levels.test, "test")):
        speech = load_speech("embedded", split, [1])
        expected = mel_cochleagram(speech.waveforms[0], speech.sample_rate, parameters)
        np.testing.assert_array_equal(part[0], expected.ravel())
        assert part.shape == (len(speech.waveforms), 14)


def test_at_most_500_examples_are_measured_evenly_spread():
    many = subsample(np.arange(1999.0))
    assert len(many) == 500
    assert (many[0], many[1], many[250], many[-1]) == (0, 4, 1001, 1998)
    assert len(subsample(np.arange(500.0))) == 500
    assert len(subsample(np.arange(501.0))) == 500


def test_pictures_have_the_shape_of_images():
    first, second = pictures(np.arange(1568.0).reshape(2, 784))
    assert first[1, 0] == 28.0
    assert second[27, 27] == 1567.0
    assert pictures(np.arange(6.0).reshape(1, 6), (-1, 2))[0].shape == (3, 2)


def test_codes_of_sounds():
    levels = Patterns(np.array([[0.1, 0.9], [0.3, 0.9], [0.8, 0.9]]), np.array([[0.4, 0.86], [0.2, 0.88]]))
    np.testing.assert_array_equal(encode(levels, "threshold", 0.87).test, [[0, 0], [0, 1]])
    np.testing.assert_array_equal(encode(levels, "threshold", 0.3).train[:, 0], [0, 0, 1])
    np.testing.assert_array_equal(encode(levels, "median", 0.87).test, [[1, 0], [0, 0]])
    np.testing.assert_array_equal(encode(levels, "median", 0.87).train, [[0, 0], [0, 0], [1, 0]])
    gaussian = encode(levels, "gaussian", 0.87)
    sd = np.sqrt(0.26 / 3)  # of 0.1, 0.3, 0.8 about 0.4
    np.testing.assert_allclose(gaussian.train[:, 0], [-0.3 / sd, -0.1 / sd, 0.4 / sd])
    np.testing.assert_allclose(gaussian.test[:, 0], [0, -0.2 / sd], atol=1e-12)
    np.testing.assert_allclose(gaussian.test[:, 1], [-40, -20])  # the second input never varies
    with pytest.raises(UnknownNameError, match="unknown code 'medien'; did you mean 'median'"):
        encode(levels, "medien", 0.87)


def test_error_of_the_mean_training_pattern():
    patterns = Patterns(np.array([[0.0, 1], [0, 1], [1, 1]]), np.array([[1.0, 0]]))
    assert mean_pattern_error(patterns) == pytest.approx((2 / 3 + 1) / 2)


def test_settings():
    settings = RBMSettings(prior=bimodal(0.15), n_hidden=4)
    assert settings.prior == GaussianMixturePrior((0.5, 0.5), (0.0, 1.0), (0.15, 0.15))
    three = RBMSettings(prior=trimodal(0.2)).prior
    assert three == GaussianMixturePrior((1 / 3, 1 / 3, 1 / 3), (0.0, 0.5, 1.0), (0.2, 0.2, 0.2))
    assert isinstance(RBMSettings().prior, UniformPrior)
    assert RBMSettings(**settings.to_mapping()) == settings
    model = settings.machine(6, np.random.SeedSequence(1), mode="map")
    assert (model.n_hidden, model.mode, model.k, model.eta, model.n_examples) == (4, "map", 5, 1e-4, 100.0)
    assert (model.temperature, model.persistent, model.prior) == (1.0, False, settings.prior)
    assert model.weights_.shape == (4, 6)
    changed = {"eta": 2e-4, "n_examples": 7.0, "temperature": 0.5, "k": 3, "persistent": True}
    other = RBMSettings(**changed).machine(6, np.random.SeedSequence(1))
    assert {name: getattr(other, name) for name in changed} == changed
    with pytest.raises(ParameterError, match=r"RBMSettings.k = 0: must be at least 1"):
        RBMSettings(k=0)
    with pytest.raises(ParameterError, match=r"RBMSettings.prior = 'flat': must be a prior"):
        RBMSettings(prior="flat")
    lesions = discovery.load("rbm_lesion")
    with pytest.raises(
        ParameterError, match=r"lesions = \(4000, 2000\) must ascend and lie between 0 and images"
    ):
        lesions.configure("quick", {"lesions": [4000, 2000]})
    for wrong in ([0, 2000], [2000, 6000], [2000, 2000]):
        with pytest.raises(ParameterError, match="must ascend and lie between 0 and images"):
            lesions.configure("quick", {"lesions": wrong})
