"""Criteria of pruning: exact where the loss is a quadratic, or linear, of what is taken out."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.models.mlp import MLP, one_hot
from spikingsampling.models.pruning import (
    UNIT_CRITERIA,
    ablation_losses,
    remove_units,
    saliencies,
    unit_saliencies,
)

RNG = np.random.default_rng(7)


def test_optimal_brain_damage_is_exact_at_the_minimum_of_a_linear_network() -> None:
    """Orthogonal inputs, trained to the minimum: removing any set of weights costs the sum of their saliencies."""
    inputs = np.linalg.qr(RNG.standard_normal((12, 5)))[0] * [1.0, 2.0, 0.5, 3.0, 1.5]
    targets = RNG.standard_normal((12, 3))
    net = MLP((5, 3), RNG, activation="linear", loss="squared_error", dtype=np.float64)
    net.weights = [np.linalg.lstsq(inputs, targets, rcond=None)[0]]
    (saliency,) = saliencies(net, "obd", inputs, RNG)
    before = net.losses(inputs, targets).mean()
    for _ in range(5):
        removed = RNG.random((5, 3)) < 0.5
        other = MLP((5, 3), RNG, loss="squared_error", dtype=np.float64)
        other.weights = [np.where(removed, 0, net.weights[0])]
        assert other.losses(inputs, targets).mean() - before == pytest.approx(
            saliency[removed].sum(), rel=1e-10
        )


def test_magnitude_is_the_absolute_weight() -> None:
    net = MLP((3, 2), RNG)
    (found,) = saliencies(net, "magnitude", np.empty((0, 3)), RNG)
    np.testing.assert_array_equal(found, np.abs(net.weights[0]))


def small(seed: int = 0) -> tuple[MLP, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    net = MLP((6, 8, 5, 3), rng, dtype=np.float64)
    return net, rng.standard_normal((50, 6)), one_hot(rng.integers(3, size=50), 3)


@pytest.mark.parametrize("layer", [1, 2])
def test_the_oracle_is_the_loss_without_each_unit(layer: int) -> None:
    net, inputs, targets = small()
    intact, found = net.losses(inputs, targets).mean(), ablation_losses(net, layer, inputs, targets)
    assert net.losses(inputs, targets).mean() == intact
    for unit, expected in enumerate(found):
        other, _, _ = small()
        remove_units(other, layer, np.array([unit]))
        assert not other.forward(inputs)[layer][:, unit].any()  # biases are 0
        assert other.losses(inputs, targets).mean() - intact == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("layer", [1, 2])
def test_taylor_is_the_slope_of_the_loss_as_a_unit_is_weakened(layer: int) -> None:
    """E with the unit's activity times g: ∂E/∂g at g = 1, of all examples and of each alone."""
    net, inputs, targets = small()
    step = 1e-5

    def slopes(unit: int) -> np.ndarray:
        losses = []
        for change in (step, -step):
            other, _, _ = small()
            other.weights[layer][unit] *= 1 + change
            losses.append(other.losses(inputs, targets))
        return (losses[0] - losses[1]) / (2 * step)

    by_unit = np.array([slopes(unit) for unit in range(len(net.weights[layer]))])
    mean = unit_saliencies(net, layer, "taylor", inputs, targets, RNG)
    absolute = unit_saliencies(net, layer, "absolute_taylor", inputs, targets, RNG)
    np.testing.assert_allclose(mean, np.abs(by_unit.mean(axis=1)), atol=1e-9)
    np.testing.assert_allclose(absolute, np.abs(by_unit).mean(axis=1), atol=1e-9)


def test_other_criteria_of_units() -> None:
    net, inputs, targets = small()
    found = {name: unit_saliencies(net, 1, name, inputs, targets, RNG) for name in UNIT_CRITERIA}
    assert all(each.shape == (8,) for each in found.values())
    np.testing.assert_allclose(found["norm"], [np.linalg.norm(row) for row in net.weights[0].T])
    np.testing.assert_allclose(found["activity"], np.maximum(inputs @ net.weights[0], 0).mean(axis=0))
    by_weight = saliencies(net, "obd", inputs, RNG)[0]
    np.testing.assert_allclose(found["obd"], by_weight.sum(axis=0))


def test_removed_units_have_no_connections() -> None:
    net, _, _ = small()
    remove_units(net, 1, np.array([0, 3]))
    assert not net.weights[0][:, [0, 3]].any() and not net.weights[1][[0, 3]].any()
    assert [int((~mask).sum()) for mask in net.masks] == [12, 10, 0]


def test_bad_arguments_are_told() -> None:
    net, inputs, targets = small()
    with pytest.raises(UnknownNameError, match="magnitude"):
        saliencies(net, "magnitud", inputs, RNG)
    with pytest.raises(UnknownNameError, match="oracle"):
        unit_saliencies(net, 1, "oracl", inputs, targets, RNG)
    for layer in (0, 3):
        with pytest.raises(ParameterError, match=f"layer = {layer}: must be a hidden layer, 1 to 2"):
            ablation_losses(net, layer, inputs, targets)
    with pytest.raises(ParameterError, match="units holds 8"):
        remove_units(net, 1, np.array([8]))
