"""The protocol `pruning`: its measures on networks made by hand, its smoke preset and its settings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.experiment.discovery import load
from spikingsampling.experiment.run import Run
from spikingsampling.models.mlp import MLP
from spikingsampling.protocols.studies.layered.digits import Digits
from spikingsampling.protocols.studies.layered.pruning import (
    iterative,
    one_shot,
    predicted_losses,
    unit_removal,
)
from spikingsampling.protocols.studies.layered.pruning_results import PruningResults
from spikingsampling.protocols.studies.layered.rewiring import Rewired, learn_rewiring, rewiring_network

PROTOCOL = load("pruning")
SMOKE = PROTOCOL.configure("smoke")
RNG = np.random.default_rng(8)


def toy(n: int = 60) -> Digits:
    """Ten classes, one of ten pixels each, with a little noise."""
    labels = np.arange(n) % 10
    images = (np.eye(10)[labels] + 0.1 * RNG.random((n, 10))).astype(np.float32)
    return Digits(images, labels, images, labels)


def by_hand() -> MLP:
    """Each class has a hidden unit of its own; all other weights are tiny."""
    net = MLP((10, 10, 10), RNG)
    for weights in net.weights:
        weights[...] = np.eye(10) + 0.01 * RNG.random((10, 10))
    return net


def test_one_shot_keeps_what_matters() -> None:
    digits, net = toy(), by_hand()
    found = one_shot(net, digits, (1.0, 0.1, 0.005), 60, RNG)
    assert found["magnitude"][0] == 1 and found["magnitude"][1] == 1  # the 20 of 200 that matter
    assert found["magnitude"][2] < 1  # one connection tells one class from the others at most
    assert found["random"][1] < 1
    np.testing.assert_array_equal(net.masks[0], True)


def test_units_without_which_nothing_is_lost_go_first() -> None:
    """Unit 3 alone tells class 3. Every criterion finds the units that are silent."""
    digits, net = toy(), by_hand()
    net.weights[0][:, 5:] = 0
    net.weights[1][5:] = 0
    found, ranks = unit_removal(net, digits, (0.5, 0.9), 60, RNG)
    whole = net.accuracy(digits.test, digits.test_labels)
    for name, accuracies in found.items():
        if name not in ("random", "activity"):
            assert accuracies[0] == pytest.approx(whole), name
            assert accuracies[1] < whole, name
    assert set(ranks) == set(found) - {"oracle"}
    assert all(-1 <= rank <= 1 for rank in ranks.values())


def test_iterative_pruning_trains_what_is_left() -> None:
    digits, net = toy(), by_hand()
    settings = SMOKE.descent.model_copy(update={"retrain_eta": 0.05, "step_epochs": 5})
    found, layers = iterative(net, digits, (0.5, 0.15), settings, 60, RNG)
    assert found["magnitude"][1] == 1
    for parts in layers.values():
        assert np.mean(parts) == pytest.approx(0.15)


def test_predictions_of_losses_are_sums_of_what_is_deleted() -> None:
    """More deleted, more predicted; all kept, nothing is predicted and nothing happens."""
    found = predicted_losses(toy(), 5, (1.0, 0.8, 0.5, 0.2), SMOKE.descent, 60, RNG)
    for predicted, actual in found.values():
        assert predicted[0] == actual[0] == 0
        assert (np.diff(predicted) > 0).all()
    obd, magnitude = found["obd"][0], found["magnitude"][0]
    assert (obd <= magnitude * (1 + 1e-6)).all()  # it deletes what it thinks cheapest


def test_rewiring_learns_and_counts() -> None:
    digits = toy(200)
    settings = SMOKE.rewiring.model_copy(update={"n_active": (40, 40, 40), "epochs": 15, "eta": 0.1})
    net = rewiring_network((10, 12, 11, 10), settings, np.random.default_rng(0), 2.0)
    assert net.n_active == 80 + 80 + 80
    seen = []
    found = learn_rewiring(net, digits, settings, np.random.default_rng(1), lambda: seen.append(1))
    assert len(found.accuracy) == len(found.came) == len(seen) == 15
    assert set(found.connections) == {240}
    assert found.accuracy[-1] > found.accuracy[0]
    assert net.walk.eta == pytest.approx(0.1 * 0.8**15)
    few = rewiring_network((10, 12, 11, 10), settings, np.random.default_rng(0), 40.0)
    assert few.n_active == 120 + 132 + 110  # no more than there can be


def test_metrics_of_results_made_by_hand() -> None:
    c = PROTOCOL.configure(
        "quick", {"one_shot": [0.5], "retrained": [0.5], "iterative": [0.5, 0.02], "removed": [1 / 3, 0.5]}
    )
    results = PruningResults(dense=[0.9, 0.7])
    pair = [np.array([0.8, 0.6]), np.array([0.8, 0.4])]
    results.pruned = {("iterative", "magnitude"): pair, ("iterative", "obd"): [each - 0.1 for each in pair]}
    results.rewired = {
        "deep_r": [Rewired([0.1, 0.6], [5, 5], [3, 1]), Rewired([0.1, 0.8], [5, 5], [3, 1])],
        "without_rewiring": [Rewired([0.1, 0.5], [4, 3], [0, 0]), Rewired([0.1, 0.6], [4, 2], [0, 0])],
    }
    results.units = {"oracle": [np.array([0.9, 0.5]), np.array([0.8, 0.3])]}
    results.losses = {"obd": [(np.array([0.1]), np.array([1.0])), (np.array([0.3]), np.array([2.0]))]}
    metrics = results.metrics(c)
    assert metrics["pruning.units_oracle.accuracy_without_33_percent"].value == pytest.approx(0.85)
    assert metrics["pruning.units_oracle.accuracy_without_50_percent"].value == pytest.approx(0.4)
    assert metrics["pruning.loss_obd.predicted_at_50_percent"].value == pytest.approx(0.2)
    assert metrics["pruning.loss_obd.actual_at_50_percent"].value == pytest.approx(1.5)
    assert metrics["pruning.dense.accuracy"].value == pytest.approx(0.8)
    assert metrics["pruning.iterative_magnitude.accuracy_at_2_percent"].value == pytest.approx(0.5)
    assert metrics["pruning.obd_minus_magnitude.accuracy_at_2_percent"].value == pytest.approx(-0.1)
    assert metrics["pruning.deep_r.accuracy"].value == pytest.approx(0.7)
    assert metrics["pruning.without_rewiring.connections"].value == pytest.approx(2.5)
    assert metrics["pruning.deep_r_minus_without_rewiring.accuracy"].value == pytest.approx(0.15)
    np.testing.assert_allclose(metrics["pruning.deep_r.curve"]["came"], [3, 1])


def test_the_smoke_preset_measures_and_draws_everything(tmp_path: Path) -> None:
    metrics = PROTOCOL.run(Run(SMOKE, tmp_path))
    assert metrics["pruning.iterative_magnitude.accuracy_at_2_percent"].n == 2
    assert metrics["pruning.deep_r.connections"].value == 520
    assert metrics["pruning.soft_deep_r.accuracy"].n == 1
    assert {path.stem for path in (tmp_path / "figures").iterdir()} == {"kept", "rewiring", "units", "losses"}


@pytest.mark.parametrize("preset", PROTOCOL.presets)
def test_presets_are_valid(preset: str) -> None:
    assert 1.0 in PROTOCOL.configure(preset).rewiring.factors


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ({"iterative": [0.1, 0.5]}, r"iterative = \(0.1, 0.5\): must fall"),
        ({"rewiring": {"factors": [0.5]}}, r"factors = \(0.5,\): must have 1"),
        ({"one_shot": [0]}, r"one_shot\.0 = 0: must be more than 0"),
        ({"descent": {"eta": 0}}, r"descent: DescentSettings\.eta = 0.0: must be more than 0"),
    ],
)
def test_bad_settings_are_refused(layer, message) -> None:
    with pytest.raises(ParameterError, match=message):
        PROTOCOL.configure("quick", layer)
