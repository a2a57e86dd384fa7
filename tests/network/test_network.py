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
    assert not network.has_lateral


@pytest.mark.parametrize(
    ("sources", "populations", "projections", "message"),
    [
        ([], [LEFT], [], "at least one source and one population"),
        ([IMAGE], [], [], "at least one source and one population"),
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
            [Projection("p", "image", "left", np.array([0]), np.array([4]))],
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


@pytest.mark.parametrize("size", [0, -1, 3.0, np.float64(3), True, np.True_, "3", np.nan, np.inf, None])
def test_a_size_is_a_whole_number_from_1(size) -> None:
    for make in (
        lambda: Source("a", size),
        lambda: Population("a", size, 2),
        lambda: Population("a", 2, size),
    ):
        with pytest.raises(ParameterError, match=r"'a': \w+ = .*: must be a whole number, at least 1"):
            make()


@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u8", "f4"])
def test_the_type_of_sizes_and_indices_changes_nothing(dtype: str) -> None:
    """Both sources project: indices of the second begin after those of the first, far beyond 8 bits."""
    if dtype == "f4":
        sizes = [np.array(120), np.int16(120), np.uint8(2), np.array(3, "i1")]
    else:
        sizes = np.array([120, 120, 2, 3]).astype(dtype)
    sources, population = [Source("a", sizes[0]), Source("b", sizes[1])], Population("n", *sizes[2:])
    pre, post = np.repeat(np.arange(120), 6), np.tile(np.arange(6), 120)
    network, expected = (
        Network(
            [*ends[:2]],
            [ends[2]],
            [Projection(name, name, "n", pre.astype(t), post.astype(t)) for name in "ab"],
        )
        for ends, t in (
            ((*sources, population), dtype),
            ((Source("a", 120), Source("b", 120), Population("n", 2, 3)), np.int32),
        )
    )
    assert network.sources + network.populations == expected.sources + expected.populations
    assert all(type(value) is int for value in (population.size, network.n_inputs, network.n_neurons))
    for end in ("pre_index", "post_index"):
        index = getattr(network.pathways[0], end)
        assert index.dtype == np.int32
        np.testing.assert_array_equal(index, getattr(expected.pathways[0], end))


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (np.array([2**63], "u8"), "holds 9223372036854775808: must be from 0 to"),
        ([-1], "holds -1: must be from 0 to"),
        ([1.5], "holds 1.5: must hold integers"),
        ([np.nan], "holds nan: must hold integers"),
        ([True], "holds bool"),
        (["1"], "holds <U1: must hold real numbers"),
        ([[1]], "has shape"),
    ],
)
def test_wrong_indices(index, message: str) -> None:
    with pytest.raises(ParameterError, match=f"Projection 'p': pre_index {message}"):
        Projection("p", "image", "left", index, [0])
    with pytest.raises(ParameterError, match=f"Projection 'p': post_index {message}"):
        Projection("p", "image", "left", [0], index)


def test_a_mask_holds_truth_values() -> None:
    mask = np.array([[0, 1], [1, 1]], np.uint8)
    assert len(connect("p", "a", "b", mask)) == len(connect("p", "a", "b", mask == 1)) == 3
    for wrong in (np.array([[np.nan, 1.0]]), np.array([[0.5]]), np.ones(3)):
        with pytest.raises(ParameterError, match=r"mask of shape .*: must be a matrix of True and False"):
            connect("p", "a", "b", wrong)


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
    assert len(network.pathways[1]) == n_synapses
    pre, post = network.pathways[1].pre_index, network.pathways[1].post_index
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
    assert len(everything.pathways[1]) == 12 * 11
    assert len(everything.pathways[0]) == 6 * 5 + 6 * 7
    assert not association_network(blocks(), 5, 7).has_lateral


def test_the_association_network_keeps_modalities_apart() -> None:
    network = association_network(AssociationParameters(), 784, 616)
    assert (network.n_neurons, network.n_circuits, network.n_inputs) == (80, 8, 1400)
    forward = network.pathways[0]
    np.testing.assert_array_equal(forward.pre_index < 784, forward.post_index < 40)
    lateral = network.pathways[1]
    np.testing.assert_array_equal(lateral.pre_index < 40, lateral.post_index >= 40)
