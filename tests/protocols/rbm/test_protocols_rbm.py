"""Every experiment with restricted Boltzmann machines runs through, on a few images."""

from __future__ import annotations

import json

import pytest

from spikingsampling.experiment import discovery
from spikingsampling.experiment.execution import execute
from spikingsampling.experiment.run import Run
from spikingsampling.experiment.run_directory import create_directory

#: One metric of each that the page of results relies on, and the number of its figures.
METRICS = {
    "rbm_audio": ("gaussian.relative_error", 2),
    "rbm_digits": ("generalisation_gap", 2),
    "rbm_hidden_units": ("fewest_minus_most.test_error", 2),
    "rbm_lesion": ("sampling_minus_likelihood.return_correlation", 8),
    "rbm_overfitting": ("bimodal_sd_minus_flat.test_log_likelihood", 1),
    "rbm_parameters": ("biases_above_-1.rise_after_lowest", 2),
    "rbm_priors": ("two_variance_minus_uniform.test_log_likelihood", 2),
    "rbm_sequence": ("forgotten_of_first", 3),
    "rbm_two_layers": ("greedy_minus_naive.test_error", 2),
}
#: Curves of conditions that begin alike, as they have the same data and initial parameters.
PAIRED = {
    "rbm_lesion": ["sampling", "sampling.control", "map", "likelihood", "likelihood.control"],
    "rbm_overfitting": ["flat", "bimodal_sd", "bimodal_variance", "likelihood"],
    "rbm_priors": ["uniform", "two_variance", "three_variance", "two_sd", "three_sd"],
}
#: Function that trains a condition, and number of conditions that are shown the same images in the same order.
SAME_ORDER = {
    "rbm_audio": ("train", 3),
    "rbm_hidden_units": ("train", 3),
    "rbm_overfitting": ("train", 4),
    "rbm_priors": ("train_with_prior", 5),
}
#: As few images as make sense.
SMALL = {"repetitions": 2, "images": 6, "test_every": 3}
MORE = {"rbm_lesion": {"lesions": [2, 4]}, "rbm_overfitting": {"n_train": 3}}


@pytest.mark.parametrize("name", METRICS)
def test_experiment(name: str, tmp_path):
    protocol = discovery.load(name)
    assert set(protocol.presets) >= {"smoke", "quick", "real"}
    configuration = protocol.configure("smoke", SMALL | MORE.get(name, {}))
    with create_directory(protocol, "smoke", configuration, tmp_path / "run") as folder:
        execute(protocol, configuration, folder)
    metric, n_figures = METRICS[name]
    metrics = json.loads((folder / "metrics.json").read_text())
    estimate = metrics[metric]
    assert estimate["n"] == 2
    assert estimate["interval"][0] <= estimate["value"] <= estimate["interval"][1]
    assert len(list((folder / "figures").glob("*.png"))) == n_figures
    curves = [metrics[f"{condition}.curve"] for condition in PAIRED.get(name, ())]
    for curve in curves[1:]:
        assert [values[0] for values in curve.values()] == [values[0] for values in curves[0].values()]
        assert curve != curves[0]


@pytest.mark.parametrize("name", SAME_ORDER)
def test_conditions_of_a_repetition_see_the_same_images_in_the_same_order(name: str, tmp_path, monkeypatch):
    protocol = discovery.load(name)
    function, n_conditions = SAME_ORDER[name]
    states = []

    class Enough(Exception):
        pass

    def note(model, patterns, images, test_every, rng, **settings):
        states.append(rng.bit_generator.state["state"]["state"])
        if len(states) == 2 * n_conditions:
            raise Enough
        return original(model, patterns, images, test_every, rng, **settings)

    original = protocol.run.__globals__[function]
    monkeypatch.setitem(protocol.run.__globals__, function, note)
    configuration = protocol.configure("smoke", SMALL | MORE.get(name, {}))
    with pytest.raises(Enough):
        protocol.run(Run(configuration, tmp_path, figures=False))
    first, second = set(states[:n_conditions]), set(states[n_conditions:])
    assert len(first) == len(second) == 1
    assert first != second


def test_runs_are_repeatable_and_seeds_matter(tmp_path):
    protocol = discovery.load("rbm_hidden_units")
    errors = []
    for number, seed in enumerate((0, 0, 1)):
        configuration = protocol.configure("smoke", SMALL | {"seed": seed})
        with create_directory(protocol, "smoke", configuration, tmp_path / str(number)) as folder:
            execute(protocol, configuration, folder, figures=False)
        errors.append(json.loads((folder / "metrics.json").read_text())["hidden_9.test_error"]["value"])
    assert errors[0] == errors[1] != errors[2]
