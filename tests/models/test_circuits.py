"""Single circuits and the schedule of the environments."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.models.circuits import (
    BRANCHES,
    INPUT_TO_CIRCUIT,
    VISUAL_INPUT_TO_VISUAL,
    Environments,
    circuit_network,
    silent_stimuli,
    visual_network,
)
from spikingsampling.network.parameters import CircuitParameters

PARAMETERS = CircuitParameters(adaptation=-0.3)


def test_one_circuit_hears_all_inputs() -> None:
    network = circuit_network(7, 3, PARAMETERS)
    assert (network.n_inputs, network.n_neurons, network.n_circuits) == (7, 3, 1)
    projection = network.projection(INPUT_TO_CIRCUIT)
    pairs = set(zip(projection.pre_index.tolist(), projection.post_index.tolist(), strict=True))
    assert pairs == {(i, k) for i in range(7) for k in range(3)}
    assert [p.name for p in network.projections] == [INPUT_TO_CIRCUIT]
    assert network.parameters == PARAMETERS


def test_the_visual_circuits_have_no_lateral_synapses() -> None:
    network = visual_network(6, 2, 5, PARAMETERS)
    assert (network.n_inputs, network.n_neurons, network.n_circuits) == (6, 10, 2)
    assert [p.name for p in network.projections] == [VISUAL_INPUT_TO_VISUAL]
    assert len(network.projection(VISUAL_INPUT_TO_VISUAL)) == 60


def test_silent_inputs_never_fire() -> None:
    stimuli = silent_stimuli(4)
    assert stimuli.presentation_period == 0.5
    np.testing.assert_array_equal(stimuli.table(circuit_network(4, 2, PARAMETERS)), 0)


def test_the_stays_and_when_they_end() -> None:
    e = Environments(
        standard_clusters=(4,),
        enriched_clusters=(1, 2),
        standard="50 s",
        enriched="30 s",
        follow_up="25 s",
        interval="10 s",
    )
    assert e.stays == {
        "se": ("standard", (4,), 50.0),
        "ee": ("enriched", (1, 2), 30.0),
        "ee_ee": ("ee_ee", (1, 2), 25.0),
        "ee_se": ("ee_se", (4,), 25.0),
    }
    assert set(BRANCHES) == {"ee_ee", "ee_se"}
    assert e.end == 80
    np.testing.assert_array_equal(e.follow_up_times, [90, 100])  # whole intervals only
    assert e.replace(follow_up="30 s").follow_up_times[-1] == 110
    with pytest.raises(ParameterError, match="enriched_clusters"):
        Environments(enriched_clusters=())
