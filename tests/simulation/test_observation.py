"""What of a network is recorded, on a network of few neurons and a state made by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikingsampling.engines.base import Outcome
from spikingsampling.network.description import Network, Population, Projection, Source
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.simulation.observation import active_synapses, layout_of, snapshots_of, spikes_of

#: Input i and neurons a0, a1 and b0, b1, b2; two projections from the source, one lateral.
NETWORK = Network(
    [Source("i", 2)],
    [Population("a", 1, 2), Population("b", 1, 3)],
    [
        Projection("i_to_a", "i", "a", np.array([0, 1]), np.array([1, 0])),
        Projection("a_to_b", "a", "b", np.array([1, 0, 1]), np.array([2, 0, 0])),
        Projection("i_to_b", "i", "b", np.array([1]), np.array([2])),
    ],
    CircuitParameters(theta_0=2.0),
)
STATE = {
    "feedforward.theta": np.array([1.0, -0.5, 3.0]),
    "feedforward.intact": np.array([1.0, 1.0, 1.0]),
    "lateral.theta": np.array([0.5, 2.0, 0.0]),
    "lateral.intact": np.array([1.0, 0.0, 1.0]),
}


def test_spikes_are_told_apart_by_population_and_counted_from_the_start_of_all() -> None:
    outcome = Outcome({}, np.array([0.1, 0.2, 0.3, 0.4, 0.5]), np.array([4, 0, 2, 1, 4], dtype=np.int32))
    spikes = spikes_of(NETWORK, outcome, ["a", "b"], start=60.0)
    np.testing.assert_allclose(spikes["a"][0], [60.2, 60.4])
    np.testing.assert_array_equal(spikes["a"][1], [0, 1])
    np.testing.assert_allclose(spikes["b"][0], [60.1, 60.3, 60.5])
    np.testing.assert_array_equal(spikes["b"][1], [2, 0, 2])
    assert list(spikes_of(NETWORK, outcome, ["b"], 0.0)) == ["b"]


def test_snapshots_hold_theta_and_the_weight_on_the_membrane() -> None:
    snapshots = snapshots_of(NETWORK, STATE)
    theta, w = zip(*(snapshots[name] for name in ("i_to_a", "i_to_b", "a_to_b")), strict=True)
    np.testing.assert_array_equal(np.concatenate(theta), [1.0, -0.5, 3.0, 0.5, 2.0, 0.0])
    gone = math.exp(-2)
    expected = [math.exp(-1) - gone, 0.0, math.exp(1) - gone, math.exp(-1.5) - gone, 0.0, 0.0]
    np.testing.assert_allclose(np.concatenate(w), expected, rtol=1e-14)


def test_active_are_synapses_above_0_that_no_lesion_took() -> None:
    assert active_synapses(NETWORK, STATE) == 3  # not θ = −0.5, not the removed one at 2, not θ = 0
    assert active_synapses(NETWORK, STATE | {"lateral.intact": np.ones(3)}) == 4


def test_the_layout_names_the_parts() -> None:
    layout = layout_of(NETWORK)
    assert (layout.populations, layout.sources) == ({"a": 2, "b": 3}, {"i": 2})
    ends = {name: (p.pre, p.post) for name, p in layout.projections.items()}
    assert ends == {"i_to_a": ("i", "a"), "a_to_b": ("a", "b"), "i_to_b": ("i", "b")}
    np.testing.assert_array_equal(layout.projections["a_to_b"].pre_indices, [1, 0, 1])
    np.testing.assert_array_equal(layout.projections["a_to_b"].post_indices, [2, 0, 0])


@pytest.mark.parametrize("name", ["i_to_a", "a_to_b"])
def test_snapshots_are_as_long_as_their_projection(name: str) -> None:
    assert len(snapshots_of(NETWORK, STATE)[name][1]) == len(NETWORK.projection(name))
