"""Models give the same for integers of every type as for floats: nothing is computed in a type that wraps round."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.models import hebbian
from spikingsampling.models.clusters import (
    ClusterParameters,
    Clusters,
    TuningCurves,
    cluster_stimuli,
    draw_items,
)
from spikingsampling.models.hopfield import Hopfield, corrupt, storage
from spikingsampling.models.posterior.linear_regression import LinearRegression
from spikingsampling.models.rbm import RBM
from spikingsampling.models.rbm.likelihood import annealed_log_partition, hidden_states

RNG = np.random.default_rng(1)
SIGNS = RNG.choice([-1, 1], size=(5, 40)).astype(np.int8)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int16])
@pytest.mark.parametrize("name", sorted(hebbian.RATE_RULES))
def test_a_rate_rule_of_integers_is_that_of_floats(name: str, dtype: type) -> None:
    rule = hebbian.RATE_RULES[name]
    w, u, v = np.array([[50, 60, 70], [1, 2, 3]]), np.array([100, 90, 80]), np.array([30, 120])
    found = rule(w.astype(dtype), u.astype(dtype), v.astype(dtype), np.asarray(7, dtype))
    np.testing.assert_array_equal(found, rule(w.astype(float), u.astype(float), v.astype(float), 7.0))


@pytest.mark.parametrize("rule", ["hebb", "palimpsest", "projection", "storkey"])
def test_patterns_of_bytes_are_stored_as_floats_are(rule: str) -> None:
    """200 patterns: a sum of their products does not fit into a byte."""
    many = np.tile(SIGNS, (40, 1))
    stored = storage.store(rule, many, 1.0)
    assert stored.dtype.kind == "f"
    np.testing.assert_allclose(
        stored, storage.store(rule, many.astype(np.float32), 1.0), rtol=1e-6, atol=1e-6
    )


@pytest.mark.parametrize("size", [np.uint8(40), np.int16(40), np.array(40)])
def test_a_hopfield_network_takes_sizes_and_states_of_every_type(size) -> None:
    plain = Hopfield(40, coding="binary").store(SIGNS > 0)
    typed = Hopfield(size, coding="binary").store((SIGNS > 0).astype(np.uint8))
    np.testing.assert_array_equal(typed.weights_, plain.weights_)
    starts = SIGNS[:, ::-1] > 0
    for states in (starts, starts.astype(np.uint8), starts.astype(np.float32)):
        np.testing.assert_array_equal(
            typed.recall(states, sweeps=np.uint8(5), random_state=np.int64(2)),
            plain.recall(starts.astype(int), sweeps=5, random_state=2),
        )
    with pytest.raises(ParameterError, match="states holds 255: with the coding 'binary'"):
        plain.recall(np.full((1, 40), 255, np.uint8))
    for wrong in ("0.5", True):
        with pytest.raises(ParameterError, match=r"beta = .*: must be a number more than 0"):
            plain.recall(starts, beta=wrong)


def test_what_is_no_pattern_is_not_corrupted() -> None:
    with pytest.raises(ParameterError, match="patterns holds 255: every value must be −1 or 1"):
        corrupt(np.full((2, 8), 255, np.uint8), 0.1, np.random.default_rng(1))


@pytest.mark.parametrize("dtype", [np.uint8, bool, np.float32])
def test_a_machine_takes_settings_and_images_of_every_type(dtype: type) -> None:
    """256 examples to a batch do not fit into a byte; 100 do, but not what is computed with them."""
    images = RNG.random((300, 20)) < 0.4
    settings = {"n_hidden": 9, "k": 2, "batch_size": 100, "n_epochs": 2}
    typed = {name: np.uint8(value) for name, value in settings.items()}
    plain = RBM(**settings, eta=2.0**-10, temperature=0.5, random_state=1).fit(images.astype(float))
    found = RBM(**typed, eta=np.float32(2.0**-10), temperature=np.float16(0.5), random_state=np.uint8(1)).fit(
        images.astype(dtype)
    )
    np.testing.assert_array_equal(found.weights_, plain.weights_)
    assert hidden_states(np.uint8(9)).shape == (512, 9)
    parameters = plain.weights_, plain.visible_bias_, plain.hidden_bias_
    one, other = (
        annealed_log_partition(*parameters, np.random.default_rng(2), steps=steps, chains=10)
        for steps in (255, np.uint8(255))
    )
    assert one == other


def test_clusters_come_in_every_type() -> None:
    """Item 3 · 100 of the fourth cluster does not fit into a byte."""
    parameters = ClusterParameters(n_inputs=np.uint8(10), n_clusters=4, samples=100)
    rng = np.random.default_rng(1)
    stimuli = cluster_stimuli(
        parameters, Clusters.draw(parameters, rng), TuningCurves.draw(parameters, rng), rng
    )
    expected, _ = draw_items(stimuli, (2, 4), 200, np.random.default_rng(3))
    found, labels = draw_items(stimuli, np.array([2, 4], np.uint8), 200, np.random.default_rng(3))
    np.testing.assert_array_equal(found["input"], expected["input"])
    assert set(labels) == {2, 4}


def test_examples_of_a_regression_come_in_every_type() -> None:
    examples = np.random.default_rng(1).integers(0, 100, (20, 3))
    plain, typed = (
        LinearRegression(examples.astype(float)),
        LinearRegression(examples.astype(np.uint8), np.int8(1)),
    )
    np.testing.assert_array_equal(typed.precision, plain.precision)
    np.testing.assert_array_equal(typed.mean, plain.mean)
