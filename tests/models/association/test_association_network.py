"""The association network: which synapses it has."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spikingsampling.models.association.network import (
    AUDITORY,
    MODALITIES,
    VISUAL,
    AssociationParameters,
    LateralBlocks,
    association_network,
    lateral_mask,
)

blocks = st.builds(LateralBlocks, **{name: st.booleans() for name in LateralBlocks.model_fields})


@given(blocks, st.integers(1, 4), st.integers(2, 4))
def test_every_lateral_block_has_the_synapses_it_names(
    chosen: LateralBlocks, n_circuits: int, size: int
) -> None:
    parameters = AssociationParameters(n_circuits=n_circuits, circuit_size=size, blocks=chosen)
    n = n_circuits * size
    inside, everywhere = n_circuits * size * size, n * n
    within = chosen.within_circuit * (inside - n) + chosen.across_circuits * (everywhere - inside)
    between = chosen.matching_circuit * inside + chosen.other_circuits * (everywhere - inside)
    assert lateral_mask(parameters, VISUAL, VISUAL).sum() == within
    assert lateral_mask(parameters, VISUAL, AUDITORY).sum() == between
    network = association_network(parameters, 5, 3)
    assert network.n_synapses == 5 * n + 3 * n + 2 * within + 2 * between
    lateral = {p.name for p in network.projections} - {f"{m}_input_to_{m}" for m in MODALITIES}
    expected = {f"{m}_to_{m}" for m in MODALITIES if within} | {
        name for name in ("visual_to_auditory", "auditory_to_visual") if between
    }
    assert lateral == expected


def test_blocks_are_told_apart_by_circuit() -> None:
    parameters = AssociationParameters(n_circuits=2, circuit_size=2)
    one_block = {
        "within_circuit": (VISUAL, VISUAL, [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]),
        "across_circuits": (AUDITORY, AUDITORY, [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]]),
        "matching_circuit": (AUDITORY, VISUAL, [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]]),
        "other_circuits": (VISUAL, AUDITORY, [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]]),
    }
    for name, (pre, post, expected) in one_block.items():
        alone = LateralBlocks(**{block: block == name for block in LateralBlocks.model_fields})
        mask = lateral_mask(parameters.replace(blocks=alone), pre, post)
        np.testing.assert_array_equal(mask, np.array(expected, dtype=bool), err_msg=name)


def test_the_default_network_is_that_of_the_paper() -> None:
    network = association_network(AssociationParameters(), 784, 616)
    assert [(p.name, p.size) for p in network.populations] == [("visual", 40), ("auditory", 40)]
    assert network.n_circuits == 8
    # Feed-forward all to all; lateral between the modalities only.
    assert network.n_synapses == 784 * 40 + 616 * 40 + 2 * 40 * 40
    for name in MODALITIES:
        projection = network.projection(f"{name}_input_to_{name}")
        assert (projection.pre, projection.post) == (f"{name}_input", name)
