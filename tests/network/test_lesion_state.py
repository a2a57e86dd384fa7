"""What a lesion does to the state, on a network of few neurons and a state made by hand."""

from __future__ import annotations

import numpy as np

from spikingsampling.network.description import Network, Population, Projection, Source
from spikingsampling.network.lesions import NeuronLesion, SynapseLesion
from spikingsampling.network.state import State

#: Inputs i0, i1; neurons a0, a1, b0, b1, b2.
NETWORK = Network(
    [Source("i", 2)],
    [Population("a", 1, 2), Population("b", 1, 3)],
    [
        Projection("i_to_b", "i", "b", np.array([0, 1, 1]), np.array([0, 1, 2])),
        Projection("i_to_a", "i", "a", np.array([0, 1]), np.array([1, 0])),
        Projection("b_to_a", "b", "a", np.array([1, 0, 2, 1]), np.array([0, 1, 1, 1])),
        Projection("a_to_b", "a", "b", np.array([1, 0]), np.array([1, 0])),
    ],
)


def state() -> State:
    return {
        "neurons.removed": np.zeros(5),
        "axons.in_flight": np.ones((2, 5)),
        "feedforward.theta": np.array([1.0, -1.0, 0.5, 2.0, 3.0]),
        "feedforward.intact": np.array([1.0, 1.0, 0.0, 1.0, 1.0]),
        "lateral.theta": np.array([0.5, 1.0, 2.0, 0.0, -0.5, 4.0]),
        "lateral.intact": np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
    }


def test_a_neuron_goes_with_the_synapses_onto_and_from_it() -> None:
    """b1: from i1 (retracted), onto a0 (active) and a1 (θ = 0), from a1 (retracted); input i1 is another neuron."""
    before = state()
    after, detail = NeuronLesion("b", [1]).apply(NETWORK, before)
    assert detail == {"population": "b", "neurons": [1], "synapses": 4, "active": 1}
    np.testing.assert_array_equal(after["neurons.removed"], [0, 0, 0, 1, 0])
    np.testing.assert_array_equal(after["axons.in_flight"], [[1, 1, 1, 0, 1]] * 2)
    np.testing.assert_array_equal(after["feedforward.intact"], [1, 0, 0, 1, 1])
    np.testing.assert_array_equal(after["lateral.intact"], [0, 1, 1, 0, 0, 1])
    for name in ("feedforward.theta", "lateral.theta"):
        np.testing.assert_array_equal(after[name], before[name])
    for name, values in state().items():
        np.testing.assert_array_equal(before[name], values)


def test_what_is_removed_already_is_not_counted_again() -> None:
    _, detail = NeuronLesion("b", [2, 1]).apply(NETWORK, state())
    assert detail == {"population": "b", "neurons": [1, 2], "synapses": 5, "active": 2}
    once, _ = NeuronLesion("b", [1]).apply(NETWORK, state())
    _, again = NeuronLesion("b", [1]).apply(NETWORK, once)
    assert (again["synapses"], again["active"]) == (0, 0)


def test_active_synapses_of_a_projection() -> None:
    after, detail = SynapseLesion("b_to_a", active_only=True).apply(NETWORK, state())
    assert detail == {"projection": "b_to_a", "active_only": True, "synapses": 3, "active": 3}
    np.testing.assert_array_equal(after["lateral.intact"], [0, 0, 0, 1, 1, 1])  # θ = 0 is not active
    np.testing.assert_array_equal(after["feedforward.intact"], state()["feedforward.intact"])
    np.testing.assert_array_equal(after["neurons.removed"], 0)


def test_a_block_is_between_the_neurons_named() -> None:
    after, detail = SynapseLesion("b_to_a", pre=[2, 1], post=[1]).apply(NETWORK, state())
    assert detail == {
        "projection": "b_to_a",
        "active_only": False,
        "pre": [1, 2],
        "post": [1],
        "synapses": 2,
        "active": 1,
    }
    np.testing.assert_array_equal(after["lateral.intact"], [1, 1, 0, 0, 1, 1])
    second, _ = SynapseLesion("i_to_a", post=[0]).apply(NETWORK, state())
    np.testing.assert_array_equal(second["feedforward.intact"], [1, 1, 0, 1, 0])
