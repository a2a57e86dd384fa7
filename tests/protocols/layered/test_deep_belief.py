"""The protocol `deep_belief`: its machines, its measures, its smoke preset and its settings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.experiment.discovery import load
from spikingsampling.experiment.run import Run
from spikingsampling.protocols.layered.deep_belief import label_metrics, tuning_metrics
from spikingsampling.protocols.studies.layered.deep_belief import (
    few_labels,
    layer_features,
    machines,
    pretrained,
)
from spikingsampling.protocols.studies.layered.digits import Digits, load_digits

PROTOCOL = load("deep_belief")
SMOKE = PROTOCOL.configure("smoke")


@pytest.fixture(scope="module")
def digits() -> Digits:
    return load_digits("embedded").part(300, np.random.default_rng(0))


def test_digits_are_rows_with_their_labels() -> None:
    whole = load_digits("embedded")
    assert whole.train.shape == (1347, 784)
    np.testing.assert_array_equal(whole.targets.argmax(axis=1), whole.train_labels)
    part = whole.part(200, np.random.default_rng(1))
    rows = {row.tobytes(): label for row, label in zip(whole.train, whole.train_labels, strict=True)}
    assert [rows[row.tobytes()] for row in part.train] == list(part.train_labels)
    assert len({row.tobytes() for row in part.train}) == 200
    assert whole.part(5000, np.random.default_rng(1)) is whole


def test_sampling_follows_the_likelihood_as_fast_as_contrastive_divergence() -> None:
    """η N is the learning rate of both; only sampling has noise, and the prior is in both of its kinds."""
    ways = machines(SMOKE, 1000)
    rates = {name: machine.eta * machine.n_examples for name, machine in ways.items() if machine}
    assert rates == pytest.approx({"contrastive_divergence": 0.1, "map": 0.1, "sampling": 0.1})
    assert ways["random"] is None
    assert (ways["sampling"].mode, ways["sampling"].temperature) == ("sampling", 1.0)
    assert ways["map"].mode == ways["contrastive_divergence"].mode == "map"
    assert ways["map"].prior == ways["sampling"].prior != ways["contrastive_divergence"].prior
    assert float(ways["sampling"].prior.log_density(1.0)) == pytest.approx(
        float(ways["sampling"].prior.log_density(0.0))
    )


def test_few_labels_leave_the_stack_as_it_is(digits: Digits) -> None:
    """Fine-tuning works on copies, one for each number of labels. With ten times the labels all know more."""
    c = PROTOCOL.configure("smoke", {"labels": [20, 200]})
    networks = {
        way: pretrained(c, digits, machine, np.random.SeedSequence(2))
        for way, machine in machines(c, 300).items()
        if way in ("random", "contrastive_divergence")
    }
    before = networks["contrastive_divergence"].stack_.layers[0].weights_.copy()
    found = few_labels(networks, c, digits, np.random.SeedSequence(3))
    assert all(each.shape == (2,) and each[1] > each[0] for each in found.values())
    np.testing.assert_array_equal(networks["contrastive_divergence"].stack_.layers[0].weights_, before)
    again = few_labels({"random": networks["random"]}, c, digits, np.random.SeedSequence(3))
    np.testing.assert_array_equal(again["random"], found["random"])


def test_features_of_all_layers(digits: Digits) -> None:
    network = pretrained(SMOKE, digits, SMOKE.layers.contrastive(), np.random.SeedSequence(2))
    found = layer_features(network, SMOKE, digits, np.random.default_rng(0))
    assert list(found) == ["pixels", "layer_1", "random_layer_1", "layer_2", "random_layer_2"]
    assert all(0 <= each <= 1 for each in found.values())
    assert found["pixels"] > 0.7


def test_the_gain_is_paired_at_every_epoch() -> None:
    curves = {
        "pretrained": [np.array([0.5, 0.9]), np.array([0.7, 0.8])],
        "random": [np.array([0.4, 0.9]), np.array([0.6, 0.7])],
    }
    metrics = tuning_metrics(curves)
    assert metrics["dbn.accuracy"].value == pytest.approx(0.85)
    assert metrics["dbn.accuracy_random"].value == pytest.approx(0.8)
    assert metrics["dbn.pretrained_minus_random.epoch_1"].value == pytest.approx(0.1)
    assert metrics["dbn.pretrained_minus_random.epoch_1"].interval == pytest.approx((0.1, 0.1))
    np.testing.assert_allclose(metrics["dbn.curve"]["random"], [0.5, 0.8])


def test_differences_are_to_contrastive_divergence() -> None:
    runs = {"random": 0.1, "contrastive_divergence": 0.5, "map": 0.6, "sampling": 0.9}
    metrics = label_metrics((100,), {way: np.full((3, 1), value) for way, value in runs.items()})
    assert metrics["dbn.sampling.labels_100"].value == pytest.approx(0.9)
    assert metrics["dbn.sampling_minus_contrastive_divergence.labels_100"].value == pytest.approx(0.4)
    assert metrics["dbn.sampling_minus_map.labels_100"].value == pytest.approx(0.3)
    assert metrics["dbn.random_minus_contrastive_divergence.labels_100"].value == pytest.approx(-0.4)


def test_the_smoke_preset_measures_and_draws_everything(tmp_path: Path) -> None:
    metrics = PROTOCOL.run(Run(SMOKE, tmp_path))
    assert metrics["dbn.accuracy"].n == 2
    assert len(metrics["dbn.curve"]["epoch"]) == SMOKE.fine_tuning.epochs
    assert {path.stem for path in (tmp_path / "figures").iterdir()} == {"tuning", "features", "few_labels"}


def test_without_few_labels_nothing_else_changes(tmp_path: Path) -> None:
    layer = {"repetitions": 2, "images": 200, "fine_tuning": {"epochs": 2, "few_epochs": 1}}
    one, other = (
        PROTOCOL.run(Run(PROTOCOL.configure("smoke", layer | {"labels": labels}), tmp_path, figures=False))
        for labels in ([], [20])
    )
    assert not any("labels" in name for name in one)
    assert one["dbn.accuracy_random"] == other["dbn.accuracy_random"]


@pytest.mark.parametrize("preset", PROTOCOL.presets)
def test_presets_are_valid(preset: str) -> None:
    assert PROTOCOL.configure(preset).repetitions >= 2


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ({"images": 50}, r"images = 50: must be at least 100"),
        ({"layers": {"eta": 0}}, r"layers: LayerLearning\.eta = 0.0: must be more than 0"),
        ({"labels": [10]}, r"labels\.0 = 10: must be at least 20"),
    ],
)
def test_bad_settings_are_refused(layer, message) -> None:
    with pytest.raises(ParameterError, match=message):
        PROTOCOL.configure("quick", layer)
