from __future__ import annotations

import numpy as np
import pytest

from helpers.small.networks import IMAGE, LEFT, RIGHT, SOUND, small_network
from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.models.association.network import AssociationParameters, association_network
from spikingsampling.network.description import Network, Population, Projection, Source, all_to_all, connect


def test_sizes_and_slices() -> None:
    network = small_network()
    assert (network.n_inputs, network.n_neurons, network.n_circuits) == (60, 10, 3)
    assert network.n_synapses == 40 * 4 + 20 * 6 + 4 * 6 + 6 * 4 + 4 * 3
    assert network.source_slices == {"image": slice(0, 40), "sound": slice(40, 60)}
    assert network.population_slices == {"left": slice(0, 4), "right": slice(4, 10)}
    np.testing.assert_array_equal(network.circuit, [0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
    np.testing.assert_array_equal(RIGHT.circuit, [0, 0, 0, 1, 1, 1])


def test_connect_lists_the_pairs_of_a_mask_by_target() -> None:
    mask = np.array([[1, 0, 1], [1, 0, 0]], dtype=bool)
    projection = connect("p", "pre", "post", mask)
    assert list(zip(projection.pre_index, projection.post_index, strict=True)) == [(0, 0), (1, 0), (0, 2)]
    assert len(projection) == 3


def test_all_to_all_leaves_out_a_neuron_itself() -> None:
    inside = all_to_all(LEFT, LEFT)
    assert len(inside) == 12
    assert np.all(inside.pre_index != inside.post_index)
    assert len(all_to_all(SOUND, RIGHT)) == 120


def test_pathways_lay_projections_end_to_end_with_global_indices() -> None:
    network = small_network()
    forward, lateral = network.pathways
    assert (forward.name, lateral.name) == ("feedforward", "lateral")
    for pathway, pre_offsets in (
        (forward, {"image_to_left": (0, 0), "sound_to_right": (40, 4)}),
        (lateral, {"left_to_right": (0, 4), "right_to_left": (4, 0), "left_to_left": (0, 0)}),
    ):
        assert list(pathway.slices) == list(pre_offsets)
        for name, (pre, post) in pre_offsets.items():
            projection, part = network.projection(name), pathway.slices[name]
            np.testing.assert_array_equal(pathway.pre_index[part], projection.pre_index + pre)
            np.testing.assert_array_equal(pathway.post_index[part], projection.post_index + post)
        assert len(pathway) == sum(len(network.projection(name)) for name in pre_offsets)


def test_a_network_without_lateral_synapses_has_one_pathway() -> None:
    network = Network([IMAGE], [LEFT], [all_to_all(IMAGE, LEFT)])
    assert [pathway.name for pathway in network.pathways] == ["feedforward"]
    assert len(network.lateral) == 0


@pytest.mark.parametrize(
    ("sources", "populations", "projections", "message"),
    [
        ([], [LEFT], [], "at least one source and one population"),
        ([IMAGE], [], [], "at least one source and one population"),
        ([Source("image", 0)], [LEFT], [], "size=0.*at least 1"),
        ([IMAGE], [Population("left", 0, 3)], [], "n_circuits=0.*at least 1"),
        ([IMAGE, IMAGE], [LEFT], [], r"names must differ, got \['image', 'image'"),
        ([IMAGE], [LEFT, LEFT], [], "names must differ"),
        ([Source("left", 3)], [LEFT], [], r"names must differ, got \['left', 'left'\]"),
        ([IMAGE], [LEFT], [all_to_all(IMAGE, LEFT)] * 2, "projections: names must differ"),
        (
            [IMAGE],
            [LEFT],
            [Projection("p", "image", "left", np.array([40]), np.array([0]))],
            "pre_index.*0 … 39",
        ),
        (
            [IMAGE],
            [LEFT],
            [Projection("p", "image", "left", np.array([0]), np.array([-1]))],
            "post_index.*0 … 3",
        ),
        (
            [IMAGE],
            [LEFT],
            [Projection("p", "image", "left", np.arange(2), np.arange(3))],
            "must be equally many",
        ),
    ],
)
def test_wrong_networks(sources, populations, projections, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Network(sources, populations, projections)


def test_unknown_names() -> None:
    with pytest.raises(UnknownNameError, match="unknown source or population 'imag'; did you mean 'image'"):
        Network([IMAGE], [LEFT], [connect("p", "imag", "left", np.ones((40, 4)))])
    with pytest.raises(UnknownNameError, match="unknown population 'image'"):
        Network([IMAGE], [LEFT], [connect("p", "image", "image", np.ones((40, 40)))])
    for kind in ("source", "population", "projection"):
        with pytest.raises(UnknownNameError, match=f"unknown {kind} 'lefd'"):
            getattr(small_network(), kind)("lefd")


def blocks(**changes: bool) -> AssociationParameters:
    none = dict.fromkeys(("within_circuit", "across_circuits", "matching_circuit", "other_circuits"), False)
    return AssociationParameters(n_circuits=3, circuit_size=2, blocks={**none, **changes})


@pytest.mark.parametrize(
    ("block", "n_synapses"),
    [
        ("within_circuit", 2 * 3 * 2 * 1),
        ("across_circuits", 2 * 3 * 2 * 4),
        ("matching_circuit", 2 * 3 * 2 * 2),
        ("other_circuits", 2 * 3 * 2 * 4),
    ],
)
def test_lateral_blocks_of_the_association_network(block: str, n_synapses: int) -> None:
    network = association_network(blocks(**{block: True}), 5, 7)
    assert len(network.lateral) == n_synapses
    pre, post = network.lateral.pre_index, network.lateral.post_index
    same_modality = (pre < 6) == (post < 6)
    same_circuit = network.circuit[pre] % 3 == network.circuit[post] % 3
    expected = {
        "within_circuit": (True, True),
        "across_circuits": (True, False),
        "matching_circuit": (False, True),
        "other_circuits": (False, False),
    }[block]
    assert np.all(same_modality == expected[0])
    assert np.all(same_circuit == expected[1])


def test_all_blocks_are_all_pairs_and_none_is_none() -> None:
    everything = association_network(
        blocks(within_circuit=True, across_circuits=True, matching_circuit=True, other_circuits=True), 5, 7
    )
    assert len(everything.lateral) == 12 * 11
    assert len(everything.feedforward) == 6 * 5 + 6 * 7
    assert len(association_network(blocks(), 5, 7).lateral) == 0


def test_the_association_network_keeps_modalities_apart() -> None:
    network = association_network(AssociationParameters(), 784, 616)
    assert (network.n_neurons, network.n_circuits, network.n_inputs) == (80, 8, 1400)
    forward = network.feedforward
    np.testing.assert_array_equal(forward.pre_index < 784, forward.post_index < 40)
    lateral = network.lateral
    np.testing.assert_array_equal(lateral.pre_index < 40, lateral.post_index >= 40)
