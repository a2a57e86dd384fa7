"""The experiments with restricted Boltzmann machines: smoke presets, measures, what they share."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import kstest

from spikingsampling.errors import ParameterError
from spikingsampling.experiment import discovery
from spikingsampling.experiment.execution import execute
from spikingsampling.experiment.run_directory import create_directory
from spikingsampling.inference.priors import GaussianMixturePrior
from spikingsampling.models.rbm.machine import RBM
from spikingsampling.protocols.rbm.rbm_audio import baseline, encode
from spikingsampling.protocols.studies.rbm.experiments import (
    Patterns,
    RBMSettings,
    Trajectory,
    bimodal,
    image_patterns,
    lesion,
    pixel_probes,
    reconstruction_error,
    train,
)
from spikingsampling.protocols.studies.rbm.lesions import train_with_lesions

NAMES = (
    "rbm_audio",
    "rbm_digits",
    "rbm_hidden_units",
    "rbm_lesion",
    "rbm_overfitting",
    "rbm_parameters",
    "rbm_priors",
    "rbm_sequence",
    "rbm_two_layers",
)
#: One metric of each that the page of results relies on.
METRICS = {
    "rbm_audio": "gaussian.relative_error",
    "rbm_digits": "generalisation_gap",
    "rbm_hidden_units": "fewest_minus_most.test_error",
    "rbm_lesion": "sampling_minus_likelihood.return_correlation",
    "rbm_overfitting": "bimodal_sd_minus_flat.test_log_likelihood",
    "rbm_parameters": "biases_above_-1.rise_after_lowest",
    "rbm_priors": "two_variance_minus_uniform.test_log_likelihood",
    "rbm_sequence": "forgotten_of_first",
    "rbm_two_layers": "greedy_minus_naive.test_error",
}


def toy(n: int = 40, n_visible: int = 784) -> Patterns:
    rng = np.random.default_rng(0)
    return Patterns(*((rng.random((m, n_visible)) < 0.2).astype(np.float32) for m in (n, 20)))


@pytest.mark.parametrize("name", NAMES)
def test_smoke_preset(name: str, tmp_path):
    protocol = discovery.load(name)
    assert set(protocol.presets) >= {"smoke", "quick", "real"}
    small = {"repetitions": 2} | ({"n_train": 3} if name == "rbm_overfitting" else {})
    configuration = protocol.configure("smoke", small)
    folder = create_directory(protocol, "smoke", configuration, tmp_path / "run")
    execute(protocol, configuration, folder)
    metrics = json.loads((folder / "metrics.json").read_text())
    found = metrics[METRICS[name]]
    assert found["n"] == 2
    assert found["interval"][0] <= found["value"] <= found["interval"][1]
    figures = list((folder / "figures").glob("*.png"))
    assert figures
    assert all(path.stat().st_size > 2000 for path in figures)


def test_runs_are_repeatable_and_seeds_matter(tmp_path):
    protocol = discovery.load("rbm_hidden_units")
    errors = []
    for number, seed in enumerate((0, 0, 1)):
        configuration = protocol.configure("smoke", {"seed": seed})
        folder = create_directory(protocol, "smoke", configuration, tmp_path / str(number))
        metrics = execute(protocol, configuration, folder, figures=False)
        errors.append(metrics["hidden_9.test_error"]["value"])
    assert errors[0] == errors[1] != errors[2]


def test_training_measures_before_and_after_and_at_events():
    seen = []
    model = RBM(2, random_state=0).initialise(784)
    trajectory = train(
        model,
        toy(),
        50,
        20,
        np.random.default_rng(1),
        probes=pixel_probes([(0, 1), (27, 27)]),
        events={30: lambda machine: seen.append(machine.visible_bias_[1])},
    )
    assert trajectory.steps == [0, 20, 30, 30, 40, 50]
    weights, biases = trajectory.probe("weights"), trajectory.probe("biases")
    assert weights.shape == (6, 2, 2)
    np.testing.assert_array_equal(weights[-1], model.weights_[:, [1, 783]].T)
    np.testing.assert_array_equal(biases[-1], model.visible_bias_[[1, 783]])
    assert biases[2, 0] == seen[0] == biases[3, 0]
    assert trajectory.probe("active")[-1] == (model.visible_bias_ > -1).sum()
    longer = train(model, toy(), 10, 20, np.random.default_rng(1), trajectory=trajectory)
    assert longer.steps == [0, 20, 30, 30, 40, 50, 50, 60]


def test_every_image_is_shown_once_per_pass():
    class Counts:
        def __init__(self) -> None:
            self.seen: list[float] = []

        def partial_fit(self, X: np.ndarray) -> None:
            self.seen += X[:, 0].tolist()

        def reconstruct(self, X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
            return X

    model, numbered = Counts(), np.arange(8.0)[:, None]
    trajectory = train(model, Patterns(numbered, numbered), 20, 7, np.random.default_rng(0))
    assert sorted(model.seen[:8]) == sorted(model.seen[8:16]) == list(range(8))
    assert model.seen[:8] != model.seen[8:16]
    assert len(model.seen) == 20
    assert trajectory.test_error == [0.0] * 4


def test_error_is_the_mean_difference_of_drawn_reconstructions():
    model, x = RBM(3, random_state=2).fit(toy().train), toy().test
    rng = np.random.default_rng(3)
    drawn = []
    for _ in range(60):
        z = (rng.random((len(x), 3)) < model.transform(x)).astype(float)
        drawn.append(np.abs(x - (rng.random(x.shape) < model.visible_mean(z))).mean())
    ours = [reconstruction_error(model, x, rng) for _ in range(60)]
    error = np.hypot(np.std(drawn), np.std(ours)) / np.sqrt(60)
    assert abs(np.mean(drawn) - np.mean(ours)) < 4 * error


def test_images_are_on_with_the_probability_of_their_grey_value():
    from spikingsampling.data import load_images

    grey = load_images("embedded", "train", [3]).images.reshape(-1, 784)
    draws = np.mean(
        [image_patterns("embedded", [3], np.random.default_rng(i)).train for i in range(20)], axis=0
    )
    deviation = (draws - grey).sum() / np.sqrt((grey * (1 - grey)).sum() / 20)
    assert abs(deviation) < 4
    assert not draws[grey == 0].any()
    assert draws[grey == 1].all()


def test_lesion_resets_half_by_the_initial_law():
    model = RBM(9, random_state=0, weight_sd=0.5).fit(toy().train)
    former = model.weights_.copy(), model.visible_bias_.copy()
    masks = lesion(model, np.random.default_rng(0))
    assert masks["weights_"].sum() == 9 * 784 / 2
    assert masks["visible_bias_"].sum() == 392
    assert masks["hidden_bias_"].sum() == 4
    np.testing.assert_array_equal(model.weights_[~masks["weights_"]], former[0][~masks["weights_"]])
    assert kstest(model.weights_[masks["weights_"]] / 0.5, "norm").pvalue > 1e-3
    assert kstest((model.visible_bias_[masks["visible_bias_"]] + 1) / 0.5, "norm").pvalue > 1e-3


def test_control_of_a_lesion_is_the_same_training_without():
    patterns = toy()
    models = [RBM(4, random_state=5).initialise(784) for _ in range(2)]
    found = train_with_lesions(
        (models[0], models[1]), patterns, 60, 10, (20, 40), 0.5, (20, 10), np.random.SeedSequence(0)
    )
    before = found.trajectory.steps.index(20)
    assert found.trajectory.test_error[: before + 1] == found.control.test_error[: before + 1]
    assert found.trajectory.test_error[before + 1] != found.control.test_error[before + 1]
    assert found.peak() == found.trajectory.test_error[6] - found.trajectory.test_error[5]
    assert found.excess(20) == found.trajectory.test_error[-1] - found.control.test_error[-1]
    assert found.control_correlation > 0.9 > found.return_correlation


def test_recovery_is_the_first_time_back():
    trajectory = Trajectory([0, 10, 10, 20, 30], [0.0] * 5, [0.5, 0.2, 0.4, 0.3, 0.2])
    from spikingsampling.protocols.studies.rbm.lesions import Lesioned

    found = Lesioned(trajectory, trajectory, (0, 10), RBM(), 0.0, 0.0, 0.0)
    assert found.recovery() == 20
    trajectory.test_error[-1] = 0.25
    assert np.isnan(found.recovery())
    assert found.peak() == pytest.approx(0.2)


def test_codes_of_sounds():
    levels = Patterns(np.array([[0.1, 0.9], [0.3, 0.9], [0.5, 0.9]]), np.array([[0.4, 0.86], [0.2, 0.88]]))
    np.testing.assert_array_equal(encode(levels, "threshold", 0.87).test, [[0, 0], [0, 1]])
    np.testing.assert_array_equal(encode(levels, "median", 0.87).test, [[1, 0], [0, 0]])
    gaussian = encode(levels, "gaussian", 0.87)
    np.testing.assert_allclose(gaussian.train[:, 0], [-(1.5**0.5), 0, 1.5**0.5])
    assert np.isfinite(gaussian.test).all()  # the second input never varies
    assert baseline(encode(levels, "median", 0.87)) == pytest.approx((2 / 3 + 1 / 3 + 0 + 0) / 4)


def test_settings():
    settings = RBMSettings(prior=bimodal(0.15), n_hidden=4)
    assert settings.prior == GaussianMixturePrior((0.5, 0.5), (0.0, 1.0), (0.15, 0.15))
    assert RBMSettings(**settings.to_mapping()) == settings
    model = settings.machine(6, np.random.SeedSequence(1), mode="map")
    assert (model.n_hidden, model.mode, model.k, model.eta, model.n_examples) == (4, "map", 5, 1e-4, 100.0)
    with pytest.raises(ParameterError, match=r"RBMSettings.k = 0: must be at least 1"):
        RBMSettings(k=0)
    with pytest.raises(ParameterError, match=r"RBMSettings.prior = 'flat': must be a prior"):
        RBMSettings(prior="flat")
    lesions = discovery.load("rbm_lesion")
    with pytest.raises(
        ParameterError, match=r"lesions = \(4000, 2000\) must ascend and lie between 0 and images"
    ):
        lesions.configure("quick", {"lesions": [4000, 2000]})
